# Writes the man page from what the program says of itself: cmake -D PROGRAM=... -D VERSION=... -D OUT=... -P man_page.cmake
set(ENV{LC_ALL} C)
set(ENV{LANGUAGE} "")

function(help_of result)
  execute_process(COMMAND ${PROGRAM} ${ARGN} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${help}" PARENT_SCOPE)
endfunction()

# A text as it stands, line by line.
function(verbatim result text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REPLACE "-" "\\-" text "${text}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
  string(STRIP "${text}" text)
  set(${result} ".nf\n${text}\n.fi\n" PARENT_SCOPE)
endfunction()

help_of(main)
# The rows of the list of commands: two blanks, a name, its description.
string(REGEX REPLACE ".*\nCommands:\n" "" rows "${main}")
string(REGEX MATCHALL "(^|\n)  [a-z-]+ " names "${rows}")
set(page ".TH GLASSFORMER 1 \"\" \"Glassformer ${VERSION}\" \"User Commands\"
.SH NAME
glassformer \\- a laboratory for the inside of GPT\\-2 class language models
.SH SYNOPSIS
.B glassformer
[\\fIMODEL\\fR] [\\fB\\-\\-prompt\\fR \\fIP\\fR] [\\fB\\-\\-session\\fR \\fIFILE\\fR] [\\fB\\-\\-dictionary\\fR \\fID\\fR] [\\fB\\-\\-do\\fR \\fIACTION\\fR [\\fIARGUMENTS\\fR]]...
.br
.B glassformer
\\fICOMMAND\\fR [\\fIOPTIONS\\fR]
.SH DESCRIPTION
Without a command the window opens. The commands work without a display.
.SH WINDOW
")
# With a model's name before it, --help speaks of the window.
help_of(window fable)
verbatim(text "${window}")
string(APPEND page "${text}.SH OVERVIEW
")
verbatim(text "${main}")
string(APPEND page "${text}.SH COMMANDS\n")
foreach(name ${names})
  string(STRIP "${name}" name)
  help_of(help ${name})
  verbatim(text "${help}")
  string(APPEND page ".SS glassformer ${name}\n${text}")
endforeach()
string(APPEND page ".SH EXIT STATUS
0: done. 1: it failed, and one line on standard error says what to do. 2: the arguments are wrong.
")
file(WRITE ${OUT} "${page}")

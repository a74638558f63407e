# Options, compiler settings and the two helpers that every folder uses.

option(GLASSFORMER_APP "Build renderer and application (off: the model alone, as the sanitizers do)" ON)
option(GLASSFORMER_TESTS "Build the tests" ON)
option(GLASSFORMER_FUZZ "Build the libFuzzer targets of tests/fuzz (Clang only)" OFF)
option(GLASSFORMER_ONEDNN "Multiply matrices with oneDNN (off: plain loops, slow, and 38 MB less to carry)" ON)
option(GLASSFORMER_KIT "With GLASSFORMER_APP off: the folder that checks a GPU (cuda/kit)" OFF)
set(GLASSFORMER_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

# ccache does not work well with precompiled headers, so they are off where ccache is used.
find_program(GLASSFORMER_CCACHE ccache)
if(GLASSFORMER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GLASSFORMER_CCACHE})
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

add_library(glassformer_settings INTERFACE)
target_include_directories(glassformer_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(glassformer_settings INTERFACE GLASSFORMER_VERSION="${PROJECT_VERSION}")
target_compile_options(glassformer_settings INTERFACE -Wall -Wextra -Wconversion -Werror)
# Messages and the program itself name files within the sources; where these lay when it was built is nobody's business.
target_compile_options(glassformer_settings INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 reports these inside std::string and std::vector where nothing is wrong (GCC bugs 105329, 105651, 105562);
  # which ones depends on inlining, so on the order of a unity build. They stay visible and do not stop the build.
  target_compile_options(glassformer_settings INTERFACE -Wno-error=array-bounds -Wno-error=restrict
    -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of GCC 12's library calls what that library has deprecated.
  target_compile_options(glassformer_settings INTERFACE -Wno-deprecated-declarations -Wno-unknown-warning-option)
endif()
if(GLASSFORMER_KIT)
  # The folder is to be small: its programs are linked with what they use of gf_model alone.
  target_compile_options(glassformer_settings INTERFACE -ffunction-sections -fdata-sections)
endif()
if(GLASSFORMER_SANITIZE)
  # With -O2 every check is inlined, and the build takes twice as long.
  target_compile_options(glassformer_settings INTERFACE -O1 -fsanitize=${GLASSFORMER_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(glassformer_settings INTERFACE -fsanitize=${GLASSFORMER_SANITIZE})
endif()
find_package(Threads REQUIRED)

# Programs look for their files beside themselves (own_folders()). The link is relative: a build folder may be moved with its sources.
file(RELATIVE_PATH assets_link ${CMAKE_BINARY_DIR} ${PROJECT_SOURCE_DIR}/assets)
file(CREATE_LINK ${assets_link} ${CMAKE_BINARY_DIR}/assets SYMBOLIC)

# glassformer_library(name FOLDERS dir... [LINK lib...] [PRECOMPILE header...])
# A static library of all .cpp files in the folders (not below them).
function(glassformer_library name)
  cmake_parse_arguments(L "" "" "FOLDERS;LINK;PRECOMPILE" ${ARGN})
  set(sources)
  foreach(folder ${L_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC glassformer_settings Threads::Threads ${L_LINK})
  target_precompile_headers(${name} PRIVATE
    <algorithm> <functional> <memory> <optional> <span> <string> <vector> <tl/expected.hpp> ${L_PRECOMPILE})
endfunction()

# glassformer_test(name SOURCES file... [LINK lib...] [LABELS label...] [ENVIRONMENT VAR=value...] [TIMEOUT seconds] [SHARDS count])
# One GoogleTest binary, and one ctest entry or, for one that runs for minutes, SHARDS of them.
function(glassformer_test name)
  cmake_parse_arguments(T "" "TIMEOUT;SHARDS" "SOURCES;LINK;LABELS;ENVIRONMENT" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE glassformer_test_main ${T_LINK})
  target_compile_definitions(${name} PRIVATE
    GLASSFORMER_SOURCE_DIR="${PROJECT_SOURCE_DIR}" GLASSFORMER_BUILD_DIR="${CMAKE_BINARY_DIR}")
  # What is tested is compiled as users get it; the tests themselves compile a fifth faster so and run as fast.
  target_compile_options(${name} PRIVATE $<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CXX>>:-O1>)
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 1200)
  endif()
  if(NOT T_SHARDS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT} ENVIRONMENT "${T_ENVIRONMENT}")
    return()
  endif()
  # GoogleTest gives every T_SHARDS'th test to each: ctest runs them side by side.
  math(EXPR last "${T_SHARDS} - 1")
  foreach(shard RANGE ${last})
    math(EXPR number "${shard} + 1")
    add_test(NAME ${name}_${number} COMMAND ${name})
    set_tests_properties(${name}_${number} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT}
      ENVIRONMENT "${T_ENVIRONMENT};GTEST_TOTAL_SHARDS=${T_SHARDS};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()

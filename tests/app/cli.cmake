# The command line, by running the program.
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
glassformer_test(app_cli_test
  SOURCES cli/cli_test.cpp cli/run_test.cpp cli/tokenize_test.cpp cli/bench_test.cpp cli/analyze_test.cpp cli/backend_test.cpp cli/lesson_test.cpp cli/readme_test.cpp cli/trace_file_test.cpp
    cli/crash_test.cpp cli/doctor_test.cpp cli/foreign_test.cpp cli/outputs_test.cpp cli/window_arguments_test.cpp cli/train_test.cpp cli/set_test.cpp cli/corpus_test.cpp cli/structure_test.cpp
  LINK gf_cli nlohmann_json::nlohmann_json)
if(TARGET app_cli_test)
  add_dependencies(app_cli_test glassformer)
endif()

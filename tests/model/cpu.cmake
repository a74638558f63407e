# The backend and its captures.
glassformer_test(model_cpu_test
  SOURCES cpu/twin_test.cpp cpu/sources_test.cpp cpu/nan_test.cpp cpu/reference_test.cpp cpu/kernels_test.cpp cpu/pass_times_test.cpp trace/trace_test.cpp trace/memory_test.cpp
  LINK gf_model)
# Gradients.
find_package(nlohmann_json REQUIRED)
glassformer_test(model_backward_test
  SOURCES cpu/backward_test.cpp cpu/backward_edits_test.cpp cpu/slopes_test.cpp cpu/split_inputs_test.cpp analysis/gradients_test.cpp analysis/paths_test.cpp analysis/circuit_graph_test.cpp analysis/lofit_test.cpp analysis/sparsity_test.cpp
  LINK gf_model nlohmann_json::nlohmann_json)

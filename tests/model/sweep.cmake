# Sweeps in batches beside their naive twin.
glassformer_test(model_sweep_test
  SOURCES session/sweep_test.cpp session/sweep_twin_test.cpp
  LINK gf_model nlohmann_json::nlohmann_json)

# Training.
find_package(nlohmann_json REQUIRED)
glassformer_test(model_training_test
  SOURCES lenses/tuned_lens_test.cpp training/gradients_test.cpp training/adamw_test.cpp training/losses_test.cpp training/trainer_test.cpp training/run_test.cpp
  LINK gf_model nlohmann_json::nlohmann_json)

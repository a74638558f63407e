# Recipes and sampling.
glassformer_test(model_edits_test
  SOURCES edits/recipe_test.cpp edits/compiled_test.cpp edits/clamp_test.cpp edits/directions_test.cpp edits/noise_test.cpp edits/round_test.cpp edits/head_cuts_test.cpp sampling/sampler_test.cpp sampling/filters_test.cpp
  LINK gf_model)
# Sessions and analyses, against the reference values too.
glassformer_test(model_session_test
  SOURCES session/golden_test.cpp session/golden_edits_test.cpp session/session_test.cpp session/parity_test.cpp session/edits_test.cpp session/trace_cache_test.cpp sampling/generate_test.cpp analysis/golden_analysis_test.cpp analysis/questions_test.cpp analysis/circuits_test.cpp analysis/answers_test.cpp analysis/probes_test.cpp analysis/tagged_set_test.cpp analysis/lens_test.cpp analysis/nan_test.cpp dictionaries/features_test.cpp dictionaries/feature_places_test.cpp dictionaries/feature_edits_test.cpp dictionaries/bundled_test.cpp analysis/scan_test.cpp analysis/corpus_test.cpp
  LINK gf_model nlohmann_json::nlohmann_json)

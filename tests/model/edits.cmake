# Recipes and sampling.
glassformer_test(model_edits_test
  SOURCES edits/recipe_test.cpp edits/compiled_test.cpp sampling/sampler_test.cpp
  LINK gf_model)

# What holds for any recipe.
glassformer_test(model_properties_test
  SOURCES edits/properties_test.cpp
  LINK gf_model)

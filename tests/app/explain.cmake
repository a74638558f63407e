glassformer_test(explain_test SOURCES explain/explain_test.cpp explain/tile_test.cpp explain/code_test.cpp explain/formula_reader.cpp
  LINK gf_scene LABELS app)

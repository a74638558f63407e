glassformer_test(explain_test SOURCES explain/explain_test.cpp explain/tile_test.cpp LINK gf_scene LABELS app)

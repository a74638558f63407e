# The viewport's frames, without a device.
glassformer_test(viewport_test SOURCES viewport/scene_pump_test.cpp LINK gf_ui LABELS app)

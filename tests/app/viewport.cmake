# The viewport's frames, without a device.
glassformer_test(viewport_test SOURCES viewport/scene_pump_test.cpp viewport/card_test.cpp viewport/card_board_test.cpp
  viewport/formula_sheet_test.cpp LINK gf_ui LABELS app)

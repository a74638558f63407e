# The window without a display: docks, actions, keys. Small text in, the screen's text out.
find_package(nlohmann_json REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Network Widgets Test)
glassformer_test(ui_test
  SOURCES ui/screen.cpp ui/actions_test.cpp ui/docks_test.cpp ui/keyboard_test.cpp ui/palette_test.cpp ui/arguments_test.cpp
  ui/job_strip_test.cpp ui/keeper_test.cpp ui/answer_view_test.cpp ui/answer_dock_test.cpp ui/language_test.cpp ui/layouts_test.cpp ui/speak_test.cpp ui/window_test.cpp ui/split_test.cpp ui/error_strip_test.cpp ui/picture_dialog_test.cpp
  ui/lessons_test.cpp ui/lists_test.cpp ui/present_test.cpp ui/small_window_test.cpp ui/refresh_test.cpp ui/get_model_test.cpp hub/hub_server.cpp
  ui/why_dock_test.cpp ui/attention_dock_test.cpp ui/neuron_view_test.cpp ui/plots_test.cpp ui/sweep_dock_test.cpp
  ui/history_dock_test.cpp ui/bookmarks_test.cpp ui/data_dock_test.cpp ui/probe_dock_test.cpp ui/sidecar_test.cpp ui/decoding_dock_test.cpp ui/directions_dock_test.cpp ui/sparsity_dock_test.cpp ui/features_dock_test.cpp ui/findings_dock_test.cpp ui/examples_dock_test.cpp ui/product_test.cpp ui/two_prompts_test.cpp ui/compare_dock_test.cpp ui/blocking_test.cpp ui/train_dock_test.cpp ui/story_test.cpp ui/structure_test.cpp ui/menu_test.cpp ui/shortcuts_test.cpp ui/parity_badge_test.cpp ui/monkey_test.cpp ui/pieces_test.cpp
  LINK gf_ui gf_cuda_host nlohmann_json::nlohmann_json Qt6::Widgets Qt6::Network Qt6::Test
  SHARDS 6 ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
add_dependencies(ui_test glassformer)  # the docks say what the command line says

# Fonts, label placement, the mailbox: no device.
glassformer_test(renderer_text_test
  SOURCES text/font_test.cpp text/outline_sdf_test.cpp text/labels_test.cpp text/line_pieces_test.cpp text/chinese_test.cpp viewer/mailbox_test.cpp
  LINK gf_renderer)
# Pictures of text and overlays.
glassformer_test(renderer_text_picture_test
  SOURCES text/text_picture_test.cpp
  LINK gf_renderer
  LABELS vulkan
  ENVIRONMENT VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json)
# The viewer in a window: X11 alone, no toolkit. It brings its own display, so that no window manager interferes.
find_package(X11 REQUIRED)
find_program(XVFB_RUN xvfb-run)
add_executable(renderer_viewer_test viewer/viewer_test.cpp)
target_link_libraries(renderer_viewer_test PRIVATE glassformer_test_main gf_renderer X11::X11)
set(own_display)
if(XVFB_RUN)
  set(own_display ${XVFB_RUN} -a -s "-screen 0 1280x720x24 -noreset")
endif()
add_test(NAME renderer_viewer_test COMMAND ${own_display} $<TARGET_FILE:renderer_viewer_test>)
set_tests_properties(renderer_viewer_test PROPERTIES LABELS "gui;vulkan" TIMEOUT 300 RUN_SERIAL TRUE
  ENVIRONMENT VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json)

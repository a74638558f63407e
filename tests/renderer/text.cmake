# Fonts, label placement, the mailbox: no device.
glassformer_test(renderer_text_test
  SOURCES text/font_test.cpp text/outline_sdf_test.cpp text/labels_test.cpp viewer/mailbox_test.cpp
  LINK gf_renderer)
# Pictures of text and overlays.
glassformer_test(renderer_text_picture_test
  SOURCES text/text_picture_test.cpp
  LINK gf_renderer
  LABELS vulkan)
# The viewer in a window: X11 alone, no toolkit.
find_package(X11 REQUIRED)
glassformer_test(renderer_viewer_test
  SOURCES viewer/viewer_test.cpp
  LINK gf_renderer X11::X11
  LABELS gui vulkan)

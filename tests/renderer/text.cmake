# Fonts and label placement: no device.
glassformer_test(renderer_text_test
  SOURCES text/font_test.cpp text/outline_sdf_test.cpp text/labels_test.cpp
  LINK gf_renderer)
# Pictures of text and overlays, and the window's thread.
glassformer_test(renderer_text_picture_test
  SOURCES text/text_picture_test.cpp
  LINK gf_renderer
  LABELS vulkan)

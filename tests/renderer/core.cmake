# Camera, colours, levels, picking: no device.
glassformer_test(renderer_core_test
  SOURCES core/camera_test.cpp core/colormap_test.cpp core/panel_view_test.cpp core/pick_test.cpp core/strokes_test.cpp core/tile_space_test.cpp
  LINK gf_renderer)
# Pictures, read back.
glassformer_test(renderer_picture_test
  SOURCES core/cells_picture_test.cpp core/picture_test.cpp
  LINK gf_renderer
  LABELS vulkan
  ENVIRONMENT VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json)

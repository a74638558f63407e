glassformer_test(scene_truth_test
  SOURCES truth/contents_test.cpp truth/pixels_test.cpp truth/split_test.cpp truth/side_test.cpp truth/parts_test.cpp
  LINK gf_export
  LABELS vulkan
  TIMEOUT 900
  ENVIRONMENT VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json)

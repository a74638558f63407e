glassformer_test(export_test
  SOURCES export/export_test.cpp export/figure_test.cpp export/legend_test.cpp export/handout_test.cpp export/notebook_test.cpp
  LINK gf_export gf_cli
  LABELS app)
foreach(kind film svg)
  glassformer_test(${kind}_test
    SOURCES export/${kind}_test.cpp
    LINK gf_export
    LABELS vulkan
    ENVIRONMENT VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json)
endforeach()
# The command line's pictures: needs the program and a Vulkan driver.
add_test(NAME render_test COMMAND bash ${CMAKE_CURRENT_LIST_DIR}/export/render_test.sh $<TARGET_FILE:glassformer> ${CMAKE_BINARY_DIR}/render_test)
set_tests_properties(render_test PROPERTIES LABELS vulkan TIMEOUT 300
  ENVIRONMENT VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json)

glassformer_test(scene_test
  SOURCES
    scene/timeline_test.cpp
    scene/layout_test.cpp
    scene/page_test.cpp
    scene/pointed_test.cpp
    scene/scene_builder_test.cpp
    scene/structure_test.cpp
    scene/machine_sources_test.cpp
    scene/stream_test.cpp
    scene/feature_marks_test.cpp
    scene/compose_test.cpp
    scene/one_head_test.cpp
    scene/operations_test.cpp
    scene/cube_test.cpp
    scene/framed_test.cpp
    scene/edge_names_test.cpp
    scene/kept_names_test.cpp
    scene/low_names_test.cpp
    scene/selected_names_test.cpp
    scene/guides_test.cpp
    scene/follow_test.cpp
  LINK gf_scene
  LABELS scene)

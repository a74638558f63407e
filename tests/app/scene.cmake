glassformer_test(scene_test
  SOURCES
    scene/timeline_test.cpp
    scene/layout_test.cpp
    scene/machine_test.cpp
    scene/machine_sources_test.cpp
    scene/stream_test.cpp
  LINK gf_scene
  LABELS scene)

# A tool for looking, not a test: built on request.
add_executable(scene_shot EXCLUDE_FROM_ALL scene/layout_scene_shot.cpp)
target_link_libraries(scene_shot PRIVATE gf_scene gf_renderer)

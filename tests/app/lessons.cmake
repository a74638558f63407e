# Lessons: their language, their files, and whether the bundled ones are true; and stories, which are lessons that a run makes.
glassformer_test(lessons_test
  SOURCES lessons/expression_test.cpp lessons/formula_test.cpp lessons/formula_reading.cpp lessons/markdown_test.cpp
    lessons/lesson_test.cpp lessons/question_test.cpp lessons/bundled_test.cpp lessons/player_test.cpp
    story/story_test.cpp story/player_test.cpp
  LINK gf_lessons gf_story)

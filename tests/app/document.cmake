glassformer_test(document_test
  SOURCES document/command_test.cpp document/document_test.cpp document/edits_by_hand_test.cpp document/jobs_test.cpp document/kept_sessions_test.cpp document/pipeline_test.cpp document/studies_test.cpp document/lab_test.cpp document/notices_test.cpp document/times_test.cpp document/view_json_test.cpp document/patching_test.cpp document/training_test.cpp
  LINK gf_document gf_cuda_host)

find_package(nlohmann_json REQUIRED)
glassformer_test(model_base_test LINK gf_model LABELS model SOURCES
  base/logits_test.cpp
  base/nearest_test.cpp
  base/numbers_test.cpp
  base/text_test.cpp
  base/text_file_test.cpp
  base/text_lines_test.cpp
  base/input_files_test.cpp
  base/parallel_test.cpp
  base/printable_test.cpp
  base/signal_stack_test.cpp
  base/whole_file_test.cpp
  base/tensor_test.cpp
  base/hooks_test.cpp)
glassformer_test(model_io_test LINK gf_model nlohmann_json::nlohmann_json LABELS model SOURCES
  io/safetensors_test.cpp
  io/translations_test.cpp
  io/mapped_file_test.cpp
  io/huggingface_test.cpp
  io/huggingface_refusal_test.cpp
  io/beside_test.cpp
  io/loaders_test.cpp
  io/structure_test.cpp
  io/torch_test.cpp
  io/state_dict_test.cpp
  io/arrays_test.cpp
  io/gguf_blocks_test.cpp
  io/convert_test.cpp
  io/sizes_test.cpp
  io/untrusted_test.cpp
  io/pickle_test.cpp
  io/formats_test.cpp
  dictionaries/forms_test.cpp
  dictionaries/topk_trainer_test.cpp)
glassformer_test(model_tokenizer_test LINK gf_model nlohmann_json::nlohmann_json LABELS model SOURCES
  tokenizer/bpe_test.cpp
  tokenizer/text_test.cpp
  tokenizer/added_tokens_test.cpp
  tokenizer/load_tokenizer_test.cpp)

# Downloads, against a server of the test's own.
find_package(Qt6 6.4 REQUIRED COMPONENTS Network)
glassformer_test(hub_test SOURCES hub/hub_server.cpp hub/fetch_test.cpp LINK gf_hub nlohmann_json::nlohmann_json Qt6::Network)

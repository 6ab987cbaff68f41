# micro_benchmarks: what each piece of a verification costs by itself. Only where Google Benchmark is installed.
find_package(benchmark QUIET)
if(benchmark_FOUND)
  add_executable(micro_benchmarks EXCLUDE_FROM_ALL micro_calls.cc micro_keys.cc micro_store.cc micro_token.cc
                 ${PROJECT_SOURCE_DIR}/tests/integration/hsm/soft_hsm.cc)
  target_link_libraries(micro_benchmarks PRIVATE claviger_options claviger_api claviger_store claviger_hsm claviger_keys
    claviger_protocol claviger_base benchmark::benchmark benchmark::benchmark_main GTest::gtest PkgConfig::P11KIT
    OpenSSL::Crypto ZLIB::ZLIB fmt::fmt ${CMAKE_DL_LIBS})
  target_compile_definitions(micro_benchmarks PRIVATE CLAVIGER_TOKEN="$<TARGET_FILE:claviger-token>")
  add_dependencies(micro_benchmarks claviger-token)
endif()

# The fuzz targets, the libraries that each needs, and the folders of tests/corpus that it starts from. With the fuzz
# preset they become libFuzzer programs; in other builds their corpus is replayed as a test.
set(fuzz_targets call frame key_string catalogue unit_address)
set(call_libraries claviger_protocol claviger_base Boost::json)
set(call_corpus calls)
set(frame_libraries claviger_server claviger_protocol claviger_base)
set(frame_corpus frames)
set(key_string_libraries claviger_keys claviger_base)
set(key_string_corpus key_strings)
set(catalogue_libraries claviger_keys claviger_base)
set(catalogue_corpus catalogues)
set(unit_address_libraries claviger_protocol claviger_base)
set(unit_address_corpus unit_addresses)

# claviger_daemon_test(NAME [LABEL label] [TIMEOUT seconds])
# A test in Python, NAME.py in the calling folder, that runs the programs; tests/lib/claviger_harness.py starts them.
function(claviger_daemon_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "CLAVIGER_BUILD=${PROJECT_BINARY_DIR}" LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT})
endfunction()

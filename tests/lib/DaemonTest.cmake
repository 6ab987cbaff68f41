# claviger_daemon_test(NAME [LABEL label] [TIMEOUT seconds] [AS_ROOT])
# A test in Python, NAME.py in the calling folder, that runs the programs; tests/lib/claviger_harness.py starts them.
# AS_ROOT: it speaks to the daemon as other users, which only root can; its second label is then "root".
function(claviger_daemon_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "AS_ROOT" "LABEL;TIMEOUT" "")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(labels ${arg_LABEL})
  if(arg_AS_ROOT)
    list(APPEND labels root)
  endif()
  add_test(NAME ${name} COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "CLAVIGER_BUILD=${PROJECT_BINARY_DIR}" LABELS "${labels}" TIMEOUT ${arg_TIMEOUT})
endfunction()

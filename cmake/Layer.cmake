# claviger_layer(NAME SOURCES ... [PUBLIC targets...] [PRIVATE targets...])
# One static library for one folder. PUBLIC names only what appears in the folder's headers.
function(claviger_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(claviger_${name} STATIC ${arg_SOURCES})
  target_link_libraries(claviger_${name} PUBLIC ${arg_PUBLIC} PRIVATE claviger_options ${arg_PRIVATE})
endfunction()

# Compiler settings shared by every target of ours, as one interface target that is linked PRIVATE.
add_library(claviger_options INTERFACE)
target_include_directories(claviger_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(claviger_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough
  -fstack-protector-strong
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # Where sources are compiled together, what one of them keeps for itself is seen by the next, and more is inlined.
  $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage;-Wno-null-dereference>"
  $<$<BOOL:${CLAVIGER_WARNINGS_AS_ERRORS}>:-Werror>)
target_compile_definitions(claviger_options INTERFACE CLAVIGER_VERSION="${PROJECT_VERSION}")
target_link_options(claviger_options INTERFACE -Wl,-z,relro,-z,now)

if(CLAVIGER_SANITIZE)
  add_compile_options(-fsanitize=${CLAVIGER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CLAVIGER_SANITIZE})
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_compile_options(-fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
    add_compile_options(-fcf-protection)
  endif()
endif()

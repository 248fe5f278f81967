# Flags common to every target, and lamina_stage(): one folder of runtime/ -> one object library.
# SPDX-License-Identifier: Apache-2.0

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# lamina_flags: warnings and floating-point rules. Contraction is off everywhere: an fma is written where
# one is meant, so that results do not depend on the compiler's taste.
add_library(lamina_flags INTERFACE)
target_compile_options(lamina_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -ffp-contract=off)
# GCC 12 sees overlaps that cannot be in std::string's operator+ (GCC bug 105651).
target_compile_options(lamina_flags INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(LAMINA_SANITIZE)
  target_compile_options(lamina_flags INTERFACE -fsanitize=${LAMINA_SANITIZE} -fno-sanitize-recover=all
                                                -fno-omit-frame-pointer)
  target_link_options(lamina_flags INTERFACE -fsanitize=${LAMINA_SANITIZE})
endif()

# lamina_stage(name [SMALL] SOURCES ... [LIBRARIES ...]): object library lamina_<name>, added to lamina_stages. SMALL is for
# stages that run once per model: -Os makes them a third as large and compiles them in two thirds of the time.
function(lamina_stage name)
  cmake_parse_arguments(STAGE "SMALL" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(lamina_${name} OBJECT ${STAGE_SOURCES})
  target_include_directories(lamina_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/runtime)
  target_link_libraries(lamina_${name} PRIVATE lamina_flags ${STAGE_LIBRARIES})
  if(STAGE_SMALL)
    target_compile_options(lamina_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
  set_property(GLOBAL APPEND PROPERTY LAMINA_STAGES lamina_${name})
endfunction()

# gx_room(NAME SOURCES a.c b.c LINKS lower_rooms libraries): the static library of one folder under src/.
function(gx_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
    add_library(gx_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(gx_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
    target_compile_definitions(gx_${name} PRIVATE _GNU_SOURCE)
    target_link_libraries(gx_${name} PRIVATE gx_warnings PUBLIC ${ROOM_LINKS})
endfunction()

set(GRANTEX_TESTS_DIR ${CMAKE_BINARY_DIR}/tests/bin)
set(GRANTEX_WRAPPED_ALLOCATORS -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup)

# gx_unit_test(NAME SOURCES … LINKS …): one cmocka program, one ctest. Allocations of what it links go through
# tests/unit/support/failing_alloc.c, so that a test can let the n-th one fail.
function(gx_unit_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${TEST_SOURCES} ${PROJECT_SOURCE_DIR}/tests/unit/support/failing_alloc.c)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE GX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE gx_warnings ${TEST_LINKS} PkgConfig::CMOCKA)
    target_link_options(${name} PRIVATE ${GRANTEX_WRAPPED_ALLOCATORS})
    # The modules take the wrappers from here; and the linker turns libgrantex.so's use of strdup into the wrapped one
    # too when TSan provides it. So they must be visible.
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${GRANTEX_TESTS_DIR} C_VISIBILITY_PRESET default ENABLE_EXPORTS ON)
    add_test(NAME ${name} COMMAND ${name})
endfunction()

# gx_store_test(NAME …): the same, and a second ctest that runs the program on PostgreSQL (support/store_place.h).
function(gx_store_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
    gx_unit_test(${name} SOURCES ${TEST_SOURCES} ${PROJECT_SOURCE_DIR}/tests/unit/support/store_place.c LINKS ${TEST_LINKS})
    add_test(NAME ${name}_on_postgres
        COMMAND /usr/bin/env python3 -B ${PROJECT_SOURCE_DIR}/tests/with_postgres.py $<TARGET_FILE:${name}>)
endfunction()

# Parts of grantexd that most runs never need, and whose libraries are large: shared objects of our own, which it loads
# when it needs them (src/base/module.h). They lie where it finds them from its own place, installed or not.
set(GRANTEX_MODULES_DIR ${CMAKE_INSTALL_FULL_LIBDIR}/grantex)
file(RELATIVE_PATH GRANTEX_MODULES_FROM_PROGRAM ${CMAKE_INSTALL_FULL_BINDIR} ${GRANTEX_MODULES_DIR})
set(GRANTEX_MODULES_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/grantex) # below the prefix that the installing names

function(gx_module_target target name programs)
    add_library(${target} MODULE ${MODULE_SOURCES})
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
    target_link_libraries(${target} PRIVATE gx_warnings ${MODULE_LINKS})
    target_link_options(${target} PRIVATE -Wl,--as-needed) # of what the rooms link it uses little
    set_target_properties(${target} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${programs}/${GRANTEX_MODULES_FROM_PROGRAM})
endfunction()

# gx_module(NAME SOURCES a.c LINKS rooms libraries): the file NAME.so; and a second one for the unit tests, whose
# allocations they can let fail.
function(gx_module name)
    cmake_parse_arguments(MODULE "" "" "SOURCES;LINKS" ${ARGN})
    gx_module_target(${name} ${name} ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    install(TARGETS ${name} LIBRARY DESTINATION ${GRANTEX_MODULES_INSTALL_DIR})
    if(GRANTEX_TESTS)
        gx_module_target(${name}-tested ${name} ${GRANTEX_TESTS_DIR})
        target_link_options(${name}-tested PRIVATE ${GRANTEX_WRAPPED_ALLOCATORS})
    endif()
endfunction()

# gx_embed(TARGET NAME FILE…): puts the bytes of files into a target, as `gx_embedded_NAME` of base/embedded.h, in the
# order given. Build time, CMake only; a changed file is embedded anew.
#
# Included, this file defines the function; run with `cmake -P EmbedText.cmake -- OUT NAME FILE…` it writes the C file.
function(gx_embed target name)
    set(script ${CMAKE_CURRENT_FUNCTION_LIST_FILE})
    set(files)
    foreach(file IN LISTS ARGN)
        get_filename_component(file ${file} ABSOLUTE)
        list(APPEND files ${file})
    endforeach()
    set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.c)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -P ${script} -- ${out} ${name} ${files}
        DEPENDS ${files} ${script}
        COMMENT "Embedding ${name}" VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()

# The bytes go out as numbers: a string literal of any length is beyond what C promises.
function(gx_embed_write out name)
    set(arrays)
    set(table)
    set(number 0)
    foreach(file IN LISTS ARGN)
        file(READ ${file} hex HEX)
        string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
        get_filename_component(base ${file} NAME)
        # The last 0 ends the text for readers that want a C string; it is not counted.
        string(APPEND arrays "static const unsigned char file_${number}[] = {\n${bytes}0x00};\n")
        string(APPEND table "    {\"${base}\", (const char *)file_${number}, sizeof file_${number} - 1},\n")
        math(EXPR number "${number} + 1")
    endforeach()
    file(WRITE ${out} "#include \"base/embedded.h\"\n\n${arrays}\nGX_EMBEDDED(${name});\n"
        "const gx_embedded_file gx_embedded_${name}[] = {\n${table}    {NULL, NULL, 0},\n};\n")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    set(arguments)
    math(EXPR last "${CMAKE_ARGC} - 1")
    foreach(index RANGE 4 ${last}) # after: cmake -P script --
        list(APPEND arguments ${CMAKE_ARGV${index}})
    endforeach()
    gx_embed_write(${arguments})
endif()

# GRANTEX_SANITIZE=address,undefined or thread: the whole build, so that every room is watched.
set(GRANTEX_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, comma-separated")
if(GRANTEX_SANITIZE)
    add_compile_options(-fsanitize=${GRANTEX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${GRANTEX_SANITIZE})
endif()

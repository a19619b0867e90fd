# One set of warnings for our own code, gcc and clang alike; all of them are errors.
add_library(gx_warnings INTERFACE)
target_compile_options(gx_warnings INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Werror)

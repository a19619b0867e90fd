"""Builds grantex._grantex, which needs gcc (or clang) and libcurl's headers (Debian: libcurl4-openssl-dev).

Where libgrantex comes from:
- by default its sources are compiled in, hidden: those of the tree around this folder, else the copy that the sdist has
  in libgrantex/. Nothing must be built or installed before, and the wheel stands alone but for libcurl.
- GRANTEX_ARCHIVE=…/libgrantex.a: that archive, of a build of the tree (./x python uses it).
- GRANTEX_SYSTEM=1: the installed libgrantex.so, by pkg-config. For distributions.
"""

import os
import pathlib
import shlex
import shutil
import subprocess

from setuptools import Extension, setup

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent
COPY = HERE / "libgrantex"
ROOMS = ("base", "wire", "lib")
ABI = "0x03090000"  # CPython 3.9; see also py_limited_api below


def copy_library():
    """What the library is made of, so that an sdist has it too."""
    if not (TREE / "src" / "lib" / "client.c").is_file():
        return
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in ("include/grantex", *(f"src/{room}" for room in ROOMS)):
        (COPY / folder).mkdir(parents=True)
        for file in sorted((TREE / folder).glob("*.[ch]")):
            shutil.copy2(file, COPY / folder)
    shutil.copy2(TREE / "LICENSE", HERE)


def pkg_config(what, package):
    said = subprocess.run(["pkg-config", what, package], capture_output=True, text=True, check=False)
    return shlex.split(said.stdout) if said.returncode == 0 else None


def version():
    (line,) = [line for line in (HERE / "grantex/_version.py").read_text().splitlines() if line.startswith("__version__")]
    return line.split('"')[1]


def curl():
    return {
        "extra_compile_args": pkg_config("--cflags", "libcurl") or [],
        "extra_link_args": pkg_config("--libs", "libcurl") or ["-lcurl"],
    }


def compiled_in():
    sources = [file for room in ROOMS for file in sorted((COPY / "src" / room).glob("*.c"))]
    # base/module.c loads the server's modules and asks for paths of a build of it; the library has none.
    names = [str(file.relative_to(HERE)) for file in sources if file.name != "module.c"]
    found = curl()
    return {
        "sources": names,
        "include_dirs": ["libgrantex/src", "libgrantex/include"],
        "define_macros": [("GRANTEX_STATIC", None), ("_GNU_SOURCE", None), ("GX_LIBRARY_VERSION", f'"{version()}"')],
        "extra_compile_args": ["-g0", "-ffunction-sections", "-fdata-sections", *found["extra_compile_args"]],
        "extra_link_args": ["-Wl,--gc-sections", "-pthread", *found["extra_link_args"]],
    }


def from_archive(archive):
    return {
        "sources": [],
        "include_dirs": [str(TREE / "include")],
        "define_macros": [("_GNU_SOURCE", None)],
        "extra_compile_args": [],
        "extra_objects": [archive],
        "extra_link_args": ["-Wl,--gc-sections", "-Wl,--exclude-libs,ALL", "-pthread", *curl()["extra_link_args"]],
        "depends": [archive],
    }


def from_system():
    flags, libraries = pkg_config("--cflags", "grantex"), pkg_config("--libs", "grantex")
    if flags is None or libraries is None:
        raise SystemExit("GRANTEX_SYSTEM=1, but pkg-config knows no grantex")
    return {
        "sources": [],
        "define_macros": [("_GNU_SOURCE", None)],
        "extra_compile_args": flags,
        "extra_link_args": libraries,
    }


def library():
    if os.environ.get("GRANTEX_SYSTEM"):
        return from_system()
    if os.environ.get("GRANTEX_ARCHIVE"):
        return from_archive(os.environ["GRANTEX_ARCHIVE"])
    return compiled_in()


copy_library()
parts = library()
own = sorted(str(file.relative_to(HERE)) for file in (HERE / "src").glob("*.c"))
parts["sources"] = own + parts["sources"]
parts["define_macros"] = [("Py_LIMITED_API", ABI), *parts["define_macros"]]
parts["extra_compile_args"] = ["-std=c11", "-fvisibility=hidden", *parts["extra_compile_args"]]
parts.setdefault("depends", []).extend(sorted(str(file.relative_to(HERE)) for file in (HERE / "src").glob("*.h")))

setup(
    version=version(),
    packages=["grantex"],
    package_data={"grantex": ["py.typed", "*.pyi"]},
    zip_safe=False,
    ext_modules=[Extension("grantex._grantex", py_limited_api=True, **parts)],
    options={"bdist_wheel": {"py_limited_api": "cp39"}},
)

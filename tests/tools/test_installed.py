"""libgrantex as a packager installs it and as a stranger's build finds it. GRANTEX_BUILD_DIR says which build, else build/."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GRANTEX_BUILD_DIR", ROOT / "build")).resolve()
CONSUMER = ROOT / "tests/consumer"
HEADERS = sorted(path.name for path in (ROOT / "include/grantex").glob("*.h"))
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False, **more)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Moved after the installation: nothing in it may know where it was."""
    first, final = tmp_path_factory.mktemp("first") / "usr", tmp_path_factory.mktemp("moved") / "opt"
    run("cmake", "--install", BUILD, "--prefix", first)
    first.rename(final)
    return final


@pytest.fixture(scope="module")
def library_folder(prefix):
    return next(prefix.glob("lib*/**/libgrantex.so")).parent


def pkg_config(library_folder, *words):
    return run("pkg-config", *words, "grantex", env={**os.environ, "PKG_CONFIG_PATH": str(library_folder / "pkgconfig")}).split()


def works(program, library_folder=None):
    env = {**os.environ, **({"LD_LIBRARY_PATH": str(library_folder)} if library_folder else {})}
    assert run(program, env=env).endswith(" works\n")


def test_a_cmake_project_finds_it_in_c_and_in_cpp_shared_and_static(prefix, library_folder, tmp_path):
    run("cmake", "-S", CONSUMER, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", tmp_path)
    for language in ("c", "cpp"):
        works(tmp_path / f"{language}_grantex")
        works(tmp_path / f"{language}_grantex_static")
        assert "libgrantex.so.0" in run("ldd", tmp_path / f"{language}_grantex")
        assert "libgrantex" not in run("ldd", tmp_path / f"{language}_grantex_static")


def test_the_command_comes_with_its_manual_and_completions_where_shells_look_for_them(prefix):
    share = prefix / "share"
    assert "grantex events stream" in (share / "man/man1/grantex.1").read_text().replace("\\", "")
    for file, sign in (("bash-completion/completions/grantex", "complete -F _grantex grantex"), ("zsh/site-functions/_grantex", "#compdef grantex"),
                       ("fish/vendor_completions.d/grantex.fish", "complete -c grantex")):
        assert sign in (share / file).read_text()


def test_a_version_that_does_not_fit_is_not_found(prefix, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(x LANGUAGES C)\nfind_package(grantex 0.2 REQUIRED)\n")
    done = subprocess.run(["cmake", "-S", tmp_path, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={prefix}"], capture_output=True, text=True)
    assert done.returncode != 0 and "0.2" in done.stderr


@pytest.mark.parametrize("compiler, standard, source", [
    ("gcc", "c99", "consumer.c"), ("gcc", "c11", "consumer.c"), ("clang", "c17", "consumer.c"),
    ("g++", "c++11", "consumer.cpp"), ("g++", "c++20", "consumer.cpp"),
])
def test_pkg_config_gives_what_a_compiler_needs(library_folder, tmp_path, compiler, standard, source):
    program = tmp_path / "program"
    run(compiler, f"-std={standard}", *STRICT, CONSUMER / source, *pkg_config(library_folder, "--cflags", "--libs"), "-o", program)
    works(program, library_folder)


def test_pkg_config_says_what_the_archive_needs(library_folder, tmp_path):
    words = [word for word in pkg_config(library_folder, "--static", "--cflags", "--libs") if word != "-lgrantex"]
    program = tmp_path / "program"
    run("gcc", CONSUMER / "consumer.c", library_folder / "libgrantex.a", *words, "-o", program)
    works(program)


@pytest.mark.parametrize("compiler, language, standard", [("gcc", "c", "c99"), ("g++", "c++", "c++11")])
@pytest.mark.parametrize("header", HEADERS)
def test_a_header_needs_no_other_before_it(prefix, tmp_path, header, compiler, language, standard):
    source = tmp_path / "source"
    source.write_text(f"#include <grantex/{header}>\n#include <grantex/{header}>\nint unused;\n")
    run(compiler, "-x", language, f"-std={standard}", *STRICT, f"-I{prefix}/include", "-fsyntax-only", source)


def declared():
    text = "".join((ROOT / "include/grantex" / header).read_text() for header in HEADERS)
    return set(re.findall(r"GRANTEX_API[^;]*?\b(grantex_\w+)\(", text))


def test_the_library_shows_what_the_headers_declare_and_nothing_else(library_folder):
    shown = {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--defined-only", library_folder / "libgrantex.so").splitlines()}
    assert shown - {"GRANTEX_0"} == declared()


def test_the_archive_takes_no_names_but_its_own(library_folder):
    names = re.findall(r" [A-TV-Z] (\w+)$", run("nm", "--defined-only", library_folder / "libgrantex.a"), re.MULTILINE)
    assert names and not [name for name in names if not name.startswith(("grantex_", "gx_"))]


def test_the_library_says_its_version_in_its_name(library_folder):
    assert (library_folder / "libgrantex.so").resolve().name == "libgrantex.so.0.1.0"
    assert "SONAME               libgrantex.so.0\n" in run("objdump", "-p", library_folder / "libgrantex.so")


def test_a_package_for_running_has_no_headers(tmp_path):
    run("cmake", "--install", BUILD, "--prefix", tmp_path, "--component", "runtime")
    names = {path.name for path in tmp_path.rglob("*") if not path.is_dir()}
    assert {"libgrantex.so.0", "libgrantex.so.0.1.0"} <= names
    assert not [name for name in names if name.endswith((".h", ".a", ".pc", ".cmake", "grantex.so"))]

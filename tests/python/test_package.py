"""Wheel and sdist: what ./x python makes, installed where nothing else is."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from support import build

# Where neither PyPI nor what this build has can help: the setuptools of the system, a compiler, libcurl.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
QUICKLY = {"CFLAGS": "-O0"}  # what is built to see whether it can be
USE = """
import sys
import grantex
assert grantex.__file__.startswith(sys.prefix), grantex.__file__
assert grantex._grantex.version() == grantex.__version__
with grantex.Grantex("gx_test_key", base_url="http://127.0.0.1:9", max_retries=0) as client:
    try:
        client.grants.list()
    except grantex.GrantexNetworkError as error:
        print("no answer")
"""


def said(*command, cwd=None, **environment):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False,
                          stdin=subprocess.DEVNULL, env={**ENVIRONMENT, **environment})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(name="python")
def fixture_python(tmp_path):
    """An interpreter of its own, that has the system's setuptools and nothing of ours."""
    said("/usr/bin/python3", "-m", "venv", "--system-site-packages", tmp_path / "venv")
    return tmp_path / "venv/bin/python"


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    """What somebody has who took the sources and built nothing."""
    tree = tmp_path / "tree"
    for name in ("src", "include", "python"):
        shutil.copytree(build.ROOT / name, tree / name, ignore=shutil.ignore_patterns("build", "dist", "libgrantex", "*.egg-info"))
    shutil.copy2(build.ROOT / "LICENSE", tree)
    return tree


def install(python, what, **environment):
    said(python, "-m", "pip", "install", "--no-index", "--no-build-isolation", "--disable-pip-version-check", what, cwd="/", **environment)
    assert said(python, "-c", USE, cwd="/") == "no answer\n"


def run_setup(tree, *arguments):
    said("/usr/bin/python3", "setup.py", "-q", *arguments, cwd=tree / "python")


def test_pip_installs_the_folder_with_nothing_built(python, tree):
    install(python, tree / "python", **QUICKLY)


def test_the_sdist_stands_alone(python, tree, tmp_path):
    run_setup(tree, "sdist", "--dist-dir", tmp_path)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {pathlib.PurePath(*pathlib.PurePath(name).parts[1:]).as_posix() for name in archive.getnames()}
    assert {"libgrantex/src/lib/client.c", "libgrantex/include/grantex/events.h", "src/module.h", "grantex/py.typed", "README.md", "LICENSE"} <= names
    shutil.rmtree(tree)
    install(python, sdist, **QUICKLY)


def test_one_wheel_serves_every_python_and_hides_the_library(python, tree, tmp_path):
    run_setup(tree, "bdist_wheel", "--dist-dir", tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    assert "-cp39-abi3-linux_" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extract("grantex/_grantex.abi3.so", tmp_path)
    assert {"grantex/py.typed", "grantex/_grantex.pyi", "grantex/__init__.py"} <= set(names)
    shared = tmp_path / "grantex/_grantex.abi3.so"
    symbols = [line.split()[-1] for line in said("nm", "-D", "--defined-only", shared).splitlines()]
    assert symbols == ["PyInit__grantex"]
    assert "libgrantex" not in said("readelf", "-d", shared) and "libcurl" in said("readelf", "-d", shared)
    wanted = {line.split()[-1] for line in said("nm", "-D", "--undefined-only", shared).splitlines()}
    private = {name for name in wanted if name.startswith("_Py")} - {"_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct", "_Py_NotImplementedStruct",
                                                                     "_Py_Dealloc", "_PyObject_New", "_PyObject_GC_NewVar", "_Py_BuildValue_SizeT",
                                                                     "_PyArg_ParseTuple_SizeT", "_PyArg_ParseTupleAndKeywords_SizeT",
                                                                     "_PyObject_CallFunction_SizeT", "_PyObject_CallMethod_SizeT"}
    assert not private, "only what the stable ABI of 3.9 has"
    shutil.rmtree(tree)
    install(python, wheel)


def test_a_distribution_links_the_library_that_it_has(python, tree, tmp_path):
    prefix = tmp_path / "prefix"
    if not (build.FOLDER / "lib/libgrantex.so").exists():
        pytest.skip(f"{build.FOLDER} has no libgrantex.so")
    for component in ("runtime", "development"):
        said("cmake", "--install", build.FOLDER, "--prefix", prefix, "--component", component)
    (pc,) = prefix.rglob("grantex.pc")
    install(python, tree / "python", GRANTEX_SYSTEM="1", PKG_CONFIG_PATH=str(pc.parent), LD_RUN_PATH=str(pc.parent.parent))
    (shared,) = (tmp_path / "venv").rglob("_grantex.abi3.so")
    assert "libgrantex.so.0" in said("readelf", "-d", shared)


def test_what_the_stubs_say_of_the_c_half_is_there():
    import ast

    import grantex

    tree = ast.parse((build.ROOT / "python/grantex/_grantex.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            assert callable(getattr(grantex._grantex, node.name))
        if isinstance(node, ast.ClassDef):
            kind = getattr(grantex._grantex, node.name)
            missing = [part.name for part in node.body if isinstance(part, ast.FunctionDef) and not hasattr(kind, part.name)]
            assert not missing, f"{node.name}: {missing}"
            told = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            untold = {name for name in vars(kind) if not name.startswith("__")} - told
            assert not untold, f"{node.name}: {untold}"


def test_everything_public_is_documented():
    import inspect

    import grantex

    def parts(thing):
        return [getattr(thing, name) for name in vars(thing) if not name.startswith("_") and callable(getattr(thing, name))]

    for name in grantex.__all__:
        thing = getattr(grantex, name)
        assert name == "__version__" or inspect.getdoc(thing), name
        if inspect.isclass(thing) and thing.__module__ == "grantex" and not issubclass(thing, (Exception, grantex.Call)):
            for part in parts(thing):
                assert inspect.getdoc(part), part


@pytest.mark.skipif(sys.version_info < (3, 10), reason="inspect does not read these annotations")
def test_the_parameters_of_the_page_have_their_names_and_defaults():
    import inspect

    import grantex

    events = type(grantex.Grantex("gx_test_key").events)
    stream, subscribe = inspect.signature(events.stream).parameters, inspect.signature(events.subscribe).parameters
    assert list(stream)[1:3] == ["event_types", "since"] and list(subscribe)[1:4] == ["handler", "event_types", "since"]
    for parameter in (stream["event_types"], stream["since"], subscribe["event_types"], subscribe["since"]):
        assert parameter.default is None and parameter.kind is parameter.POSITIONAL_OR_KEYWORD

"""Where compiled code is kept: keyed by the sources, whatever the folders allow, and told in one line."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FunctionType, SimpleNamespace

import numba
import pytest
from numba import types
from numba.core.errors import NumbaError

import chainrule
from chainrule.engines.compiled import code_cache, kernels

PACKAGE = Path(chainrule.__file__).parent
FIT = """
import numpy as np
from chainrule import Network
rng = np.random.default_rng(0)
nn = Network((3, 4, 2), ("tanh", "identity"), seed=1)
h = nn.fit(rng.normal(size=(20, 3)), rng.normal(size=(20, 2)), epochs=2, batch_size=5, engine="compiled", verbose=False)
assert h.engine == "compiled"
print(h["J"][-1])
"""


def run(code=FIT, package=None, **environment):
    """Run code in a process of its own, perhaps with a copy of the package; what it wrote."""
    changed = {name: str(value) for name, value in environment.items()}
    if package is not None:
        changed["PYTHONPATH"] = str(package)
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **changed},
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip(), found.stderr


@pytest.fixture(scope="module")
def copied_package(tmp_path_factory):
    """A copy of the package elsewhere, whose files and folders cannot be written, and its warm folder of code."""
    root, home = tmp_path_factory.mktemp("install"), tmp_path_factory.mktemp("code")
    shutil.copytree(PACKAGE, root / "chainrule", ignore=shutil.ignore_patterns("__pycache__"))
    for path in [root, *root.rglob("*")]:
        path.chmod(stat.S_IRUSR | stat.S_IXUSR if path.is_dir() else stat.S_IRUSR)
    before = sorted(root.rglob("*"))
    first = run(package=root, CHAINRULE_CACHE_DIR=home)
    yield root, home, first, before
    for path in [root, *root.rglob("*")]:
        path.chmod(stat.S_IRWXU)


@pytest.fixture
def warm(copied_package, tmp_path):
    """The copy of the package, and a copy of its folder of code, to be spoilt."""
    root, home, (result, _), _ = copied_package
    return root, shutil.copytree(home, tmp_path / "code"), result


def test_the_first_compiling_is_announced_in_one_line_and_a_warm_start_is_silent(copied_package):
    root, home, (result, said), before = copied_package
    assert said == "chainrule compiles its engine for this machine, which takes about 10 seconds, once.\n"
    assert run(package=root, CHAINRULE_CACHE_DIR=home) == (result, "")
    assert sorted(root.rglob("*")) == before  # nothing is written beside the sources


def test_the_folder_is_the_users_alone(copied_package):
    (folder,) = copied_package[1].iterdir()
    assert folder.name.startswith("compiled-")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_derivative_that_is_edited_changes_the_engine(copied_package, warm, tmp_path):
    _, home, result = warm
    edited = tmp_path / "edited"
    shutil.copytree(PACKAGE, edited / "chainrule", ignore=shutil.ignore_patterns("__pycache__"))
    path = edited / "chainrule" / "functions" / "activations" / "sigmoids.py"
    times = path.stat()
    source = path.read_text()
    assert "return 1 - a * a" in source
    path.write_text(source.replace("return 1 - a * a", "return 2 - a * a"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    found, said = run(package=edited, CHAINRULE_CACHE_DIR=home)
    assert found != result
    assert "compiles its engine for this machine" in said
    assert len(list(home.iterdir())) == 2
    numpy = run(FIT.replace('"compiled"', '"numpy"'), package=edited)[0]
    assert float(found) == pytest.approx(float(numpy), rel=1e-5)
    assert float(found) != pytest.approx(float(result), rel=1e-5)


def folder_with(monkeypatch, **environment):
    for name in ("CHAINRULE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        if name in environment:
            monkeypatch.setenv(name, str(environment[name]))
        else:
            monkeypatch.delenv(name, raising=False)
    return code_cache.cache_folder.__wrapped__()


def test_where_the_folder_is(monkeypatch, tmp_path):
    name = f"compiled-{code_cache.source_hash()}"
    both = {"CHAINRULE_CACHE_DIR": tmp_path / "own", "XDG_CACHE_HOME": tmp_path / "xdg", "HOME": tmp_path}
    assert folder_with(monkeypatch, **both) == tmp_path / "own" / name
    del both["CHAINRULE_CACHE_DIR"]
    assert folder_with(monkeypatch, **both) == tmp_path / "xdg" / "chainrule" / name
    monkeypatch.setattr(sys, "platform", "linux")
    assert folder_with(monkeypatch, HOME=tmp_path) == tmp_path / ".cache" / "chainrule" / name
    monkeypatch.setattr(sys, "platform", "darwin")
    assert folder_with(monkeypatch, HOME=tmp_path) == tmp_path / "Library" / "Caches" / "chainrule" / name


def test_the_hash_is_of_sources_versions_and_processor(monkeypatch):
    before = code_cache.source_hash()
    assert before == code_cache.source_hash()
    monkeypatch.setattr(numba, "__version__", "0.0")
    versions = code_cache.source_hash()
    monkeypatch.setattr(code_cache.binding, "get_host_cpu_name", lambda: "abacus")
    assert len({before, versions, code_cache.source_hash()}) == 3


SIGNATURE = types.float64(types.float64)


def doubled(x):
    return x + x


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty folder for code, as at the start of a process."""
    folder = tmp_path / "home" / "code"
    monkeypatch.setattr(code_cache, "cache_folder", lambda: folder)
    as_at_the_start()
    yield folder
    as_at_the_start()


def as_at_the_start():
    code_cache._keeps_code.cache_clear()
    code_cache._announce_compiling.cache_clear()


def files(folder):
    return sorted(path.suffix for path in folder.rglob("*doubled*"))


def test_a_function_is_kept_and_taken_from_the_folder_in_the_next_process(folder, capsys):
    first = code_cache.compiled_function(doubled, SIGNATURE)
    assert (first.ctypes(2.0), first.cache_hits, files(folder)) == (4.0, 0, [".nbc", ".nbi"])
    assert capsys.readouterr().err.startswith("chainrule compiles its engine for this machine")
    as_at_the_start()
    second = code_cache.compiled_function(doubled, SIGNATURE)
    assert (second.ctypes(2.0), second.cache_hits, capsys.readouterr().err) == (4.0, 1, "")


def test_what_earlier_trainings_did_not_need_is_announced_once(folder, capsys):
    code_cache.compiled_function(code_of(doubled, "before"), SIGNATURE)
    as_at_the_start()
    capsys.readouterr()
    code_cache.compiled_function(doubled, SIGNATURE)
    code_cache.compiled_function(code_of(doubled, "after"), SIGNATURE)
    said = "chainrule compiles what this training needs and no earlier one did; this takes a few seconds, once.\n"
    assert capsys.readouterr().err == said


def code_of(function, name):
    return FunctionType(function.__code__.replace(co_name=name, co_qualname=name), globals(), name)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_damaged_file_is_compiled_anew(folder, ending, kept):
    code_cache.compiled_function(doubled, SIGNATURE)
    (path,) = folder.rglob(f"*doubled*.{ending}")
    path.write_bytes(path.read_bytes()[:kept])
    assert code_cache.compiled_function(doubled, SIGNATURE).ctypes(2.0) == 4.0
    assert files(folder) == [".nbc", ".nbi"]  # written anew
    assert code_cache.compiled_function(doubled, SIGNATURE).cache_hits == 1


def test_a_fault_of_the_code_is_told_as_it_is(folder):
    def faulty(x):
        return x.no_such_thing

    with pytest.raises(NumbaError, match="no_such_thing"):
        code_cache.compiled_function(faulty, SIGNATURE)


def test_without_a_folder_to_write_it_compiles_and_says_so_once(folder, capsys):
    folder.parent.write_text("a file stands where the folder should be")
    for _ in range(2):
        assert code_cache.compiled_function(doubled, SIGNATURE).ctypes(2.0) == 4.0
    said = capsys.readouterr().err
    assert said.startswith("chainrule cannot keep compiled code (")
    assert str(folder) in said
    assert said.count("\n") == 1
    assert "CHAINRULE_CACHE_DIR" in said


def test_without_a_home_it_compiles(folder, monkeypatch, capsys):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(code_cache, "cache_folder", nowhere)
    assert code_cache.compiled_function(doubled, SIGNATURE).ctypes(2.0) == 4.0
    assert "Could not determine home directory." in capsys.readouterr().err


def test_a_program_without_a_console_compiles(folder, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert code_cache.compiled_function(doubled, SIGNATURE).ctypes(2.0) == 4.0


def test_numbas_own_setting_is_what_it_was(folder, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "mine")
    code_cache.compiled_function(doubled, SIGNATURE)
    assert numba.config.CACHE_DIR == "mine"

    def faulty(x):
        return x.no_such_thing

    with pytest.raises(NumbaError):
        code_cache.compiled_function(faulty, SIGNATURE)
    assert numba.config.CACHE_DIR == "mine"


def test_two_processes_that_compile_at_the_same_time(warm):
    root, home, result = warm
    for path in [*home.rglob("*update_sgd*"), *home.rglob("*f_tanh*")]:
        path.unlink()
    environment = {**os.environ, "PYTHONPATH": str(root), "CHAINRULE_CACHE_DIR": str(home)}
    both = [
        subprocess.Popen([sys.executable, "-c", FIT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        for _ in range(2)
    ]
    for process in both:
        out, said = process.communicate()
        assert process.returncode == 0, said
        assert out.decode().strip() == result
    assert run(package=root, CHAINRULE_CACHE_DIR=home) == (result, "")


def test_threads_that_need_the_same_kernel_compile_it_once(monkeypatch):
    made, calls = [], []

    def slow(function, *given, **options):
        calls.append(function.__name__)
        time.sleep(0.05)
        return SimpleNamespace(address=7)

    def ask():
        made.append(kernels._kernel(doubled, "a_kernel_of_this_test", 1, {}))

    monkeypatch.setattr(kernels, "compiled_function", slow)
    monkeypatch.setattr(kernels, "_COMPILED", {})
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made, calls) == ([7] * 4, ["a_kernel_of_this_test"])


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such modes")
@pytest.mark.parametrize("where", ["folder", "parent"])
def test_a_folder_that_others_may_write_to_is_not_used(folder, where, capsys):
    folder.mkdir(parents=True, exist_ok=True)
    (folder if where == "folder" else folder.parent).chmod(0o777)
    assert not code_cache._keeps_code()
    assert "others than you may write to" in capsys.readouterr().err

"""The pytest plugin: fixtures, the marker, the project's process, and nothing heavy before it is needed."""

from __future__ import annotations

from pathlib import Path

from .running import project, run_pytest


def test_nothing_heavy(tmp_path: Path) -> None:
    """A run that uses nothing of it has imported none of what it is made of."""
    tests = """\
import sys

def test_it():
    ours = sorted(name for name in sys.modules if name.split(".")[0] == "ao_runtime")
    assert ours == ["ao_runtime", "ao_runtime.errors", "ao_runtime.lazy", "ao_runtime.testing",
                    "ao_runtime.testing.plugin", "ao_runtime.testing.running"]
    assert not {"lupa", "pydantic", "click", "hypothesis", "watchfiles"} & set(sys.modules)
"""
    ran = run_pytest(project(tmp_path, test_one__py=tests), "-p", "no:hypothesispytest")
    assert (ran.code, ran.summary) == (0, "1 passed in Ts"), ran.out


def test_process_of_the_project(tmp_path: Path) -> None:
    """Without a marker it is the project's process, with its owner, tags and dialect; a marker may change the owner."""
    tests = """\
import pytest

def test_it(process, net):
    assert (process.name, net.label(process.owner)) == ("Points", "alice")
    assert process.eval("return ao._version").text.startswith("2.0.3") or True
    assert process.eval("return Owner == ao.env.Process.Owner").text == "true"
    assert net.module == net.modules.of_dialect("2.0.3")

@pytest.mark.ao(owner="bob")
def test_other_owner(process, net):
    assert net.label(process.owner) == "bob"

def test_empty(net):
    assert net.processes == []
"""
    settings = 'process = "token.lua"\nowner = "alice"\ndialect = "2.0.3"\n[tags]\nName = "Points"\n'
    folder = project(tmp_path, **{"ao-run__toml": settings})
    (folder / "tests").mkdir()
    (folder / "tests" / "test_one.py").write_text(tests)
    ran = run_pytest(folder, "tests")
    assert (ran.code, ran.summary) == (0, "3 passed in Ts"), ran.out


def test_network_of_ones_own(tmp_path: Path) -> None:
    """`ao_network` is what every test begins with, markers or not; it is made once."""
    tests = """\
import pytest
from ao_runtime import Network

made = []

@pytest.fixture(scope="session")
def ao_network():
    made.append(1)
    net = Network()
    net.spawn(code="x = 1", name="shop")
    return net

def test_it(net):
    assert [one.name for one in net.processes] == ["shop"]
    net.process("shop").eval("x = 2")

@pytest.mark.ao(process="token.lua", name="token")
class TestOne:
    def test_both(self, net, process):
        assert [one.name for one in net.processes] == ["shop", "token"]
        assert net.process("shop").get("x") == 1
        assert made == [1]

    @pytest.mark.ao(name="another")
    def test_inner_marker(self, process):
        assert process.name == "another"
"""
    ran = run_pytest(project(tmp_path, test_one__py=tests))
    assert (ran.code, ran.summary) == (0, "3 passed in Ts"), ran.out


def test_errors_for_people(tmp_path: Path) -> None:
    """What is wrong with a marker, a process or its code is said, without a frame of ours."""
    tests = """\
import pytest

def test_nobody_says(process): pass

@pytest.mark.ao(proces="token.lua")
def test_misspelt(process): pass

@pytest.mark.ao("token.lua")
def test_positional(process): pass

@pytest.mark.ao(process="nowhere.lua")
def test_no_file(process): pass

@pytest.mark.ao(process="token.lua", code="x = 1")
def test_both(process): pass

@pytest.mark.ao(code="x = nil + 1")
def test_fails(process): pass

@pytest.mark.ao(code="x = nil + 1")
def test_fails_again(net): pass
"""
    ran = run_pytest(project(tmp_path, test_one__py=tests))
    assert ran.summary == "7 errors in Ts"
    said = {
        name.removeprefix("ERROR at setup of "): text.split("\nAll traceback entries are hidden")[0]
        .removeprefix("E   ")
        .replace("\n    \n", "\n\n")
        for name, text in ran.failures.items()
    }
    assert said == ERRORS
    assert "ao_runtime/" not in ran.out


_FAILED = """\
ao_runtime.errors.LoadError: attempt to perform arithmetic on a nil value
      aos:1

      > 1 | x = nil + 1"""
ERRORS = {
    "test_nobody_says": "ao_runtime.errors.InputError: process: nobody says which process is tested "
    '(@pytest.mark.ao(process="token.lua"), or process = "token.lua" in ao-run.toml)',
    "test_misspelt": "ao_runtime.errors.InputError: ao(proces=): there is no such option (did you mean process?)",
    "test_positional": 'pytest.UsageError: ao takes names only: @pytest.mark.ao(process="token.lua")',
    "test_no_file": "ao_runtime.errors.InputError: nowhere.lua: cannot be read: No such file or directory",
    "test_both": "ao_runtime.errors.InputError: ao(process=, code=): a process has a file or code, not both",
    "test_fails": _FAILED,
    "test_fails_again": _FAILED,
}

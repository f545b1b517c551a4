"""The base class that a project's own tests point at a process."""

from __future__ import annotations

import pytest

from ao_runtime.conformance import OurLua, Scenario
from ao_runtime.conformance.recording import record_to
from ao_runtime.conformance.testing import MODULE_VARIABLE

from .scenarios import CODE, PING, Changed, ping, silent

pytest_plugins = ["pytester"]

TEST = """
from ao_runtime.conformance.testing import ConformanceTest

class TestPing(ConformanceTest):
    process = "ping.lua"
    messages = [{"From": "bob", "Action": "Ping", "Data": "hello"}]
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a process."""
    monkeypatch.delenv(MODULE_VARIABLE, raising=False)
    pytester.makefile(".lua", ping=CODE)
    return pytester


def run(project: pytest.Pytester, more: str = "") -> pytest.RunResult:
    """Runs the project's test."""
    project.makepyfile(test_ping=TEST + more)
    return project.runpytest_inprocess("-p", "no:randomly", "-rs")


def scenario(project: pytest.Pytester) -> Scenario:
    """The scenario that the project's test makes."""
    return Scenario.of(project.path / "ping.lua", [PING], name="TestPing")


def test_passes(project: pytest.Pytester) -> None:
    """A process that behaves as recorded passes."""
    record_to(project.path, scenario(project), OurLua())
    result = run(project, "    recorded = 'TestPing.json'\n")
    result.assert_outcomes(passed=1)


def test_fails(project: pytest.Pytester) -> None:
    """A process that does not fails with the message, what differs and the table, and without a traceback."""
    record_to(project.path, scenario(project), Changed(silent))
    result = run(project, "    recorded = 'TestPing.json'\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["── TestPing[[]1[]] · Ping from bob", "what differs", "  Messages[[]0[]]", "TestPing * 2 * 1 * 1"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_without_a_module(project: pytest.Pytester) -> None:
    """Without anything to compare with it is skipped, and says what to set."""
    result = run(project)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*set TestPing.module or AO_RUNTIME_MODULE"])


def test_a_module_that_is_not_there(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module named by the environment variable that cannot be read is an error that names it."""
    monkeypatch.setenv(MODULE_VARIABLE, "missing.wasm")
    result = run(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*InputError*missing.wasm*"])


def test_a_scenario_of_ones_own(project: pytest.Pytester) -> None:
    """A recorded scenario alone is enough, and `scenario` may make any other."""
    record_to(project.path, ping(), OurLua())
    project.makepyfile(
        test_ping="""
        from ao_runtime.conformance import Scenario
        from ao_runtime.conformance.testing import ConformanceTest

        class TestRecorded(ConformanceTest):
            recorded = "ping.json"

        class TestOwn(ConformanceTest):
            recorded = "ping.json"

            def scenario(self):
                return Scenario.read("ping.json")
        """
    )
    project.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=2)

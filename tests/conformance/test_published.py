"""Our Lua beside the published modules: the shipped scenarios, and fuzzed messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("wasmtime", reason="published modules need wasmtime: pip install wasmtime")

from ao_runtime.conformance import OurLua, Published, compare
from ao_runtime.conformance.fuzzing import LIMITS, MODULE_LIMITS, fuzz
from ao_runtime.conformance.report import describe
from ao_runtime.conformance.scenario import shipped
from ao_runtime.conformance.sides import MODULES
from ao_runtime.conformance.testing import MODULE_VARIABLE

from ..cli.running import ROOT, ao_run
from ..differential.fetch import OracleMissingError, folder

MESSAGES = 300
MANY = 5000


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of published modules; what needs it is skipped, with the reason, where it cannot be had."""
    from ao_runtime.wasm import cache

    try:
        found = folder() / "modules"
    except OracleMissingError as error:
        pytest.skip(f"not compared with published modules: {error}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.FOLDER_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield found


@pytest.mark.parametrize("dialect", MODULES)
def test_shipped_scenarios(dialect: str, modules: Path) -> None:
    """Every shipped scenario has the same results on our Lua and on its dialect's module."""
    module = Published(modules / MODULES[dialect])
    for scenario in shipped(dialect):
        comparison = compare(scenario, OurLua(dialect), module)
        assert comparison.same, "\n".join(describe(comparison, comparison.unexplained[0]))


@pytest.mark.parametrize("dialect", MODULES)
def test_fuzzed_messages(dialect: str, modules: Path) -> None:
    """Some hundred generated messages have the same results, but for the differences that are meant."""
    module = Published(modules / MODULES[dialect], limits=MODULE_LIMITS)
    fuzzed = fuzz(MESSAGES, "ci", OurLua(dialect, limits=LIMITS), module, dialect=dialect, most_findings=1)
    for finding in fuzzed.findings:
        pytest.fail("\n".join(describe(finding.comparison, finding.comparison.unexplained[0])))
    assert fuzzed.messages == MESSAGES


@pytest.mark.long
@pytest.mark.parametrize("dialect", MODULES)
def test_many_fuzzed_messages(dialect: str, modules: Path) -> None:
    """Some thousand generated messages have the same results, but for the differences that are meant."""
    module = Published(modules / MODULES[dialect], limits=MODULE_LIMITS)
    fuzzed = fuzz(MANY, "long", OurLua(dialect, limits=LIMITS), module, dialect=dialect, most_findings=1)
    for finding in fuzzed.findings:
        pytest.fail("\n".join(describe(finding.comparison, finding.comparison.unexplained[0])))
    assert fuzzed.messages == MANY


def test_command(modules: Path, tmp_path: Path) -> None:
    """`ao-run conform --module` compares, records and fuzzes."""
    module = str(modules / MODULES["2.0.6"])
    token = ["-p", "examples/token/token.lua", str(ROOT / "examples/token/messages.json")]
    token[1] = str(ROOT / token[1])
    assert ao_run("conform", "--module", module, *token).code == 0
    ran = ao_run("conform", "--module", module, "--record", str(tmp_path), *token)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert json.loads((tmp_path / "messages.json").read_text())["reference"] == "aos2_0_6.wasm"
    assert ao_run("conform", str(tmp_path / "messages.json")).code == 0
    ran = ao_run("conform", "--module", module, "--fuzz", "30", "--seed", "command", "--json")
    (document,) = ran.results
    assert ran.code == 0
    assert (document["fuzz"]["messages"], document["fuzz"]["scenarios"]) == (30, [])
    ran = ao_run("conform", "--module", module, "--fuzz", "30", "--seed", "command")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "30 generated messages to 1 processes (seed command): 0 differences, 0 more explained\n"


def test_base_class(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base class compares with the module that the environment variable names."""
    from ao_runtime.conformance.testing import ConformanceTest

    class Ping(ConformanceTest):
        process = ROOT / "examples/ping/ping.lua"
        messages = ({"From": "alice", "Action": "Ping"},)

    monkeypatch.setenv(MODULE_VARIABLE, str(modules / MODULES["2.0.6"]))
    Ping().test_same_on_both_engines()

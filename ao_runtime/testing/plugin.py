"""The pytest plugin: fixtures, the marker `ao`, Lua tests. What it does is in other files, read when it is needed."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..network import Clock, Network, NetworkProcess, NetworkWallet
    from .worlds import World, Worlds  # noqa: F401 — a key of the stash names it

__tracebackhide__ = True

_WORLDS = pytest.StashKey["Worlds"]()
_WORLD = pytest.StashKey["World"]()
#: Ours that a test may ask for: each Hypothesis example finds them as they were.
_FIXTURES = frozenset({"net", "process", "wallet", "clock"})
_ENDINGS = ("_test.lua", "_spec.lua")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("ao", "ao processes")
    group.addoption("--ao-update", action="store_true", help="write what approves() compares with")
    group.addoption("--no-ao-lua", action="store_true", help="do not collect Lua tests (*_test.lua, *_spec.lua)")


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    # pytest rewrites the asserts of whatever brings a plugin along. Ours need it not, and to compile this package anew
    # takes seconds where no byte code is kept.
    marked = getattr(getattr(config.pluginmanager, "rewrite_hook", None), "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard("ao_runtime")
    config.addinivalue_line(
        "markers", "ao(process=, code=, owner=, tags=, name=, limits=): the ao process that a test is about"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of Lua tests."""
    if not file_path.name.endswith(_ENDINGS) or parent.config.getoption("no_ao_lua"):
        return None
    from .collecting import LuaFile

    return LuaFile.from_parent(parent, path=file_path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The end."""
    worlds = config.stash.get(_WORLDS, None)
    if worlds is not None:
        worlds.close()


# ── fixtures ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def ao_network(request: pytest.FixtureRequest) -> Network:
    """The network that every test begins with: an empty one. Override it for processes that all tests need."""
    from .starting import network_of_project

    return network_of_project(request.config.rootpath)


@pytest.fixture
def _ao_world(request: pytest.FixtureRequest) -> Iterator[World]:
    from .worlds import Spec, Worlds

    given: dict[str, Any] = {}
    for mark in reversed([*request.node.iter_markers("ao")]):
        if mark.args:
            raise pytest.UsageError(f'ao takes names only: @pytest.mark.ao(process="{mark.args[0]}")')
        given.update(mark.kwargs)
    wanted = given or "process" in request.fixturenames
    spec = Spec.of(request.node.path.parent, given) if wanted else None
    worlds = request.config.stash.setdefault(_WORLDS, Worlds())
    world = worlds.get(request.getfixturevalue("ao_network"), spec)
    request.node.stash[_WORLD] = world
    with world.anchored():
        yield world


@pytest.fixture
def net(_ao_world: World) -> Network:
    """The network of this test: what happens in it is undone afterwards."""
    return _ao_world.network


@pytest.fixture
def process(_ao_world: World) -> NetworkProcess:
    """The process that is tested: the one of the marker `ao`, or the project's."""
    assert _ao_world.process is not None
    return _ao_world.process


@pytest.fixture
def wallet(_ao_world: World) -> Callable[[str], NetworkWallet]:
    """`wallet("alice")` is the wallet of that name in this test's network."""
    return _ao_world.network.wallet


@pytest.fixture
def clock(_ao_world: World) -> Clock:
    """The clock of this test's network: `advance("1h")`, `set("2027-01-01T00:00Z")`, `mine(3)`."""
    return _ao_world.network.clock


# ── a test ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Each Hypothesis example has a state of its own."""
    from .running import items

    items.append(item)
    try:
        return (yield from _called(item))
    finally:
        items.remove(item)


def _called(item: pytest.Item) -> Generator[None, Any, Any]:
    world = item.stash.get(_WORLD, None)
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    if world is None or handle is None or "hypothesis" not in sys.modules:
        return (yield)
    _allow(item)
    inner = handle.inner_test

    @functools.wraps(inner)
    def example(*arguments: Any, **named: Any) -> Any:
        with world.anchored():
            return inner(*arguments, **named)

    handle.inner_test = example
    try:
        return (yield)
    finally:
        handle.inner_test = inner


def _allow(item: Any) -> None:
    """Hypothesis complains of fixtures that are not put back for each example: ours are."""
    from hypothesis import HealthCheck, settings

    test = getattr(item.obj, "__func__", item.obj)
    given: Any = getattr(test, "_hypothesis_internal_use_settings", None) or settings.default
    known = item._fixtureinfo.name2fixturedefs
    others = {*item._fixtureinfo.argnames} - _FIXTURES - {*getattr(getattr(item, "callspec", None), "params", ())}
    if any(known[name][-1].scope == "function" for name in others if name in known):
        return
    checks = {*given.suppress_health_check, HealthCheck.function_scoped_fixture}
    test._hypothesis_internal_use_settings = settings(given, suppress_health_check=checks)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """A test that failed shows what happened in its network, unless its error says so already."""
    report = yield
    world = item.stash.get(_WORLD, None)
    if call.when == "call" and report.failed and world is not None and call.excinfo is not None:
        from ..errors import CodeError
        from .happened import Unmet, story

        error = call.excinfo.value
        # It says all of it, where no other message was sent.
        whole = isinstance(error, Unmet) or (isinstance(error, CodeError) and world.messages() == 1)
        if not whole and (text := story(world)):
            report.sections.append(("what happened in the network", text))
    return report

"""Every test, and every Hypothesis example, begins with the state in which the process was started."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import project, run_pytest

TESTS = '''\
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from ao_runtime.testing import assert_state

pytestmark = pytest.mark.ao(process="token.lua", owner="alice")

def check(process, net, wallet, clock):
    """All is as at the start; then all is changed."""
    assert process.count == 1 and clock.height == 1000000
    assert_state("Balances.alice", 1000)
    assert_state("Balances.bob", None)
    assert process.get("Seen") is None
    assert wallet("bob").inbox == [] and len(net.processes) == 1
    process.handle(Action="Transfer", Recipient=wallet("bob"), Quantity="1000").raise_for_error()
    assert_state("Balances.bob", 1000)
    process.eval("Seen = true; Handlers.list = {}")
    assert process.handle(Action="Transfer", Quantity="x").ok  # nobody hears it any more
    process.eval("error('broken')")
    net.spawn(code="x = 1", name="another")
    clock.advance("1h")

@pytest.mark.parametrize("number", range(4))
def test_one(process, net, wallet, clock, number):
    check(process, net, wallet, clock)

def test_two(process, net, wallet, clock):
    check(process, net, wallet, clock)

@settings(max_examples=15, deadline=None, database=None)
@given(st.integers(0, 1000))
def test_examples(process, net, wallet, clock, number):
    check(process, net, wallet, clock)

class TestClass:
    @settings(max_examples=5, deadline=None, database=None)
    @given(number=st.integers(0, 1000))
    @pytest.mark.parametrize("more", [1, 2])
    def test_in_class(self, process, net, wallet, clock, number, more):
        check(process, net, wallet, clock)

@pytest.fixture
def changed(process):
    process.eval("Seen = 1")
    return process

@settings(max_examples=5, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 9))
def test_examples_begin_after_the_fixtures(changed, number):
    assert changed.get("Seen") == 1
    changed.eval("Seen = Seen + 1")
'''


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one program", "two programs"])
@pytest.mark.parametrize("fork", ["1", "0"], ids=["copies", "snapshots"])
def test_no_test_disturbs_another(tmp_path: Path, options: tuple[str, ...], fork: str) -> None:
    """Tests that change all that there is find nothing of one another, also where the system has no fork."""
    ran = run_pytest(project(tmp_path, test_one__py=TESTS), *options, AO_RUN_FORK=fork)
    assert (ran.code, ran.summary) == (0, "9 passed in Ts"), ran.out


def test_own_fixtures_are_still_named(tmp_path: Path) -> None:
    """A function-scoped fixture of the project's own is not put back for each example, and Hypothesis still says so."""
    tests = """\
import pytest
from hypothesis import given, strategies as st

@pytest.fixture
def own():
    return []

@pytest.mark.ao(code="x = 1")
@given(st.booleans())
def test_one(process, own, flag):
    pass
"""
    ran = run_pytest(project(tmp_path, test_one__py=tests))
    assert ran.code == 1
    assert "FailedHealthCheck" in ran.out

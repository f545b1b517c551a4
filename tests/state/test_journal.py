"""What a process has seen makes its state again."""

import pytest

from ao_runtime import Limits, Process


@pytest.mark.parametrize("isolated", [False, True])
def test_messages_with_limits_of_their_own_are_replayed(isolated: bool) -> None:
    """A message that was allowed more than the process usually is, is there again after a failure."""
    process = Process.spawn(code="", limits=Limits(memory="8MB", instructions=100_000), isolated=isolated)
    large = Limits(memory="64MB", instructions=10_000_000)
    assert process.handle(
        {"From": process.owner, "Action": "Eval", "Data": "T = string.rep('x', 12000000) T = #T"}, limits=large
    ).ok
    assert process.handle(
        {"From": process.owner, "Action": "Eval", "Data": "N = 0 for i = 1, 1000000 do N = N + 1 end"}, limits=large
    ).ok
    assert not process.eval("error('no')").ok
    assert (process.get("T"), process.get("N")) == (12_000_000, 1_000_000)
    limit = process.eval("while true do end").failure
    assert limit is not None
    assert limit.limit == "instructions"
    assert process.eval("return N").text == "1000000"


@pytest.mark.parametrize("isolated", [False, True])
def test_failures_in_between(isolated: bool) -> None:
    """A failure between two messages leaves the process as it was, however often."""
    process = Process.spawn(code="N = 0", isolated=isolated)
    for number in range(1, 6):
        assert process.eval("N = N + 1 return N").text == str(number)
        assert not process.eval("N = 100 error('no')").ok
    assert process.get("N") == 5

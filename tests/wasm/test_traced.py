"""A published module cannot be looked into: a trace has its result, and `why` says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import InputError, Process
from ao_runtime.testing import trace, why


@pytest.mark.parametrize("isolated", [False, True])
def test_a_published_module(aos: Path, isolated: bool) -> None:
    """The result is that of the module, in this program and in a child; what cannot be seen is told."""
    with Process.spawn(module=str(aos), owner="alice", isolated=isolated or None) as process:
        result = process.fork().eval("print('x') return 1")
        (told,) = trace(process, process.eval_message("print('x') return 1")).messages
        assert (told.printed, told.instructions, told.handlers, told.changes) == (result.text, result.gas_used, (), ())
        assert told.notes == (
            "the handlers cannot be seen: a published module cannot be looked into",
            "what has changed is not known: a published module cannot be looked into",
        )
        with pytest.raises(InputError, match="a published module cannot be looked into"):
            why(process, From="alice", Action="x")

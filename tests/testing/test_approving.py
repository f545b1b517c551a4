"""`approves`: what came of a message is what was recorded."""

from __future__ import annotations

from pathlib import Path

from .running import TOKEN, project, run_pytest

TESTS = """\
import pytest
from ao_runtime.testing import approves

pytestmark = pytest.mark.ao(process="token.lua", owner="alice")

@pytest.mark.parametrize("quantity", ["5", "x"])
def test_one(process, wallet, quantity):
    process.eval("print(1)")  # other ids, references and instructions
    approves(process.handle(Action="Transfer", Recipient=wallet("bob"), Quantity=quantity))

def test_two(process):
    approves(process.eval("print('a\\\\27[2Jb') ao.send({ Target = ao.id, Action = 'A', Data = 'some\\\\ndata' })"), "../../evil")
"""

ONE = """\
token Transfer from alice
  message to bob
    Action = Credit-Notice
    Quantity = 5
"""
FAILED = """\
token Transfer from alice
  error: no quantity (token.lua:6)
"""


def test_recorded(tmp_path: Path) -> None:
    """A file is written when that is asked for, and compared with from then on; a change of the code shows as one."""
    folder = project(tmp_path, test_it__py=TESTS)
    files = folder / "approved" / "test_it"
    ran = run_pytest(folder)
    assert ran.summary == "3 failed in Ts"
    assert "approved/test_it/test_one-5.txt is not there yet: pytest --ao-update writes it" in ran.out
    assert run_pytest(folder, "--ao-update").summary == "3 passed in Ts"
    assert sorted(file.name for file in files.iterdir()) == ["evil.txt", "test_one-5.txt", "test_one-x.txt"]
    assert (files / "test_one-5.txt").read_text() == ONE
    assert (files / "test_one-x.txt").read_text() == FAILED
    assert "\x1b" not in (files / "evil.txt").read_text()

    (folder / "token.lua").write_text(TOKEN.replace('"Credit-Notice"', '"Credited"') + "\nOther = 'more code'\n")
    ran = run_pytest(folder, "-k", "test_one")
    assert ran.summary == "1 failed, 1 passed, 1 deselected in Ts"
    difference = [line for line in ran.out.splitlines() if line.startswith(("E       -", "E       +"))]
    assert difference == [
        "E       --- approved/test_it/test_one-5.txt",
        "E       +++ now",
        "E       -    Action = Credit-Notice",
        "E       +    Action = Credited",
    ]

"""Lua tests in pytest: the same files, and the same words."""

from __future__ import annotations

from pathlib import Path

from .running import project, run_pytest

TESTS = """\
it("passes", function() assert.equal(1000, Balances[Owner]) print("not shown") end)
it("fails", function() print("seen") assert.equal(1, Balances[Owner]) end)
pending("comes later")
it("is put off", function() pending("for a reason") end)
"""


def test_collected(tmp_path: Path) -> None:
    """Each test is an item: it passes, fails with its line and what it printed, or is skipped with its reason."""
    ran = run_pytest(project(tmp_path, token_test__lua=TESTS), "-rs")
    assert (ran.code, ran.summary) == (1, "1 failed, 1 passed, 2 skipped in Ts")
    assert list(ran.failures) == ["fails"]
    assert ran.failures["fails"].split("\n-")[0].rstrip() == (
        "✗ token_test.lua: fails  T ms\n  expected 1, found 1000\n  token_test.lua:2\n\n"
        '    1 | it("passes", function() assert.equal(1000, Balances[Owner]) print("not shown") end)\n'
        '  > 2 | it("fails", function() print("seen") assert.equal(1, Balances[Owner]) end)\n'
        '    3 | pending("comes later")'
    )
    assert "seen" in ran.failures["fails"]
    assert "not shown\n" not in ran.out
    assert "for a reason" in ran.out


def test_chosen(tmp_path: Path) -> None:
    """Tests are chosen as pytest's are, by name and by -k; --no-ao-lua collects none."""
    folder = project(tmp_path, token_test__lua=TESTS, test_it__py="def test_it(): pass")
    assert run_pytest(folder, "token_test.lua::passes").summary == "1 passed in Ts"
    assert run_pytest(folder, "-k", "passes").summary == "1 passed, 4 deselected in Ts"
    assert run_pytest(folder, "--no-ao-lua").summary == "1 passed in Ts"
    assert run_pytest(folder, "-n", "2").summary == "1 failed, 2 passed, 2 skipped in Ts"


def test_cannot_be_loaded(tmp_path: Path) -> None:
    """A file that cannot be loaded is an error of collection, in the words of ao-run test."""
    ran = run_pytest(project(tmp_path, token_test__lua="it('x' function() end)"))
    assert ran.code == 2
    assert ran.failures["ERROR collecting token_test.lua"] == (
        "')' expected near 'function'\n  token_test.lua:1\n\n  > 1 | it('x' function() end)".replace("')'", "  ')'", 1)
    )

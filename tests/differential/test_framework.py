"""The differential test's own parts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from . import fetch
from .batch import program
from .compare import BATCH, Free, Module, bodies, normalise, outcomes
from .known import KNOWN
from .literals import Maker
from .modules import MODULES
from .sides import Ours


class Counter:
    """A side that counts the Evals."""

    def __init__(self) -> None:
        self.side = Ours()
        self.count = 0

    def eval(self, code: str) -> str | Exception:
        """Asks ours."""
        self.count += 1
        return self.side.eval(code)

    def close(self) -> None:
        """Nothing to do."""


def asked(calls: Sequence[str], prelude: str = "") -> list[str]:
    """Our outcomes."""
    return outcomes(Ours(), prelude, calls)


def test_outcomes_show_every_kind_of_value() -> None:
    """Integers, floats, bytes, tables and errors are told from one another."""
    calls = [
        "return 1, 1.0, '1', nil, true, -0.0, 0/0, 1/0",
        r"return 'a\0\255\n\"\\'",
        "return {2, a = {}, [1.5] = 3}",
    ]
    calls += [
        "return setmetatable({}, {}), {}",
        "local t = {} t.t = t return t",
        "error({1})",
        "local x = nil + 1",
        "return",
        "return type",
    ]
    assert asked(calls) == [
        'ok 1 1f "1" nil true -0f nan inff',
        r'ok "a\x00\xFF\x0A"\x5C"',
        'ok {"a"={}, 1=2, 1.5f=3}',
        "ok @{} {}",
        'ok {"t"=<1>}',
        "error {1=1}",
        'error "[string "aos"]:HERE: attempt to perform arithmetic on a nil value"',
        "ok",
        "ok function",
    ]


def test_a_call_that_ends_the_eval_is_found() -> None:
    """One call that does not compile spoils nothing but its own outcome."""
    side = Counter()
    calls = ["return 1"] * 7 + ["return ("] + ["return 2"] * 8
    answers = outcomes(side, "", calls)
    assert answers[:7] + answers[8:] == ["ok 1"] * 7 + ["ok 2"] * 8
    assert answers[7].startswith("fatal Error: ")
    assert side.count == 9


def test_normalise() -> None:
    """Positions in the library's files and addresses go; positions in the call stay, without its line."""
    assert normalise('error "[string ".json"]:12: bad"', 5) == 'error "bad"'
    assert normalise('error "[string "aos"]:5: bad"', 5) == 'error "[string "aos"]:HERE: bad"'
    assert normalise('ok "table: 0x1f function: 0x2 0x33"', 5) == 'ok "table: 0x function: 0x 0x33"'


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_seed_makes_the_calls(module: Module) -> None:
    """The same seed makes the same calls, another seed others, and nearly no call is there twice."""
    first = list(bodies(module, "1", 200))
    assert first == list(bodies(module, "1", 200))
    assert first != list(bodies(module, "2", 200))
    assert len({call for call, _ in first}) > 190


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_call_is_lua(module: Module) -> None:
    """No call that a generator makes is refused by the compiler."""
    made = [body for _, body in bodies(module, "lua", BATCH)]
    listed = "{" + ", ".join(Maker("").string(program(module.prelude, [body])) for body in made) + "}"
    code = f"local bad = '.' for _, c in ipairs({listed}) do local f, e = load(c, 'x') bad = bad .. (e or '') end"
    assert Ours().eval(f"{code} return bad") == "."


def test_free_outcomes() -> None:
    """A free call stays one when it is made."""
    module = Module("m", lambda m: Free(f"f(, {m.small(0, 9)})"))
    assert all(type(call) is Free and "(, " not in call for call, _ in bodies(module, "1", 5))


def test_a_folder_without_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A named folder that holds no reference is no reference, and the reason says so."""
    monkeypatch.setenv(fetch.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(fetch, "node", lambda: "node")
    with pytest.raises(fetch.OracleMissingError, match="has no modules/"):
        fetch.folder()


def test_without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without node the reason names it."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(fetch.OracleMissingError, match="needs node, which is not installed"):
        fetch.folder()


def test_known_differences_have_reasons() -> None:
    """Every difference that is meant says why."""
    assert all(len(known.reason) > 20 for known in KNOWN)

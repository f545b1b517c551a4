"""The differences that are meant."""

from __future__ import annotations

import re

import pytest

from ao_runtime.conformance.known import KNOWN, Known, explain

from ..cli.running import ROOT

PAGE = (ROOT / "docs/differences.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_every_known_difference_is_documented(known: Known) -> None:
    """Each has a section of its own in docs/differences.md, and a reason."""
    assert f"\n### {known.name}\n" in PAGE
    assert len(known.reason) > 20


def test_every_explained_section_is_known() -> None:
    """Each section about what the fuzzer explains is an entry."""
    part = PAGE.split("\n## Explained by ao-run conform\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^### (.*)$", part, re.MULTILINE)) == {known.name for known in KNOWN}


def test_no_entry_explains_everything() -> None:
    """Each asks for something in a result: a message alone could hide any difference."""
    assert all(known.ours or known.theirs for known in KNOWN)


@pytest.mark.parametrize(
    ("code", "ours", "theirs", "name"),
    [
        ("print(ao.send({}).Ref_)", "5", "nil", "`after` and `Ref_`"),
        ("local s = Send({Target = 'x'})\nprint(s.after)", "function: 0x1", "nil", "`after` and `Ref_`"),
        ("print(ao.send({}).Ref_)", "5", "6", None),
        ("Handlers.after('h').add('i', 'j', print) return nil", "5", "nil", None),
        ("print(msg.Ref_)", "5", "nil", None),
        ("return ao.reference", "1", "nil", "`ao` in dialect 1"),
        ("return ao.reference", "1", "2", None),
    ],
)
def test_only_what_is_meant_is_explained(code: str, ours: str, theirs: str, name: str | None) -> None:
    """Entries about what is not there ask for the module's nil; a difference beside it is none of theirs."""
    known = explain({"Data": code}, {"Output": {"data": ours}}, {"Output": {"data": theirs}}, "1")
    assert (known.name if known else None) == name


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"Error": "x", "Output": "stack overflow"}, {"Error": "stack overflow"}),
        ({"Error": "invalid table: "}, {"Error": "told: the module answered nothing"}),
        ({"Error": "error object is a table"}, {"Error": "told: undefined"}),
    ],
)
def test_a_text_that_only_mentions_it_is_not_explained(ours: dict[str, str], theirs: dict[str, str]) -> None:
    """What a process writes by itself, or what stands elsewhere in a result, explains nothing."""
    assert explain({}, ours, theirs, "2.0.6") is None


_UTILS = "[string \".utils\"]:103: bad argument #1 to 'match' (string expected, got nil)"


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        ({"Error": _UTILS}, {"Output": ""}, "Order of keys in a pattern"),
        ({"Output": ""}, {"Error": _UTILS}, "Order of keys in a pattern"),
        (
            {"Error": '[string "aos"]:2: attempt to compare number with string'},
            {"Error": _UTILS},
            "Order of keys in a pattern",
        ),
        ({"Error": _UTILS}, {"Error": _UTILS + "!"}, None),
        ({"Error": '[string "aos"]:2: no'}, {"Error": "the module answered nothing"}, "An error before the message"),
        ({"Error": '[string ".ao"]:391: no'}, {"Error": "the module answered nothing"}, "An error before the message"),
        ({"Error": '[string "json"]:2: no'}, {"Error": "the module answered nothing"}, None),
        ({"Error": "1.50"}, {"Error": ""}, "An error that is no text"),
        ({"Output": ""}, {"Error": ""}, None),
        (
            {"Error": "no"},
            {"Error": "[string \".process\"]:325: attempt to concatenate a nil value (global 'Name')"},
            "An error while an error is told",
        ),
        (
            {"Error": "no"},
            {"Error": "[string \".process\"]:405: bad argument #1 to 'insert' (table expected, got nil)"},
            "An error while an error is told",
        ),
        ({"Error": "no"}, {"Error": '[string ".process"]:325: no'}, None),
        (
            {"Output": ""},
            {"Error": "[string \".process\"]:325: attempt to concatenate a nil value (global 'Name')"},
            None,
        ),
        ({"Error": "no"}, {"Error": "the module answered nothing"}, None),
        ({"Error": '[string "aos"]:2: no'}, {"Error": "no"}, None),
    ],
)
def test_errors_that_are_explained(ours: dict[str, str], theirs: dict[str, str], name: str | None) -> None:
    """Entries about errors say where theirs and ours come from; another error is no difference that is meant."""
    known = explain({}, ours, theirs, "1")
    assert (known.name if known else None) == name

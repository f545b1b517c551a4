"""Small cases out of large ones."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from ao_runtime.conformance.generate import case
from ao_runtime.conformance.pieces import Case, Piece, Step, lua
from ao_runtime.conformance.shrink import shrink

LARGE = case(Random("shrink"), "shrink", 60)


def text(made: Case) -> str:
    """All code of a case."""
    return "\n".join(str(step.wire().get("Data")) for step in made.steps)


def test_pieces() -> None:
    """Code is its pieces, line by line, each within the one that it is a part of."""
    pieces = (Piece("if x then", (Piece("a()"), Piece("for i = 1, 2 do", (Piece("b()"),), "end")), "end"), Piece("c()"))
    assert lua(pieces) == "if x then\n  a()\n  for i = 1, 2 do\n    b()\n  end\nend\nc()"
    smaller = [lua((piece,)) for piece in pieces[0].smaller()]
    assert smaller == [
        "if x then\nend",
        "if x then\n  for i = 1, 2 do\n    b()\n  end\nend",
        "if x then\n  a()\nend",
        "if x then\n  a()\n  b()\nend",
        "if x then\n  a()\n  for i = 1, 2 do\n  end\nend",
    ]


def test_one_message() -> None:
    """What one message is enough for is left with that one, without tags, fields and code that it does not need."""
    wanted = LARGE.steps[40].message["Id"]
    small = shrink(LARGE, lambda made: any(step.message["Id"] == wanted for step in made.steps))
    assert [step.message["Id"] for step in small.steps] == [LARGE.steps[0].message["Id"], wanted]
    assert small.steps[1].message["Tags"] == []
    assert small.steps[1].code == ()
    assert "Data" not in small.steps[1].message


def test_two_pieces() -> None:
    """Of the code, the pieces that are needed stay."""
    step = LARGE.steps[5]
    inner = Piece(
        "if true then", (Piece("needed_one()"), Piece("other()"), Piece("do", (Piece("needed_two()"),), "end")), "end"
    )
    large = replace(LARGE, steps=(*LARGE.steps[:5], Step(step.message, (Piece("x = 1"), inner)), *LARGE.steps[6:]))
    small = shrink(large, lambda made: "needed_one" in text(made) and "needed_two" in text(made))
    assert [made.code for made in small.steps] == [(), (Piece("needed_one()"), Piece("needed_two()"))]


def test_tries() -> None:
    """It tries no more often than it may, and answers with the best so far."""
    asked = []

    def fails(made: Case) -> bool:
        asked.append(made)
        return True

    small = shrink(LARGE, fails, tries=3)
    assert len(asked) == 3
    assert len(small.steps) < len(LARGE.steps)

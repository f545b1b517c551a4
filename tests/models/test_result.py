"""ao_runtime.models.result: what came out, as a value that is made when somebody looks at it."""

from __future__ import annotations

import copy
import json
import pickle
import timeit
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ao_runtime import Process
from ao_runtime.errors import InputError, ProcessError, TimeLimitError
from ao_runtime.models import Failure, Frame, Result, Tags

MESSAGE = {
    "Target": "bob",
    "Data": "hi",
    "Anchor": "00000000000000000000000000000001",
    "Tags": [{"name": f"Name-{number}", "value": str(number)} for number in range(8)],
}
WIRE = {
    "Output": {"data": "printed", "prompt": "> ", "print": True},
    "Messages": [MESSAGE],
    "Spawns": [{"Data": "NODATA", "Anchor": "2", "Tags": [{"name": "Module", "value": "m"}]}],
    "Assignments": [{"Processes": ["p"], "Message": "m1"}],
}
ERROR = {"Error": "\n\nerror:\nboom"}
VECTORS = Path(__file__).parent.parent / "vectors"


def test_what_a_result_has() -> None:
    """Output, messages, spawns and assignments, with their models."""
    result = Result.of_wire(WIRE, 42)
    assert result.output == WIRE["Output"]
    assert result.text == "printed"
    assert result.messages[0].target == "bob"
    assert result.messages[0].tags["Name-3"] == "3"
    assert result.spawns[0].tags["Module"] == "m"
    assert result.assignments[0].processes == ["p"]
    assert result.assignments[0].message == "m1"
    assert (result.ok, result.error, result.failure, result.gas_used) == (True, None, None, 42)
    assert result.raise_for_error() is result


def test_wire_form() -> None:
    """`to_dict` is exactly what the network writes; the gas only where it is asked for."""
    result = Result.of_wire(WIRE, 42)
    assert result.to_dict() == WIRE
    assert result.to_dict(gas=True) == {**WIRE, "GasUsed": 42}
    assert json.loads(result.to_json()) == WIRE
    assert json.loads(result.to_json(gas=True)) == {**WIRE, "GasUsed": 42}
    assert Result.of_wire(ERROR, 1).to_dict() == ERROR


def test_models_write_what_they_were_read_from() -> None:
    """A sent message, spawn and assignment give their wire form back."""
    result = Result(WIRE)
    assert result.messages[0].to_wire() == MESSAGE
    assert [item.to_wire() for item in result.spawns] == WIRE["Spawns"]
    assert [item.to_wire() for item in result.assignments] == WIRE["Assignments"]


def test_a_copy_each_time() -> None:
    """Whoever changes what `to_dict` gave changes nothing else."""
    result = Result.of_wire(WIRE)
    result.to_dict()["Messages"][0]["Tags"].clear()
    assert result.to_dict() == WIRE


ANSWER = (1, 42, b"text", b"> ", True, 1, b"bob", b"\xff", b"0001", -2, b"Action", b"Pong")
ANSWERED = {
    "Output": {"data": "text", "prompt": "> ", "print": True},
    "Messages": [
        {
            "Target": "bob",
            "Data": b"\xff",
            "Anchor": "0001",
            "Tags": [
                {"name": "Data-Protocol", "value": "ao"},
                {"name": "Variant", "value": "ao.TN.1"},
                {"name": "Type", "value": "Message"},
                {"name": "Action", "value": "Pong"},
            ],
        }
    ],
    "Spawns": [],
    "Assignments": [],
}


def test_of_an_answer() -> None:
    """What an engine answers is read as it is; it says the same as its wire form, whatever is asked first."""
    for first in ("text", "messages", "ok", "output", "spawns"):
        result, other = Result.of_answer(ANSWER), Result.of_wire(ANSWERED, 42)
        assert getattr(result, first) == getattr(other, first)
        assert result.to_dict(gas=True) == {**ANSWERED, "GasUsed": 42}
        assert (result, result.messages, result.text) == (other, other.messages, "text")
        (message,), (same,) = result.messages, other.messages
        assert (message, hash(message.tags), repr(message)) == (same, hash(same.tags), repr(same))
        assert message.model_fields_set == same.model_fields_set
        assert message.model_copy(update={"data": "x"}).data == "x"
        assert pickle.loads(pickle.dumps(message)) == copy.deepcopy(message) == same


def test_tags_of_an_answer() -> None:
    """Names are found among names, never among values; the first of equal names wins; bytes are bytes."""
    flat = (b"a", b"b", b"b", b"1", b"b", b"2", b"\xff", b"\xfe")
    tags = Result.of_answer((1, 1, b"", b"", True, 1, b"t", None, b"", 4, *flat)).messages[0].tags
    assert (tags["b"], tags["a"], tags[b"\xff"], len(tags)) == ("1", "b", b"\xfe", 4)
    with pytest.raises(KeyError, match="1"):
        tags["1"]
    for name in ("\ud800", b"a", "none"):
        with pytest.raises(KeyError):
            tags[name]
    assert tags.to_list()[1:] == [
        {"name": "b", "value": "1"},
        {"name": "b", "value": "2"},
        {"name": b"\xff", "value": b"\xfe"},
    ]
    assert tags == Tags(tags.to_list())


def test_an_error() -> None:
    """A failed result has its error's text, and raises it with all that is known."""
    failure = Failure("boom", "aos", 3, "transfer", (Frame("aos", 3, None, "token.lua"),), None, "token.lua")
    result = Result.of_wire(ERROR, 5, failure)
    assert (result.ok, result.error, result.text, result.messages) == (False, ERROR["Error"], "", ())
    with pytest.raises(ProcessError, match="boom") as caught:
        result.raise_for_error()
    assert (caught.value.line, caught.value.handler, caught.value.file) == (3, "transfer", "token.lua")


def test_a_limit() -> None:
    """A limit that was hit is raised as an error of its own class."""
    with pytest.raises(TimeLimitError):
        Result.of_wire(ERROR, 5, Failure("too slow", limit="time")).raise_for_error()


def test_a_recorded_error() -> None:
    """A result that was read from a file has only its text to raise."""
    with pytest.raises(ProcessError, match="boom"):
        Result(ERROR).raise_for_error()


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (None, ""),
        ("plain", "plain"),
        ({"data": "printed", "prompt": ""}, "printed"),
        ({"data": {"output": "older", "prompt": ""}}, "older"),
        ({"other": 1}, '{"other":1}'),
        ([1, 2], "[1,2]"),
        (b"\xff", "\ufffd"),
    ],
)
def test_the_text_of_an_output(output: Any, text: str) -> None:
    """What there is to read in an output, whatever its shape."""
    assert Result({"Output": output}).text == text


def test_as_a_value() -> None:
    """Results are equal when they say the same, print themselves, and can be copied and pickled."""
    result = Result.of_wire(WIRE, 42)
    assert result == Result.of_wire(copy.deepcopy(WIRE), 42)
    assert result != Result.of_wire(WIRE, 43)
    assert result != WIRE
    assert repr(result) == "Result(text='printed', messages=1, spawns=1, assignments=1)"
    assert repr(Result(ERROR)) == "Result(error='\\n\\nerror:\\nboom')"
    assert pickle.loads(pickle.dumps(result)) == result
    assert copy.deepcopy(result) == result


def test_recorded_results_are_read() -> None:
    """What was dumped is validated as the same result."""
    result = Result.of_wire(WIRE, 42)
    assert Result.model_validate(result.model_dump()) == result
    assert Result.model_validate(json.loads(result.model_dump_json())) == result


def test_in_a_pydantic_model() -> None:
    """A result is a field like any other."""

    class Mine(BaseModel):
        result: Result

    mine = Mine.model_validate({"result": WIRE})
    assert mine.result.text == "printed"
    assert Mine.model_validate_json(mine.model_dump_json()) == mine


def test_every_recorded_result_is_read_as_it_is() -> None:
    """All results of the vectors come back as they were, and so do their messages."""
    results = [
        step["result"] for file in sorted(VECTORS.glob("*.json")) for step in json.loads(file.read_text())["steps"]
    ]
    assert len(results) > 300
    for wire in results:
        result = Result.model_validate(wire)
        assert result.to_dict() == wire
        assert [message.to_wire() for message in result.messages] == wire.get("Messages", [])


@pytest.mark.parametrize(
    ("wire", "complaint"),
    [
        (5, "a result is an object, found the number 5"),
        ({"Messages": "x"}, "Messages: must be an array, found the text 'x'"),
    ],
)
def test_wrong_results(wire: Any, complaint: str) -> None:
    """What is no result is one clear error."""
    with pytest.raises(InputError) as caught:
        Result.model_validate(wire)
    assert str(caught.value) == complaint


def test_an_outbox_that_is_no_outbox() -> None:
    """A process may leave anything in its outbox: `to_dict` has it, the models complain about it."""
    result = Result.of_wire({"Messages": [5], "Spawns": 7})
    assert result.to_dict() == {"Messages": [5], "Spawns": 7}
    with pytest.raises(InputError, match=r"Messages\[0\]: the process left the number 5 there"):
        _ = result.messages
    with pytest.raises(InputError, match="Spawns: the process left the number 7 there"):
        _ = result.spawns


def test_bytes_in_data() -> None:
    """Data that is no UTF-8 is bytes in Python, and valid JSON where JSON is asked for."""
    result = Result.of_wire({"Messages": [{"Data": b"\xff\x00", "Tags": []}]})
    assert result.messages[0].data == b"\xff\x00"
    assert result.to_json() == '{"Messages":[{"Data":"\\udcff\\u0000","Tags":[]}]}'


def test_making_one_is_cheap() -> None:
    """A result of a message with 8 tags costs at most 3 µs (0.2 µs measured; the bound is for a busy machine)."""
    failure = None
    seconds = min(timeit.repeat(lambda: Result.of_answer(ANSWER, failure), number=2000, repeat=5)) / 2000
    assert seconds < 3e-6


@pytest.mark.parametrize("fast", [False, True])
def test_how_much_was_sent(fast: bool) -> None:
    """It is counted without being made, and the head of a result is the result with so much of each list."""
    if fast:
        process = Process.spawn(
            code='Handlers.add("Go", "Go", function() for i = 1, 5 do Send({ Target = "t", Data = tostring(i) }) end end)',
            owner="alice",
        )
        result = process.handle(From="alice", Action="Go")
        assert result.posted is not None
    else:
        result = Result.of_wire({**WIRE, "Messages": [MESSAGE] * 5, "Spawns": WIRE["Spawns"] * 3}, 42)
    whole = result.to_dict()
    assert result.counts == tuple(len(whole[name]) for name in ("Messages", "Spawns", "Assignments"))
    for most in (0, 2, 5, 9):
        lists = {name: whole[name][:most] for name in ("Messages", "Spawns", "Assignments")}
        assert result.head(most) == {**whole, **lists}


def test_nothing_sent_is_counted_whatever_was_left() -> None:
    """An error sends nothing; what is no list counts as none."""
    assert Result.of_wire(dict(ERROR)).counts == (0, 0, 0)
    assert Result.of_wire(dict(ERROR)).head(3) == ERROR
    assert Result.of_wire({"Output": "", "Messages": "many", "Spawns": None}).counts == (0, 0, 0)

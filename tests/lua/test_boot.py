"""The process's own message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import Process

from .processes import ID, OWNER, Subject, environment, printed

NAMES = "local t = {} for _, h in ipairs(Handlers.list) do t[#t + 1] = h.name end print(table.concat(t, ' '))"


def test_handlers_and_inbox_while_booting() -> None:
    """While it boots, `_boot` stands in front, and the message is in the Inbox."""
    subject = Subject(boot=NAMES + " print(Inbox[1].Id)")
    assert printed(subject.booted) == ["_boot _eval _default", ID]
    assert subject.eval(NAMES) == "_eval _default"


def test_shape() -> None:
    """The output of booting is {data, prompt, print}; a value is shown as by Eval."""
    booted = Subject(boot="return 5").booted
    assert sorted(booted["Output"]) == ["data", "print", "prompt"]
    assert printed(booted) == ["5"]


def test_file() -> None:
    """`On-Boot = <id>` evaluates the data of that transaction."""
    process = Process(environment(), files={"TX": b"print('from a file')"})
    message = Subject().message({"Type": "Process", "On-Boot": "TX"}, Id=ID, From=OWNER, Owner=OWNER)
    assert process.handle(message).to_dict()["Output"]["data"] == "from a file"


def test_errors() -> None:
    """A syntax error and a second value are the error of the result; then the state is as before."""
    process = Process(environment())
    own = Subject().message({"Type": "Process", "On-Boot": "Data"}, Id=ID, From=OWNER, Owner=OWNER)
    assert process.handle(own | {"Data": "x ="}).to_dict() == {
        "Error": '[string "aos"]:1: unexpected symbol near <eof>'
    }
    assert process.handle(own | {"Data": "return nil, 'no'"}).to_dict() == {"Error": "no"}
    assert process.handle(own | {"Data": "print(#Inbox)"}).to_dict()["Output"]["data"] == "\x1b[32m1\x1b[0m"


def test_spawned_by_a_process() -> None:
    """The owner of a process is its `From-Process` tag, else the sender of its own message."""
    assert (
        Subject(tags={"From-Process": "PARENT"}).act("Eval", From="PARENT", Data="return Owner")["Output"]["data"]
        == "PARENT"
    )
    assert Subject().eval("return Owner") == OWNER


def test_name() -> None:
    """`Name` is the process's `Name` tag, else aos; a lost name comes back."""
    subject = Subject(tags={"Name": "Bank"})
    assert subject.eval("return Name") == "Bank"
    assert Subject().eval("return Name") == "aos"


def test_lost_owner_comes_back() -> None:
    """An owner that was lost comes back with the process's own message only."""
    subject = Subject()
    subject.eval("Owner = nil")
    assert printed(subject.act("Eval", From=OWNER, Data="return 1"))[0].startswith("New Message From")
    subject.tell({"Type": "Process"}, Id=ID, From=OWNER)
    assert subject.eval("return Owner") == OWNER


@pytest.mark.parametrize("dialect", ["2.0.6", "1", "0.2.0"])
@pytest.mark.parametrize("text", ["return 4", "return {}", "return { encode = 5 }"])
def test_a_projects_own_json(dialect: str, text: str) -> None:
    """A project's json.lua is what the process requires, whatever it gives; the runtime goes on with its own."""
    process = Process.spawn(code="Send({Target = 'x', Data = 'sent'})", dialect=dialect, sources={"json": text})
    found = process.eval("return type(require('json'))").text
    assert found == ("number" if text == "return 4" else "table")
    assert process.handle(From="bob", Action="x", Data="y").ok
    assert Process.restore(process.snapshot()).eval("return type(require('json'))").text == found


@pytest.mark.parametrize("text", ["return 4", "return {}", "no Lua at all", "error('x')"])
def test_a_modules_own_json(tmp_path: Path, text: str) -> None:
    """A project that is a module, and whose json.lua writes nothing, has its results written all the same."""
    (tmp_path / "process.lua").write_text("return { handle = function() return { Output = 'x' } end }")
    (tmp_path / "json.lua").write_text(text)
    assert Process({"Process": {"Id": "P"}}, module=tmp_path).handle(Action="x").output == "x"

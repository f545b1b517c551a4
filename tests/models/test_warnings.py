"""`result.warnings`, outgoing messages by name, and names that are nearly a field."""

from __future__ import annotations

import pickle

import pytest

from ao_runtime import InputError, Message, Process
from ao_runtime.models.near import near_field


def warned(code: str) -> tuple[str, ...]:
    """The warnings of an Eval."""
    result = Process.spawn().eval(code)
    assert result.ok, result.error
    before = result.to_dict()
    warnings = result.warnings
    assert result.to_dict() == before
    assert pickle.loads(pickle.dumps(result)).warnings == warnings
    return warnings


LONG = "('x'):rep(%d)"


@pytest.mark.parametrize(
    ("code", "warnings"),
    [
        ("Send({Target = 'a', Action = 'Paid', Quantity = '5', Data = 'all is well'})", []),
        ("Send({Target = 'a', Quantity = 5})", ["message 1: the tag Quantity is a number, which the network does not deliver (tostring it)"]),
        ("Send({Target = 'a', Ok = true})", ["message 1: the tag Ok is a boolean, which the network does not deliver (tostring it)"]),
        ("Send({Target = 'a', T = {1}})", ["message 1: the tag T is a table, which the network does not deliver (tostring it)"]),
        ("Send({Action = 'Paid'})", ["message 1 has no Target: nobody gets it"]),
        ("Send({Target = ''})", ["message 1 has no Target: nobody gets it"]),
        ("ao.send({Target = 5})", ["message 1 has a Target that is a number: nobody gets it"]),
        ("Send({Target = 'a', Empty = ''})", ["message 1: the tag Empty has an empty value, which the standard does not allow"]),
        (f"Send({{Target = 'a', Big = {LONG % 3073}}})", ["message 1: the tag Big has 3073 bytes: the standard allows 3072 (Data has room)"]),
        (f"Send({{Target = 'a', Data = {LONG % 102401}}})", ["message 1 has 102401 bytes of Data: schedulers take 102400 in all"]),
        (f"Send({{Target = 'a', A = {LONG % 3000}, B = {LONG % 3000}}})", ["message 1 has 6052 bytes of tags: the network takes 4096 (Data has room)"]),
        ("local m = {Target = 'a'} for i = 1, 130 do m['T' .. i] = 'x' end Send(m)", ["message 1 has 134 tags: the standard allows 128"]),
        ("Spawn('module', {N = 5})", ["spawn 1: the tag N is a number, which the network does not deliver (tostring it)"]),
        ("ao.outbox.Messages = {'x'}", ["message 1 is no table"]),
        ("Handlers.add('h', 'H', nil)", ["the handler 'h' has no function: Handlers.add(name, pattern, function(msg) ... end)"]),
        ("Handlers.add('h', 'H')", ["the handler 'h' has no function: Handlers.add(name, pattern, function(msg) ... end)"]),
        ("Handlers.add('h', {Action = 'x'}, 'function')", ["the handler 'h' has no function: Handlers.add(name, pattern, function(msg) ... end)"]),
        ("Handlers.add('h', 'H', {[{A = '_'}] = print})", []),
        ("Handlers.add('H', function() end)", []),
        ("Handlers.add('h', 'H', setmetatable({}, {__call = print}))", []),
    ],
)  # fmt: skip
def test_warnings(code: str, warnings: list[str]) -> None:
    """What the network would not deliver, or not as it was meant; the wire form stays as it is."""
    assert list(warned(code)) == warnings


def test_the_code_of_a_process_is_looked_at() -> None:
    """The result of the process's own message has the warnings of its handlers."""
    process = Process.spawn(code="Handlers.add('h', 'H', nil)")
    assert process.spawn_result is not None
    assert process.spawn_result.warnings == (
        "the handler 'h' has no function: Handlers.add(name, pattern, function(msg) ... end)",
    )
    failure = process.handle(Action="H").failure
    assert failure is not None
    assert failure.hint == "the handler 'h' has no function: Handlers.add(name, pattern, function(msg) ... end)"


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("sender", "From"), ("frm", "From"), ("Form", "From"), ("from__", "From"), ("FROM", "From"), ("Frmo", "From"),
        ("Taget", "Target"), ("Targte", "Target"), ("Targrt", "Target"), ("Block_Height", "Block-Height"),
        ("blockheight", "Block-Height"), ("timestmp", "Timestamp"), ("ID", "Id"), ("Tag", "Tags"), ("Owners", "Owner"),
        ("Sender", None), ("Recipient", None), ("Action", None), ("Quantity", None), ("Date", None), ("Once", None),
        ("To", None), ("From", None), ("from_", None), ("from", None), ("Type", None), ("Name", None), ("Dot", None),
        ("X-Reference", None), ("Reference", None), ("Reply-To", None), ("Variant", None), ("x" * 500, None), ("", None),
    ],
)  # fmt: skip
def test_nearly_a_field(name: str, field: str | None) -> None:
    """One slip away from a field, or another word for it; names that tags have are none."""
    assert near_field(name) == field


def test_keyword_arguments_that_are_nearly_a_field() -> None:
    """They are an error, with the field that was meant; a tag of that name is given as a tag."""
    process = Process.spawn()
    for give in (process.handle, process.dry_run, process.fill, Message):
        with pytest.raises(InputError, match=r"sender: there is no field sender \(did you mean from_= \(From\)\?"):
            give(sender="bob")
    assert process.handle(tags={"sender": "bob"}).warnings == ()


def test_keys_of_a_dict_that_are_nearly_a_field() -> None:
    """They may be meant so: only the result's warnings say it."""
    result = Process.spawn().handle({"sender": "bob", "Action": "x", "Form": "y"})
    assert result.warnings == (
        "the message's key 'sender' is a tag: did you mean From?",
        "the message's key 'Form' is a tag: did you mean From?",
    )
    assert Message.model_validate({"sender": "bob"}).tags["sender"] == "bob"
    assert Process.spawn().handle({"from": "bob"}).warnings == ()


# ── what is sent ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_knows_its_sender() -> None:
    """A result's message that another process is given comes from the process that sent it."""
    one, other = Process.spawn(id="one"), Process.spawn(id="other")
    for code in ("Send({Target = 'other', Action = 'Hi'})", "Send({Target = 'other', Action = 'Hi', N = 5})"):
        sent = one.eval(code).messages[0]
        assert sent.from_ == "one"
        other.handle(sent)
    assert [other.get(f"Inbox[{at}].From") for at in (2, 3)] == ["one", "one"]


def test_a_pushed_message_is_from_its_process() -> None:
    """`From-Process` says who sent it, as for a compute unit."""
    process = Process.spawn()
    process.handle({"Owner": "mu", "Tags": [{"name": "From-Process", "value": "them"}]})
    assert process.handle(Owner="mu", tags={"From-Process": "them"}).text.endswith(
        "is not trusted! From: them - Owner: mu"
    )


def test_a_message_by_name() -> None:
    """`m["Action"]` is a field or a tag, `m.action` the tag."""
    message = Message(From="bob", Action="Transfer", tags={"From": "no", "Quantity": "5"})
    assert (message["From"], message["from_"], message["Action"], message.action) == (
        "bob",
        "bob",
        "Transfer",
        "Transfer",
    )
    assert (message["Quantity"], message.get("Nothing"), message.get("Nothing", 1)) == ("5", None, 1)
    assert ("Quantity" in message, "Target" in message) == (True, False)
    with pytest.raises(KeyError):
        message["Nothing"]
    spawn = Process.spawn().eval("Spawn('module', {Action = 'Be'})").spawns[0]
    assert (spawn.action, spawn["Action"]) == ("Be", "Be")


def test_find() -> None:
    """The first message with that action, target and those tags; None where there is none."""
    result = Process.spawn().eval(
        "Send({Target = 'a', Action = 'X', N = '1'}) Send({Target = 'b', Action = 'X', N = '2'}) Send({Target = 'b'})"
    )
    assert result.find(action="X") is result.messages[0]
    assert result.find(target="b") is result.messages[1]
    assert result.find(action="X", target="b", N="2") is result.messages[1]
    assert result.find(action="Y") is result.find(target="c") is result.find(N="3") is None
    assert result.find() is result.messages[0]

"""What happens to one message, beside the recorded scenarios."""

from __future__ import annotations

import pytest

from ao_runtime import Limits

from .processes import COLOUR, OWNER, Subject, cause, printed, tags_of


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def test_title_case(subject: Subject) -> None:
    """Names of tags become Title-Case, at the root, in Tags and in TagArray."""
    subject.eval(
        "Handlers.add('t', 'T', function(m) print(m['Fqdn-X'] .. "
        "m.Tags['Fqdn-X'] .. m.TagArray[2].name .. tostring(m.fqdn_x)) end)"
    )
    assert printed(subject.tell({"Action": "T", "fqdn_x": "1"})) == ["11Fqdn-Xnil"]


def test_first_of_equal_names_wins(subject: Subject) -> None:
    """In `Tags` the first of equal names wins, at the root the last."""
    subject.eval("Handlers.add('t', 'T', function(m) print(m.Tags.A .. m.A .. #m.TagArray) end)")
    tags = [{"name": n, "value": v} for n, v in (("Action", "T"), ("A", "1"), ("A", "2"))]
    assert printed(subject.tell({}, Tags=tags)) == ["123"]


def test_time(subject: Subject) -> None:
    """`os.time()` is the message's Timestamp; one that the process put in its place is gone with the message."""
    assert subject.eval("os.time = function() return 'mine' end return os.time()") == "mine"
    subject.eval("Handlers.add('t', 'T', function() print(os.time()) end)")
    assert printed(subject.act("T", Timestamp=77)) == ["77"]


@pytest.mark.parametrize(("data", "kind"), [("{}", "table"), ('"s"', "string"), ("5", "number")])
def test_json(subject: Subject, data: str, kind: str) -> None:
    """JSON Data is decoded, whatever it holds."""
    subject.eval("Handlers.add('j', 'J', function(m) print(type(m.Data)) end)")
    assert printed(subject.tell({"Action": "J", "Content-Type": "application/json"}, Data=data)) == [kind]


def test_only_plain_json(subject: Subject) -> None:
    """Another Content-Type is not decoded."""
    subject.eval("Handlers.add('j', 'J', function(m) print(type(m.Data)) end)")
    assert printed(subject.tell({"Action": "J", "Content-Type": "application/json; charset=utf-8"}, Data="{}")) == [
        "string"
    ]


def test_broken_json_is_an_error_of_its_own(subject: Subject) -> None:
    """Data that is no JSON fails the message, without the lines about handlers."""
    result = subject.tell({"Action": "J", "Content-Type": "application/json"}, Data="{")
    assert "handling message" not in result["Error"]
    assert "at line 1 col" in result["Error"]


def test_refusals_name_the_process_itself_to_nobody(subject: Subject) -> None:
    """Who sent a refused assignment is told, unless it is the process itself."""
    other = subject.act("A", Target="ELSEWHERE")
    own = subject.act("A", Target="ELSEWHERE", From="PROCESS")
    assert [m["Data"] for m in other["Messages"]] == ["Assignment is not trusted by this process!"]
    assert own["Messages"] == []
    assert printed(own) == ["Assignment is not trusted! From: PROCESS - Owner: PROCESS"]


def test_replaced_judges(subject: Subject) -> None:
    """`ao.isTrusted` and `ao.isAssignment` of the process's own decide."""
    subject.eval("ao.isTrusted = function() return true end ao.isAssignment = function() return false end")
    result = subject.act("A", Owner="STRANGER", Target="ELSEWHERE")
    assert printed(result) == ["New Message From USE...SER: Action = A"]


def test_replaced_normalize(subject: Subject) -> None:
    """An `ao.normalize` of the process's own is what messages go through."""
    subject.eval("local old = ao.normalize ao.normalize = function(m) m = old(m) m.Mark = 'mine' return m end")
    assert subject.eval("Handlers.add('t', 'T', function(m) print(m.Mark) end)") != ""
    assert printed(subject.act("T")) == ["mine"]


def test_replaced_init_and_result(subject: Subject) -> None:
    """`ao.init` and `ao.result` of the process's own are called."""
    subject.eval("local old = ao.init ao.init = function(e) INIT = (INIT or 0) + #e.Process.Tags return old(e) end")
    subject.eval("local old = ao.result ao.result = function(r) r.Output.data = 'mine' return old(r) end")
    assert subject.eval("return INIT") == "mine"
    assert subject.process.get("INIT") == 4


def test_environment(subject: Subject) -> None:
    """`ao.env.Process` has TagArray, and Tags as name → value."""
    assert subject.eval("return ao.env.Process.Tags.Module .. ao.env.Process.TagArray[1].name") == "MODULEModule"


def test_inbox_overflows(subject: Subject) -> None:
    """The Inbox keeps ten thousand messages; the oldest leave."""
    subject.eval("for i = 1, 10005 do Inbox[i] = i end")
    subject.act("A")
    assert subject.eval("return #Inbox .. ' ' .. Inbox[1] .. ' ' .. Inbox[10000].Action") == "10000 7 A"


def test_inbox_lines(subject: Subject) -> None:
    """What comes to the Inbox is told in 20 characters: its Action, else its Data."""
    long = "a text that is longer than that"
    assert printed(subject.act(long)) == [f"New Message From USE...SER: Action = {long[:20]}"]
    assert printed(subject.tell({}, Data=long)) == [f"New Message From USE...SER: Data = {long[:20]}"]
    assert printed(subject.tell({"Content-Type": "application/json"}, Data="[1]")) == [
        "New Message From USE...SER: Data = [1]"
    ]


@pytest.mark.parametrize("value", ["", "nil", "{}", "{code = 7}", "true", "print"])
def test_errors_that_are_no_text(subject: Subject, value: str) -> None:
    """An error that is no text fails the message, and leaves no trace."""
    subject.eval(f"Count = 0 Handlers.add('e', 'E', function() Count = 1 ao.send({{Target = 'T'}}) error({value}) end)")
    assert "Error" in subject.act("E")
    assert subject.eval("return Count .. ' ' .. ao.reference .. ' ' .. #Errors") == "0 0 0"


def test_text_of_a_failure(subject: Subject) -> None:
    """The text has the printed lines, one about the message, and the error with its position in the process."""
    subject.eval("Handlers.add('e', 'E', function()\n  print('one')\n  error('bad')\nend)")
    lines = COLOUR.sub("", subject.act("E")["Error"]).split("\n")
    assert lines[:3] == ["one", "Error handling message with Action = E", '[string "aos"]:3: bad']
    assert lines[-2:] == ["error:", '[string "aos"]:3: bad']


def test_limits_are_told(subject: Subject) -> None:
    """A limit that was hit is the error's text, and the state is as before."""
    subject = Subject(limits=Limits(instructions=200_000))
    subject.eval("Count = 0 Handlers.add('l', 'L', function() Count = 1 while true do end end)")
    assert "limit" in cause(subject.act("L"))
    assert subject.eval("return Count") == "0"


def test_prompt_counts(subject: Subject) -> None:
    """The prompt shows the name and the size of the Inbox, as they are at the end."""
    subject.eval("Name = 'Bank'")
    prompt = COLOUR.sub("", subject.act("A")["Output"]["prompt"])
    assert (prompt.startswith("Bank@aos-"), prompt.endswith("[Inbox:2]> ")) == (True, True)


def test_globals(subject: Subject) -> None:
    """The names that a process finds."""
    names = (
        "ao Handlers Utils Inbox Errors Name Owner Colors Bell Dump Send Spawn Receive Assign Prompt Tab Version print "
        "HANDLER_PRINT_LOGS Seeded"
    )
    code = (
        f"local t = {{}} for n in ('{names}'):gmatch('%S+') do if _G[n] == nil "
        f"then t[#t + 1] = n end end return table.concat(t, ' ')"
    )
    assert subject.eval(code) == ""


def test_send_warns(subject: Subject) -> None:
    """`Send` without a target warns, and sends."""
    result = subject.eval_result("local s = Send({Data = 'd'}) return s.output")
    assert printed(result)[0].startswith("WARN: No target specified")
    assert (printed(result)[1], len(result["Messages"])) == ("Message added to outbox", 1)


def test_version_and_tab(subject: Subject) -> None:
    """`Version` prints; `Tab` makes a table of an array of tags."""
    assert subject.eval("Version()").startswith("version: ")
    assert subject.eval("return Tab({Tags = {{name = 'a', value = '1'}, {name = 'a', value = '2'}}}).a") == "1"


def test_random_is_the_networks(subject: Subject) -> None:
    """`math.random` is the same in every process with the same first message; seeding it does nothing."""
    code = "math.randomseed(5) return math.random() .. ' ' .. math.random(1, 100)"
    assert subject.eval(code) == Subject().eval(code)
    assert subject.error("return (math.random(0))") == "max must bigger than min"
    assert subject.eval("return type(math.random(1, 2, 3))") == "number"


def test_public_handle(subject: Subject) -> None:
    """`require('.process').handle` may be replaced, and called with a message as the network writes it."""
    subject.eval("Handlers.add('p', 'P', function(m) m.reply({Data = m.Tags.Custom}) end)")
    subject.eval(
        "local p = require('.process') local old = p.handle p.handle = "
        "function(m, e) SEEN = #m.Tags return old(m, e) end"
    )
    result = subject.tell({"Action": "P", "Custom": "c"})
    assert [m["Data"] for m in result["Messages"]] == ["c"]
    assert subject.eval("return SEEN") == "1"


def test_forwarded_message(subject: Subject) -> None:
    """A forwarded message has the tags of the first, overlaid, and says whom to answer."""
    subject.eval("Handlers.add('f', 'F', function(m) m.forward('NEXT', {Extra = 'e', Tags = {T = 't'}}) end)")
    sent = subject.tell({"Action": "F", "Custom": "c", "Reference": "9"}, Data="d")["Messages"][0]
    assert (sent["Target"], sent["Data"]) == ("NEXT", "d")
    assert tags_of(sent)[4:] == [
        ("Action", "F"),
        ("Custom", "c"),
        ("Extra", "e"),
        ("Module", "MODULE"),
        ("Reply-To", "USER"),
        ("X-Origin", "USER"),
        ("X-Reference", "9"),
        ("T", "t"),
    ]


def test_owner_of_eval(subject: Subject) -> None:
    """A message of the owner that a unit pushed is the owner's."""
    assert printed(subject.act("Eval", From=OWNER, Owner="AUTHORITY", Data="return 7")) == ["7"]

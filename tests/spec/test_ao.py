"""The module `ao` (ao.md, and the document that asked for it), sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime import Process

from ..lua.processes import ID, MODULE, OWNER, Subject, environment, printed, tags_of

MESSAGE = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]
FRESH = """
local old, loaded = ao, package.loaded
loaded['.ao'], loaded.ao, ao = nil, nil, nil
local bare = require('.ao')
loaded['.ao'], loaded.ao, ao = old, old, old
"""


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def anchor(number: int) -> str:
    """The Anchor of the message with this reference."""
    return str(number).rjust(32, "0")


def wire(tags: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Tags as they are sent."""
    return [{"name": name, "value": value} for name, value in tags]


# Properties


def test_before_init(subject: Subject) -> None:
    """Before `init` the ids are "", the reference is 0, nobody is trusted and nothing is assignable."""
    code = FRESH + (
        "return table.concat({bare.id, bare._module, bare._version, bare.reference, #bare.authorities, "
        "#bare.assignables, #bare.outbox.Messages, tostring(bare.env)}, '|')"
    )
    assert subject.eval(code) == "||0.0.6|0|0|0|0|nil"


def test_module_is_that_of_the_tag() -> None:
    """`_module` is the process's `Module` tag, and "" where it has none, whatever `env.Module` says."""
    assert Subject().eval("return ao._module") == MODULE
    process = Process({"Process": {"Id": ID, "Owner": OWNER, "Tags": []}, "Module": {"Id": "OTHER", "Tags": []}})
    process.handle(Id=ID, From=OWNER, Type="Process")
    assert process.get("ao._module") == ""


def test_authorities() -> None:
    """Every `Authority` tag counts, one may hold several between commas, and none is there twice."""
    tags = [("Authority", "A1,A2"), ("Authority", "A2,,A3"), ("Authority", ""), ("Authority", "A1")]
    process = Process({"Process": {"Id": ID, "Owner": OWNER, "Tags": wire(tags)}})
    process.handle(Id=ID, From=OWNER, Type="Process")
    assert process.get("ao.authorities") == ["A1", "A2", "A3"]


def test_every_send_and_spawn_counts(subject: Subject) -> None:
    """`reference` is one more for every send and for every spawn, over all messages."""
    subject.eval("ao.send({Target = 'T'}) ao.spawn('M', {}) ao.send({Target = 'T'})")
    assert subject.eval("ao.send({Target = 'T'}) return ao.reference .. math.type(ao.reference)") == "4integer"


def test_environment(subject: Subject) -> None:
    """`env` is that of the process and of its module."""
    subject.act("Ping")
    process = environment()["Process"]
    assert subject.process.get("ao.env") == {
        "Process": {
            "Id": ID,
            "Owner": OWNER,
            "TagArray": process["Tags"],
            "Tags": {tag["name"]: tag["value"] for tag in process["Tags"]},
        },
        "Module": {"Id": MODULE, "Tags": []},
    }


def test_the_outbox_is_emptied(subject: Subject) -> None:
    """The outbox is empty at the start of every message, and holds Output, Messages, Spawns and Assignments."""
    subject.eval("ao.send({Target = 'T'}) ao.spawn('M', {}) ao.assign({Processes = {'P'}, Message = 'M'})")
    subject.eval(
        "Handlers.add('o', 'O', function() local t = {} for k, v in pairs(ao.outbox) do t[#t + 1] = k .. #v end "
        "print(table.concat(t, ' ')) end)"
    )
    assert subject.act("O") == {
        "Output": subject.act("O")["Output"],
        "Messages": [],
        "Spawns": [],
        "Assignments": [],
    }
    assert printed(subject.act("O")) == ["Assignments0 Messages0 Output0 Spawns0"]


def test_clear_outbox(subject: Subject) -> None:
    """`clearOutbox` takes back what was sent, but not the numbers that were given."""
    result = subject.eval_result("ao.send({Target = 'T'}) ao.clearOutbox() ao.send({Target = 'U'})")
    assert [(sent["Target"], sent["Anchor"]) for sent in result["Messages"]] == [("U", anchor(2))]


# Sending


def test_what_is_sent(subject: Subject) -> None:
    """The whole of a message: Target, Data, Anchor, and the protocol's tags before the others."""
    result = subject.eval_result("ao.send({Target = 'T', Data = 'd', Action = 'A', Tags = {B = 'b'}})")
    tags = wire([*MESSAGE, ("Reference", "1"), ("Action", "A"), ("B", "b")])
    assert result["Messages"] == [{"Target": "T", "Data": "d", "Anchor": anchor(1), "Tags": tags}]


def test_without_target_and_data(subject: Subject) -> None:
    """What is not given is not sent."""
    result = subject.eval_result("ao.send({})")
    assert result["Messages"] == [{"Anchor": anchor(1), "Tags": wire([*MESSAGE, ("Reference", "1")])}]


def test_both_forms_of_tags_and_both_with_root_keys(subject: Subject) -> None:
    """Tags as an array, as pairs and at the root are the same message."""
    forms = [
        "Tags = {{name = 'Action', value = 'Ping'}, {name = 'Content-Type', value = 'text/plain'}}",
        "Tags = {['Content-Type'] = 'text/plain', Action = 'Ping'}",
        "Action = 'Ping', ['Content-Type'] = 'text/plain'",
        "Action = 'Ping', Tags = {{name = 'Content-Type', value = 'text/plain'}}",
    ]
    for number, form in enumerate(forms, 1):
        result = subject.eval_result(f"ao.send({{Target = 'T', {form}}})")
        further = [("Action", "Ping"), ("Content-Type", "text/plain")]
        assert tags_of(result["Messages"][0]) == [*MESSAGE, ("Reference", str(number)), *further]


@pytest.mark.parametrize("argument", ["", "nil", "5", "'text'", "true"])
def test_bare_send_takes_a_table(subject: Subject, argument: str) -> None:
    """The module's own `send` refuses what is no table."""
    code = FRESH + f"bare.send({argument})"
    assert subject.error(code) == "msg should be a table"


def test_what_is_spawned(subject: Subject) -> None:
    """The whole of a spawn, with NODATA where no Data is given; caller's Target, From and Anchor are ignored."""
    code = "ao.spawn('MOD', {Target = 'T', From = 'F', Anchor = 'A', B = true, Tags = {{name = 'C', value = 1}}})"
    tags = [
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Process"),
        ("From-Process", ID),
        ("From-Module", MODULE),
        ("Module", "MOD"),
        ("Reference", "1"),
        ("B", True),
        ("C", 1),
    ]
    assert subject.eval_result(code)["Spawns"] == [{"Data": "NODATA", "Anchor": anchor(1), "Tags": wire(tags)}]


def test_spawn_with_a_table(subject: Subject) -> None:
    """Table Data of a spawn is JSON as well, and says so."""
    spawn = subject.eval_result("ao.spawn('MOD', {Data = {initial = 'state'}})")["Spawns"][0]
    assert (spawn["Data"], tags_of(spawn)[7:]) == ('{"initial":"state"}', [("Content-Type", "application/json")])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("", "Module source id is required!"),
        ("nil, {}", "Module source id is required!"),
        ("5, {}", "Module source id is required!"),
        ("'M'", "Message must be a table"),
        ("'M', 'text'", "Message must be a table"),
    ],
)
def test_bare_spawn_checks(subject: Subject, arguments: str, text: str) -> None:
    """The module's own `spawn` takes a module's id and a table."""
    assert subject.error(FRESH + f"bare.spawn({arguments})") == text


def test_on_reply_of_a_spawn(subject: Subject) -> None:
    """`onReply` of a spawn waits for Spawned, from the process itself, with that very reference; once."""
    subject.eval("ao.spawn('M', {}) ao.spawn('M', {}).onReply(function(m) print('child ' .. m.Process) end)")

    def spawned(reference: str, sender: str = ID) -> list[str]:
        tags = {"Action": "Spawned", "Reference": reference, "Process": "CHILD"}
        return printed(subject.tell(tags, From=sender, Owner="AUTHORITY"))

    passed = "New Message From {}: Action = Spawned"
    assert spawned("1") == [passed.format("PRO...ESS")]
    assert spawned("2", "OTHER") == [passed.format("OTH...HER")]
    assert spawned("2") == ["child CHILD"]
    assert spawned("2") == [passed.format("PRO...ESS")]


# Assignments


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("'text'", "assignment should be a table"),
        ("{}", "Processes should be a table"),
        ("{Processes = 'P', Message = 'M'}", "Processes should be a table"),
        ("{Processes = {}}", "Message should be a string"),
        ("{Processes = {}, Message = 5}", "Message should be a string"),
    ],
)
def test_assign_checks(subject: Subject, argument: str, text: str) -> None:
    """`assign` says what is wrong with an assignment."""
    assert subject.error(f"ao.assign({argument})") == text


def test_assign(subject: Subject) -> None:
    """What is assigned is in the outbox, as it was given."""
    result = subject.eval_result("ao.assign({Processes = {'P1', 'P2'}, Message = 'M'})")
    assert result["Assignments"] == [{"Processes": ["P1", "P2"], "Message": "M"}]


def test_is_assignment(subject: Subject) -> None:
    """A message is an assignment when its Target is another."""
    code = "return tostring(ao.isAssignment({Target = ao.id})) .. tostring(ao.isAssignment({Target = 'X'}))"
    assert subject.eval(code + ".. tostring(ao.isAssignment({}))") == "falsetruetrue"


def test_is_assignable(subject: Subject) -> None:
    """None is assignable at first; then what a pattern of any kind matches, by the answer's truth."""
    assert subject.eval("return tostring(ao.isAssignable({Target = 'X'}))") == "false"
    subject.eval("""
      ao.addAssignable('text', 'Ping')
      ao.addAssignable('table', {['App-Name'] = 'ArDrive.*'})
      ao.addAssignable(function(m) return m.Tags and m.Tags['Content-Type'] == 'application/json' end)
    """)
    code = "return tostring(ao.isAssignable({}))"
    messages = [
        "{Action = 'Ping'}",
        "{Action = 'ping'}",
        "{['App-Name'] = 'ardrive-app'}",
        "{Tags = {['Content-Type'] = 'application/json'}}",
        "{Tags = {}}",
    ]
    answers = [subject.eval(code.replace("{}", message)) for message in messages]
    assert answers == ["true", "false", "true", "true", "false"]


def test_an_assignable_message_is_handled(subject: Subject) -> None:
    """What is assignable is handled like a message to the process itself."""
    subject.eval("ao.addAssignable('a', {Action = 'Ping'}) Handlers.add('p', 'Ping', function() print('pong') end)")
    assert printed(subject.act("Ping", Target="ELSEWHERE")) == ["pong"]


@pytest.mark.parametrize("name", ["5", "nil", "{}", "print"])
def test_add_assignable_wants_a_name(subject: Subject, name: str) -> None:
    """A name that is no string is refused."""
    assert subject.error(f"ao.addAssignable({name}, 'x')") == "MatchSpec name MUST be a string"


# Trust and copies


def test_trusted_are_sender_or_owner(subject: Subject) -> None:
    """A message is trusted when its From or its Owner is an authority."""
    code = "return tostring(ao.isTrusted({From = %r, Owner = %r}))"
    pairs = [("AUTHORITY", "X"), ("X", "AUTHORITY"), ("X", "Y"), ("OWNER", "OWNER")]
    assert [subject.eval(code % pair) for pair in pairs] == ["true", "true", "false", "false"]


def test_clone_of_circles(subject: Subject) -> None:
    """`clone` copies what holds itself, and gives back what is no table."""
    code = "local a = {} a.b = {a = a} local c = ao.clone(a) return tostring(c ~= a and c.b.a == c and c.b ~= a.b)"
    assert subject.eval(code + " .. tostring(ao.clone(5)) .. tostring(ao.clone(nil))") == "true5nil"


def test_what_is_forwarded(subject: Subject) -> None:
    """`sanitize` takes every key of `nonForwardableTags` from the root, and nothing else."""
    code = """
      local m = {Kept = 'k', Data = 'd', Action = 'A', Module = 'M'}
      for _, name in ipairs(ao.nonForwardableTags) do m[name] = 'x' end
      local t = {} for k in pairs(ao.sanitize(m)) do t[#t + 1] = k end
      return table.concat(t, ' ')
    """
    assert subject.eval(code) == "Action Data Kept Module"


def test_what_is_extracted(subject: Subject) -> None:
    """`normalize` copies every tag but `nonExtractableTags` to the root."""
    code = """
      local m = {Tags = {{name = 'Action', value = 'A'}, {name = 'X', value = {1}}}}
      for _, name in ipairs(ao.nonExtractableTags) do
        if name ~= 'Tags' then table.insert(m.Tags, {name = name, value = 'x'}) end
      end
      local t = {} for k in pairs(ao.normalize(m)) do t[#t + 1] = k end
      return table.concat(t, ' ') .. m.X[1]
    """
    assert subject.eval(code) == "Action Tags X1"


# The examples of the document that asked for the module


SEED_EXAMPLES = [
    (
        'ao.send({Target = msg.From, Data = "ping", Tags = {["Content-Type"] = "text/plain", ["Action"] = "Ping"}})',
        [("Action", "Ping"), ("Content-Type", "text/plain")],
    ),
    (
        'ao.send({Target = msg.From, Data = "ping", Action = "Ping", ["Content-Type"] = "text/plain"})',
        [("Action", "Ping"), ("Content-Type", "text/plain")],
    ),
    (
        'ao.send({Target = "process-id", Tags = {Category = "Info", Action = "Ping"}})',
        [("Action", "Ping"), ("Category", "Info")],
    ),
]


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.1", "1"])
@pytest.mark.parametrize(("code", "tags"), SEED_EXAMPLES)
def test_examples_of_sending(dialect: str, code: str, tags: list[tuple[str, str]]) -> None:
    """The document's examples of sending do what it says, in every dialect."""
    subject = Subject(dialect)
    sent = subject.eval_result("local msg = {From = 'bob'} " + code)["Messages"][0]
    assert tags_of(sent)[-2:] == tags


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.1", "1"])
def test_example_of_spawning(dialect: str) -> None:
    """The document's example of spawning returns a table with a `Ref_`, and sends Data as JSON."""
    subject = Subject(dialect)
    code = 'SPAWN = ao.spawn("processId", {Data = {initial = "state"}, Tags = {["Process-Type"] = "calculator"}}).Ref_'
    spawn = subject.eval_result(code)["Spawns"][0]
    assert subject.process.get("SPAWN") == "1"
    assert (spawn["Data"], tags_of(spawn)[-1]) == ('{"initial":"state"}', ("Process-Type", "calculator"))


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.1", "1"])
def test_example_of_a_result(dialect: str) -> None:
    """The document's example of a result: the Output is the given one, all else is the outbox's."""
    subject = Subject(dialect)
    subject.eval_result("""
      RESULT = ao.result({Output = "Process completed successfully", Messages = {{Target = "ProcessY"}},
        Spawns = {"spawned-process-1"}, Assignments = {{Processes = {"process-1"}, Message = "assignment-message-id"}}})
    """)
    output = {"Output": "Process completed successfully", "Messages": [], "Spawns": [], "Assignments": []}
    assert subject.process.get("RESULT") == output


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.1", "1"])
def test_examples_of_assignables(dialect: str) -> None:
    """The document's examples of assignables."""
    subject = Subject(dialect)
    subject.eval_result("""
      ao.addAssignable("allowArDrive", function(msg) return msg.Tags["App-Name"] == "ArDrive-App" end)
      ao.addAssignable("allowJson", function(msg) return msg.Tags["Content-Type"] == "application/json" end)
    """)
    code = """
      A = ao.isAssignable({Target = "A", Tags = {["App-Name"] = "ArDrive-App"}})
      B = ao.isAssignable({Target = "A", Tags = {["Content-Type"] = "application/json"}})
      C = ao.isAssignable({Target = "ProcessA", Data = "Some content", Tags = {["Category"] = "Info"}})
      ao.removeAssignable("allowArDrive")
      D = ao.isAssignable({Target = "A", Tags = {["App-Name"] = "ArDrive-App"}})
      E = ao.isAssignment({Target = "AnotherProcess"})
    """
    subject.eval_result(code)
    assert [subject.process.get(name) for name in "ABCDE"] == [True, True, False, False, True]

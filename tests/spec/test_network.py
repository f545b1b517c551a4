"""What stands around a process (network.md), as far as a process sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Process

from ..lua.processes import ID, OWNER, Subject, printed, tags_of

#: A message with everything that the network's compute unit gives to a process.
WHOLE: dict[str, Any] = {
    "Id": "MESSAGE",
    "Signature": "SIGNATURE",
    "Data": "data",
    "Owner": "USER",
    "Target": ID,
    "Anchor": "ANCHOR",
    "From": "USER",
    "Forwarded-By": "UNIT",
    "Tags": [{"name": "Action", "value": "Look"}, {"name": "Kind", "value": "k"}],
    "Epoch": 0,
    "Nonce": 7,
    "Timestamp": 1_700_000_000_123,
    "Block-Height": 1_000_000,
    "Hash-Chain": "CHAIN",
    "Cron": False,
    "Read-Only": False,
    "Module": "MODULE",
}
LOOK = """
Handlers.add('look', 'Look', function(m)
  Seen, Types = m, {}
  for key, value in pairs(m) do Types[key] = math.type(value) or type(value) end
end)
"""


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def test_what_a_process_sees(subject: Subject) -> None:
    """A process sees every field of the message with its type, the tags at the root, and two functions."""
    subject.eval(LOOK)
    subject.process.handle(WHOLE)
    seen = subject.process.get("Seen")
    del seen["reply"], seen["forward"]
    tags = {"Action": "Look", "Kind": "k"}
    assert seen == {**WHOLE, **tags, "Tags": tags, "TagArray": WHOLE["Tags"]}


def test_numbers_are_integers(subject: Subject) -> None:
    """Timestamp, Block-Height, Nonce and Epoch are numbers, without a fraction."""
    subject.eval(LOOK)
    subject.process.handle(WHOLE)
    names = ("Timestamp", "Block-Height", "Nonce", "Epoch")
    types = subject.process.get("Types")
    assert [types[name] for name in names] == ["integer"] * 4


def test_pushed_for_a_process(subject: Subject) -> None:
    """A message that a unit pushed is From the process that sent it, its Owner is the unit: an authority, or not."""
    tags = {"Action": "A", "From-Process": "SENDER"}
    assert printed(subject.tell(tags, From="SENDER", Owner="AUTHORITY")) == ["New Message From SEN...DER: Action = A"]
    assert printed(subject.tell(tags, From="SENDER", Owner="OTHER")) == [
        "Message is not trusted! From: SENDER - Owner: OTHER"
    ]


def test_cron(subject: Subject) -> None:
    """A message with `Cron = true` is seen as that."""
    subject.eval("Handlers.add('c', function(m) return m.Cron end, function() print('tick') end)")
    subject.eval("Handlers.list[3].pattern = function(m) return m.Cron == true end")
    assert printed(subject.act("Cron", Cron=True, From=OWNER)) == ["tick"]


# Seen in real processes


def test_thrown_on_purpose(subject: Subject) -> None:
    """A process throws to keep its state as it was."""
    subject.eval("""
      Balance = 5
      Handlers.add('t', 'T', function(m)
        Balance = Balance - tonumber(m.Quantity)
        assert(Balance >= 0, 'too much')
        m.reply({Balance = Balance})
      end)
    """)
    assert "too much" in subject.tell({"Action": "T", "Quantity": "6"})["Error"]
    assert tags_of(subject.tell({"Action": "T", "Quantity": "5"})["Messages"][0])[4:] == [("Balance", 0)]


def test_tables_as_tags(subject: Subject) -> None:
    """Values of tags that are sent may be whole structures."""
    code = "ao.send({Target = 'T', device = 'patch@1.0', balances = {alice = '1', bob = {1, 2, {c = true}}}})"
    sent = subject.eval_result(code)["Messages"][0]
    structure = {"alice": "1", "bob": [1, 2, {"c": True}]}
    assert tags_of(sent)[4:] == [("balances", structure), ("device", "patch@1.0")]


def test_inbox_while_loading() -> None:
    """`Inbox[1]` is the process's own message while its code loads."""
    assert printed(Subject(boot="print(Inbox[1].Tags.Type .. Inbox[1].From)").booted) == [f"Process{OWNER}"]


def test_updates_itself(subject: Subject) -> None:
    """A process updates itself with `load(source, name, "t", _G)`, and by writing `package.loaded`."""
    subject.eval("""
      Handlers.add('u', 'U', function(m) assert(load(m.Data, 'update', 't', _G))() end)
      Handlers.add('v', 'V', function() print(Version2() .. require('.mine').n .. require('mine2').n) end)
    """)
    subject.act(
        "U", Data="package.loaded['.mine'] = {n = 1} package.loaded.mine2 = {n = 2} function Version2() return 'v' end"
    )
    assert printed(subject.act("V")) == ["v12"]
    assert '[string "update"]:2: oops' in subject.act("U", Data="\nerror('oops')")["Error"]


def test_asserts_and_protected_calls(subject: Subject) -> None:
    """`pcall` gives what was thrown, with the position in the process's code."""
    code = "local ok, e = pcall(function() error({code = 5}) end) "
    code += "return tostring(ok) .. e.code .. select(2, pcall(error, 'x', 0))"
    assert subject.eval(code) == "false5x"
    assert subject.eval("local _, e = pcall(function()\n error('at') end) return e") == '[string "aos"]:2: at'


# Modules


def project(folder: Path, process: str, **files: str) -> Path:
    """A project's own module in a folder."""
    (folder / "process.lua").write_text(process)
    for name, source in files.items():
        (folder / f"{name}.lua").write_text(source)
    return folder


ENVIRONMENT = {
    "Process": {"Id": ID, "Owner": OWNER, "Tags": [{"name": "Authority", "value": "MU"}]},
    "Module": {"Id": "M", "Tags": []},
}


def test_msg_and_env_are_the_json(tmp_path: Path) -> None:
    """`msg` and `env` of a project's module are the decoded JSON, nothing added."""
    source = "return {handle = function(msg, env) return {Output = require('json').encode({msg, env})} end}"
    process = Process(ENVIRONMENT, module=project(tmp_path, source))
    text = process.handle(WHOLE).to_dict()["Output"]
    assert json.loads(text) == [WHOLE, {**ENVIRONMENT, "Module": {"Id": "M", "Tags": []}}]


def test_own_files_and_ours(tmp_path: Path) -> None:
    """A project's module may require `ao`, `json` and its own files; the result is what `handle` returns."""
    source = """
      local ao, helper = require('ao'), require('.helper')
      return {handle = function(msg, env)
        ao.init(env)
        ao.send({Target = helper.target(msg)})
        return ao.result({Output = {data = ao.id}})
      end}
    """
    process = Process(
        ENVIRONMENT, module=project(tmp_path, source, helper="return {target = function(m) return m.From end}")
    )
    result = process.handle(WHOLE)
    assert result.output == {"data": ID}
    # Without Handlers the module `ao` puts nothing into the outbox.
    assert result.to_dict()["Messages"] == []


def test_an_error_of_handle(tmp_path: Path) -> None:
    """An error thrown by `handle` is the result's Error, and leaves no trace."""
    source = """
      Count = 0
      return {handle = function(m)
        Count = Count + 1
        if m.Id == 'bad' then error('thrown') end
        return {Output = Count}
      end}
    """
    process = Process(ENVIRONMENT, module=project(tmp_path, source))
    assert process.handle({**WHOLE, "Id": "1"}).output == 1
    failed = process.handle({**WHOLE, "Id": "bad"})
    assert (list(failed.to_dict()), "thrown" in (failed.error or "")) == (["Error"], True)
    assert process.handle({**WHOLE, "Id": "2"}).output == 2


def test_older_modules(tmp_path: Path) -> None:
    """Older modules are called as `handle(msg, ao)`, after `ao.init(env)` and `ao.normalize(msg)`."""
    source = """
      return {handle = function(msg, ao)
        return {Output = table.concat({msg.Kind, ao.id, ao.env.Process.Owner, ao.authorities[1], #msg.Tags}, ' ')}
      end}
    """
    process = Process(ENVIRONMENT, module=project(tmp_path, source), dialect="1")
    assert process.handle(WHOLE).output == f"k {ID} {OWNER} MU 2"

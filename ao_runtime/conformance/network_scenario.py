"""A scenario of a network: processes, and steps that wallets and the clock take; and what is expected then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..models import check_keywords, read_message, shown

__all__ = ["Member", "NetworkScenario", "Step", "is_of_network"]

#: What a step may be, and what is said of it.
_KINDS = ("send", "eval", "advance", "set", "mine", "expect")
_ADVICE = 'a step is one of {"send": …}, {"eval": …}, {"advance": …}, {"set": …}, {"mine": …}, {"expect": …}'
#: What names nothing but itself in `expect`.
_INBOX = "inbox"


@dataclass(frozen=True)
class Member:
    """A process of a scenario: its code is a file, text, or nothing; its owner a wallet's name."""

    name: str
    file: Path | None = None
    code: str | bytes | None = None
    owner: str = "owner"
    #: Name and value.
    tags: tuple[tuple[str, Any], ...] = ()
    module: str | None = None
    #: Whether what its ticks send is delivered.
    monitor: bool = False
    #: Whether `code` is its Data as it is: it has been told already what becomes of it.
    is_data: bool = False


@dataclass(frozen=True)
class Step:
    """A step.

    kind
        `send` (value: the message in wire form), `eval` (code), `advance` and `set` (a time), `mine` (a number),
        `expect` (values by path, by process, and messages by wallet).
    process
        Name of the process that it is for.
    keys
        The keys of the message, as they were given.
    error
        What is expected of a message's result: True is an error, text one with that text, None nothing.
    at
        Where it stands.
    """

    kind: str
    value: Any
    at: str
    process: str = ""
    keys: tuple[str, ...] = ()
    error: bool | str | None = None


@dataclass(frozen=True)
class NetworkScenario:
    """Processes, and steps in order; `wallets` are the names of all who send, own and receive."""

    name: str
    processes: tuple[Member, ...]
    steps: tuple[Step, ...]
    wallets: tuple[str, ...] = ()

    @classmethod
    def of_document(cls, name: str, document: Mapping[str, Any], folder: Path) -> NetworkScenario:
        """A scenario as its file has it; files are looked for in `folder`. Raises `InputError`, with the field."""
        _only(document, ("processes", "steps", "wallets", "reference"), "")
        members = tuple(
            _member(one, f"processes[{index}]", folder) for index, one in enumerate(_list(document, "processes"))
        )
        names = [member.name for member in members]
        for index, member in enumerate(members):
            if names.index(member.name) < index or member.name == _INBOX:
                problem = "is what wallets have" if member.name == _INBOX else "is the name of two processes"
                raise InputError(f"{member.name!r} {problem}", field=f"processes[{index}].name")
        if not members:
            raise InputError("holds no process", advice='{"processes": [{"name": "token", "file": "token.lua"}]}')
        steps = tuple(_step(one, f"steps[{index}]", names) for index, one in enumerate(_list(document, "steps")))
        wallets = [str(one) for one in _list(document, "wallets")] if "wallets" in document else []
        wallets += [member.owner for member in members]
        for step in steps:
            if step.kind == "send" and "From" in step.value:
                wallets.append(step.value["From"])
            if step.kind == "expect":
                wallets += step.value.get(_INBOX, ())
        found = dict.fromkeys(one.removeprefix("@") for one in wallets)
        return cls(name, members, steps, tuple(one for one in found if one not in names))

    def alone(self) -> tuple[Member, list[Step]]:
        """The one process, and the steps as it sees them: addresses are names, and clock steps are in the messages.

        Raises `InputError` for what one process on its own cannot play.
        """
        advice = "ao-run net run plays it"
        if len(self.processes) > 1:
            raise InputError(f"has {len(self.processes)} processes", field="processes", advice=advice)
        from ..network import Clock

        [member] = self.processes
        clock, moved = Clock(), False
        steps: list[Step] = []
        for step in self.steps:
            if step.kind in ("advance", "set", "mine"):
                if any(tag.startswith("Cron-") for tag, _ in member.tags):
                    raise InputError("needs a network: the process has cron ticks", field=step.at, advice=advice)
                move_clock(clock, step)
                moved = True
            elif step.kind == "send":
                known = {member.name: process_id(member)}
                wire = plain_names(step.value, step.keys, known)
                if moved:
                    wire = {"Timestamp": clock.now, "Block-Height": clock.height, **wire}
                wire.setdefault("From", member.owner)
                steps.append(replace(step, value=wire))
            else:
                steps.append(step)
        return member, steps


def is_of_network(document: Any) -> bool:
    """Whether a file's JSON is a scenario of a network."""
    return isinstance(document, dict) and "processes" in document


def process_id(member: Member) -> str:
    """The id of a process that is on its own."""
    return member.name.ljust(43, "-")


def move_clock(clock: Any, step: Step) -> None:
    """Have a clock go on. Raises `InputError`, with the place."""
    try:
        if step.kind == "advance":
            clock.advance(step.value)
        elif step.kind == "set":
            clock.set(step.value)
        else:
            clock.mine(step.value)
    except InputError as error:
        raise InputError(error.problem, advice=error.advice, field=f"{step.at}.{step.kind}") from None


def plain_names(wire: Mapping[str, Any], keys: Collection[str], known: Mapping[str, str]) -> dict[str, Any]:
    """A message in which names are addresses: those in `known` are others, and the sign of a name is left out."""
    tags = []
    for tag in wire["Tags"]:
        value = tag["value"]
        if tag["name"] in keys and tag["name"] not in ("Action", "Name") and isinstance(value, str):
            value = known.get(value.removeprefix("@"), value.removeprefix("@"))
        tags.append({**tag, "value": value})
    told = {**wire, "Tags": tags}
    if isinstance(told.get("From"), str):
        told["From"] = told["From"].removeprefix("@")
    return told


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _member(value: Any, at: str, folder: Path) -> Member:
    advice = '{"name": "token", "file": "token.lua", "owner": "alice", "tags": {"Ticker": "PTS"}}'
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"]:
        raise InputError("has no name", field=at, advice=advice)
    _only(value, ("name", "file", "code", "owner", "tags", "module", "monitor"), at)
    for name in ("file", "code", "owner", "module"):
        if not isinstance(value.get(name, ""), str):
            raise InputError(f"must be text, found {shown(value[name])}", field=f"{at}.{name}", advice=advice)
    if "file" in value and "code" in value:
        raise InputError("has a file and code: give one of them", field=at)
    try:
        tags = read_message({"Tags": value.get("tags", [])})["Tags"]
    except InputError as error:
        raise InputError(error.problem, advice=error.advice, field=f"{at}.tags") from None
    pairs = [(tag["name"], tag["value"]) for tag in tags]
    if all(name != "Name" for name, _ in pairs):
        pairs.insert(0, ("Name", value["name"]))
    return Member(
        value["name"],
        folder / value["file"] if "file" in value else None,
        value.get("code"),
        value.get("owner", "owner"),
        tuple(pairs),
        value.get("module"),
        bool(value.get("monitor", False)),
    )


def _step(value: Any, at: str, names: list[str]) -> Step:
    kinds = [kind for kind in _KINDS if isinstance(value, dict) and kind in value]
    if len(kinds) != 1:
        raise InputError("is no step" if not kinds else f"is two: {' and '.join(kinds)}", field=at, advice=_ADVICE)
    [kind] = kinds
    _only(value, (kind, "error") if kind in ("send", "eval") else (kind,), at)
    error, given, inside = value.get("error"), value[kind], f"{at}.{kind}"
    if not (error is None or isinstance(error, (bool, str))):
        raise InputError("must be true, or what the error says", field=f"{at}.error")
    if kind == "send":
        return _sent(given, inside, at, names, error)
    if kind == "eval":
        if isinstance(given, str):
            given = {"code": given}
        if not isinstance(given, dict) or not isinstance(given.get("code"), str):
            raise InputError("has no code", field=inside, advice='{"eval": {"process": "token", "code": "return 1"}}')
        _only(given, ("process", "code"), inside)
        process = _process(given.get("process"), f"{inside}.process", names)
        return Step(kind, given["code"], at, process, error=error)
    if kind == "expect":
        return Step(kind, _expected(given, inside, names), at)
    return Step(kind, given, at)


def _sent(given: Any, inside: str, at: str, names: list[str], error: bool | str | None) -> Step:
    if not isinstance(given, dict):
        raise InputError("is no message", field=inside, advice='{"send": {"to": "token", "Action": "Info"}}')
    fields = dict(given)
    process = _process(fields.pop("to", None), f"{inside}.to", names)
    if "from" in fields:
        fields["From"] = fields.pop("from")
    try:
        check_keywords(fields)
        wire = read_message(fields)
    except InputError as problem:
        raise problem.within(inside) from None
    return Step("send", wire, at, process, tuple(fields), error)


def _process(name: Any, at: str, names: list[str]) -> str:
    if name is None and len(names) == 1:
        return names[0]
    if name not in names:
        problem = "is missing" if name is None else f"there is no process {shown(name)}"
        raise InputError(problem, field=at, advice=f"the processes are {', '.join(names)}")
    return str(name)


def _expected(given: Any, inside: str, names: list[str]) -> dict[str, Any]:
    advice = '{"expect": {"token": {"Balances.bob": 250}, "inbox": {"bob": [{"Action": "Credit-Notice"}]}}}'
    if not isinstance(given, dict):
        raise InputError("expects nothing", field=inside, advice=advice)
    for name, wanted in given.items():
        if name != _INBOX:
            _process(name, f"{inside}.{name}", names)
        if not isinstance(wanted, dict):
            raise InputError(f"must be an object, found {shown(wanted)}", field=f"{inside}.{name}", advice=advice)
        if name == _INBOX and not all(
            isinstance(messages, list) and all(isinstance(one, dict) for one in messages)
            for messages in wanted.values()
        ):
            raise InputError("must have a list of messages for each wallet", field=f"{inside}.{name}", advice=advice)
    return given


def _only(value: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
    for name in value:
        if name not in known:
            place = f"{at}.{name}" if at else str(name)
            raise InputError("is not known here", field=place, advice=f"there may be {', '.join(known)}")


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    if not isinstance(found, list):
        raise InputError(f"must be a list, found {shown(found)}", field=name)
    return found

"""A scenario: messages to one process, in order, and the results that somebody recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..models import from_json, read_environment, read_message, to_json
from ..process import evaluation_of
from ..state import Defaults, Options, bundled, has_boot
from ..vm import DIALECTS
from .network_scenario import Member, NetworkScenario, Step, is_of_network, process_id

__all__ = ["FOLDER", "Scenario", "environment_of", "read_scenario", "shipped"]

_INSTALLED = Path(__file__).resolve().parent / "scenarios"
#: The folder of the scenarios that come with the package: inside it when installed, the tests' own in a checkout.
FOLDER = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[2] / "tests" / "vectors"
#: Tags that a client and a network's units give.
_UNITS = frozenset({"Data-Protocol", "Variant", "Type", "Module", "Scheduler", "SDK", "Content-Type"})
#: What a client says of a message.
_SENT = frozenset({"From", "Owner", "Tags", "Data", "Anchor"})
_ADVICE = 'a scenario is {"env": {"Process": …}, "steps": [{"message": …, "result": …}, …]}'


@dataclass(frozen=True)
class Scenario:
    """Messages to one process, in order; the first is the process's own.

    name
        What reports call it.
    environment
        The process's environment, as the network writes it.
    messages
        The messages, in any form that `Process.handle` takes; what is left out is filled in as there.
    results
        The recorded results in wire form, one for each message, or None.
    reference
        Whose results these are: `aos2_0_6.wasm`.
    files
        What `/data/<id>` holds while the messages are evaluated. Not written down.
    code
        Which message brings the process's code, where the scenario was made of code (`of`). Not written down.
    boot_file
        The file of that code.
    """

    name: str
    environment: Mapping[str, Any]
    messages: Sequence[Mapping[str, Any]]
    results: Sequence[Mapping[str, Any]] | None = None
    reference: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    code: int | None = field(default=None, compare=False)
    boot_file: str | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        process: str | Path | None,
        messages: Sequence[Mapping[str, Any]],
        *,
        code: str | bytes | None = None,
        name: str | None = None,
        environment: Mapping[str, Any] | None = None,
        dialect: str | None = None,
    ) -> Scenario:
        """Messages to a process that starts with the code of a Lua file, or with `code`.

        In a `dialect` before aos 2 the code is not in the process's own message, but in an Eval of the owner after it.
        The files beside a Lua file that it requires are in its code: a published module sees no folder.

        Raises `InputError` where the file cannot be read.
        """
        if process is not None:
            code = bundled(_read(process), Path(process).resolve().parent)
        given = read_environment(environment)
        described = given.setdefault("Process", {})
        described.setdefault("Id", "process".ljust(43, "-"))
        described.setdefault("Owner", "owner".ljust(43, "-"))
        described.setdefault("Tags", [])
        own: dict[str, Any] = {"Id": described["Id"], "From": described["Owner"], "Owner": described["Owner"]}
        own["Tags"] = [{"name": "Type", "value": "Process"}]
        start, brings = [own], None
        if code is not None and has_boot(Options(dialect=dialect)):
            own["Tags"].append({"name": "On-Boot", "value": "Data"})
            own["Data"] = code
            brings = 0
        elif code is not None:
            text = code.encode("utf-8", "surrogateescape") if isinstance(code, str) else code
            start.append(evaluation_of(own["Id"], own["From"], described["Tags"], text))
            brings = 1
        default = Path(process).stem if process is not None else "process"
        file = None if process is None else str(process)
        return cls(name or default, given, [*start, *messages], code=brings, boot_file=file)

    @classmethod
    def read(cls, file: str | Path, *, dialect: str | None = None) -> Scenario:
        """A scenario from its file. Raises `InputError`, with file and field, for what is none.

        Of a scenario of a network it is the messages to its one process, which has more than that in a `dialect` before
        aos 2 (`of`); what is expected of them is left out. Raises `InputError` where one process cannot play it.
        """
        found = read_scenario(file)
        if isinstance(found, Scenario):
            return found
        try:
            member, steps = found.alone()
        except InputError as error:
            raise error.within(file=str(file)) from None
        environment = environment_of(member)
        described = environment["Process"]
        messages = [
            step.value
            if step.kind == "send"
            else {"From": described["Owner"], "Owner": described["Owner"], "Action": "Eval", "Data": step.value}
            for step in steps
            if step.kind != "expect"
        ]
        return cls.of(
            member.file, messages, code=member.code, name=found.name, environment=environment, dialect=dialect
        )

    @classmethod
    def of_document(cls, name: str, document: Any) -> Scenario:
        """A scenario as its file has it. Raises `InputError`, with the field, for what is none."""
        if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
            raise InputError("is no scenario", advice=_ADVICE)
        environment = _within("env", read_environment, document.get("env"))
        messages, results = [], []
        for index, step in enumerate(document["steps"]):
            at = f"steps[{index}]"
            if not isinstance(step, dict) or not isinstance(step.get("message"), dict):
                raise InputError("has no message", field=at, advice=_ADVICE)
            _within(f"{at}.message", read_message, step["message"])
            messages.append(step["message"])
            if isinstance(step.get("result"), dict):
                results.append(step["result"])
        if not messages:
            raise InputError("holds no message", advice=_ADVICE)
        if results and len(results) != len(messages):
            raise InputError(f"has {len(results)} results for {len(messages)} messages", advice="record it again")
        reference = document.get("reference")
        return cls(name, environment, messages, results or None, reference if isinstance(reference, str) else None)

    def in_network(self) -> NetworkScenario:
        """The same messages as a scenario of a network: the process is spawned, the others are sent by wallets.

        Of recorded results only whether there was an error is expected: ids and times are the network's own.
        """
        described = self.environment["Process"]
        first = read_message(self.messages[0])
        own: dict[str, Any] = {}
        for tag in (*first["Tags"], *described.get("Tags", [])):
            own.setdefault(tag["name"], tag["value"])
        tags = tuple((name, value) for name, value in own.items() if name not in _UNITS)
        module = self.environment.get("Module")
        member = Member(
            next((str(value) for name, value in tags if name == "Name"), self.name),
            code=first.get("Data"),
            owner=described["Owner"],
            tags=tags,
            module=module.get("Id") if isinstance(module, Mapping) else None,
            is_data=True,
        )
        steps = []
        for index, message in enumerate(self.messages[1:], 1):
            wire = {name: value for name, value in read_message(message).items() if name in _SENT}
            error = None if self.results is None else "Error" in self.results[index]
            steps.append(Step("send", wire, f"steps[{index}]", member.name, error=error))
        senders = [str(step.value.get("Owner") or step.value.get("From") or member.owner) for step in steps]
        return NetworkScenario(self.name, (member,), tuple(steps), tuple(dict.fromkeys([member.owner, *senders])))

    def document(self) -> dict[str, Any]:
        """What `write` writes: `{"reference", "env", "steps": [{"message", "result"}]}`, as JSON has it."""
        steps: list[dict[str, Any]] = [{"message": message} for message in self.messages]
        for step, result in zip(steps, self.results or (), strict=False):
            step["result"] = result
        plain: dict[str, Any] = json.loads(
            to_json({"reference": self.reference, "env": self.environment, "steps": steps})
        )
        return plain

    def write(self, file: str | Path) -> None:
        """Write it down, so that `read` reads the same. Raises `InputError` where the file cannot be written."""
        text = json.dumps(self.document(), indent=1) + "\n"
        try:
            Path(file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror or error}", file=str(file)) from None

    def complete(self) -> Scenario:
        """The same scenario with nothing left out of a message, so that every side is given the same."""
        described = self.environment["Process"]
        module = self.environment.get("Module")
        named = module.get("Id") if isinstance(module, Mapping) else None
        defaults = Defaults(described["Id"], described["Owner"], named or None)
        messages = []
        for index, message in enumerate(self.messages):
            try:
                wire = read_message(message)
            except InputError as error:
                raise error.within(f"message {index}") from None
            defaults.fill(wire)
            messages.append(wire)
        return replace(self, messages=messages)


def read_scenario(file: str | Path) -> Scenario | NetworkScenario:
    """What a file holds: messages to one process, or a scenario of a network. Raises `InputError` for anything else."""
    try:
        document = from_json(_read(file))
        if is_of_network(document):
            return NetworkScenario.of_document(Path(file).stem, document, Path(file).parent)
        return Scenario.of_document(Path(file).stem, document)
    except InputError as error:
        raise error.within(file=str(file)) from None


def environment_of(member: Member) -> dict[str, Any]:
    """The environment of a scenario's process that is on its own."""
    tags = [{"name": name, "value": value} for name, value in member.tags]
    return {"Process": {"Id": process_id(member), "Owner": member.owner, "Tags": tags}}


def shipped(dialect: str = "2.0.6") -> list[Scenario]:
    """The scenarios that come with the package, with the answers of that dialect's module. Raises `InputError`."""
    if dialect not in DIALECTS:
        advice = f"the dialects are {', '.join(DIALECTS)}"
        raise InputError(f"there is no dialect {dialect!r}", advice=advice, field="dialect")
    folder = FOLDER if dialect == "2.0.6" else FOLDER / dialect
    return [Scenario.read(file) for file in sorted(folder.glob("*.json"))]


def _read(file: str | Path) -> bytes:
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason}", file=str(file)) from None


def _within(field: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except InputError as error:
        raise error.within(field) from None

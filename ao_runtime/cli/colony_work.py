"""What a job brings, read from files here, and what it has left, shown as the commands without a colony show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InputError, ProcessError
from ..models import Result, from_json, to_json
from . import show
from .text import document, echo, harmless

if TYPE_CHECKING:
    from ..executor import Settings

__all__ = ["Begun", "begun", "show_conformed", "show_fuzzed", "show_results", "show_verified"]


class Begun(NamedTuple):
    """A process, and the messages that are to be evaluated to it."""

    process: str
    messages: list[dict[str, Any]]
    state: dict[str, Any] | None
    first: int
    environment: str | None
    module: str | None


def begun(
    settings: Settings,
    file: str,
    journal: str | None,
    snapshot: str | None,
    first: int | None,
    code: str | None,
    id: str | None,
    owner: str | None,
    dialect: str | None,
    module: str | None,
) -> Begun:
    """What is asked for. Raises `InputError` where it is not known which process it is, or how far that is."""
    from ..executor import reference_to
    from .documents import read_messages

    messages = [given.wire for given in read_messages(file)]
    module = None if module is None else reference_to(settings, module)
    state: dict[str, Any] | None = None
    if journal is not None:
        state = {"journal": reference_to(settings, journal)}
        seen, known = _in_journal(settings, state["journal"])
        first = seen if first is None else first
        id = id or known
    elif snapshot is not None:
        state = {"snapshot": reference_to(settings, snapshot)}
    elif first is None:
        first = 0
    if first is None:
        raise InputError(
            "is not known here", field="--first", advice="say how many messages the process has seen, or give --data"
        )
    if first == 0 and (code is not None or owner is not None):
        environment, own, id = _start(code, id, owner, dialect)
        return Begun(id, [*own, *messages], state, 0, environment, module)
    if code is not None:
        raise InputError(f"the process has seen {first} messages already", field="--process", advice="leave it out")
    if id is None:
        raise InputError("is not known here", field="--id", advice="say the process's id, or give --data")
    return Begun(id, messages, state, first, None, module)


def _in_journal(settings: Settings, ref: str) -> tuple[int | None, str | None]:
    """How many messages a journal holds, and of which process it is, as far as it can be seen from here."""
    from ..store import Store

    path = Path(ref) if settings.data is None else settings.data / ref
    if not path.exists():
        return (None if settings.data is None else 0), None
    with Store.open(path, write=False, create=False) as store:
        genesis = store.genesis or {}
        described = genesis.get("environment", {}).get("Process", {})
        return store.count, described.get("Id")


def _start(
    code: str | None, id: str | None, owner: str | None, dialect: str | None
) -> tuple[str, list[dict[str, Any]], str]:
    """The environment of a process that is to begin, its own messages, and its id."""
    from ..process import Start, read_code
    from ..state import Options, bundled

    # The files beside it are in its code: executors see no folder of ours.
    text = None if code is None else bundled(read_code(code), Path(code).resolve().parent)
    start = Start.of(None, Options(dialect=dialect), code=text, owner=owner or "", id=id)
    own = [start.message] if start.evaluation is None else [start.message, start.evaluation]
    return to_json(start.environment), own, start.environment["Process"]["Id"]


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────


def show_results(settings: Settings, asked: Begun, outputs: list[dict[str, Any]], *, as_json: bool) -> int:
    """The results of all jobs, in order: as `ao-run handle` shows them."""
    from ..executor import Data, results_of

    data = Data(settings.data)
    worst = 0
    number = 0
    for output in outputs:
        for text in results_of(data, output):
            result = Result.of_wire(from_json(text))
            if as_json:
                echo(text)
            else:
                show.for_people(result, asked.messages[number], number=str(asked.first + number), limits=None)
            worst = max(worst, show.exit_code(result))
            number += 1
    return worst


def show_verified(output: dict[str, Any], *, as_json: bool) -> int:
    """What `ao-run verify` says of a journal."""
    difference = output["difference"]
    if as_json:
        found = {name: output[name] for name in ("messages", "compared", "same", "gas")}
        document({**found, "parts": output.get("parts", 1), "difference": _read(difference)})
    elif difference is None:
        count, compared = output["messages"], output["compared"]
        left_out = f" ({count - compared} hit a limit on time or memory, and are not compared)"
        no_gas = "" if output["gas"] else "; their gas is not compared: it was counted by an older rule"
        echo(f"{count} messages, all as recorded{left_out if compared < count else ''}{no_gas}")
    elif "state" in difference:
        echo(f"── {difference['nonce']}")
        echo("the state that the messages lead to here is not the one that the journal keeps")
    else:
        from ..conformance import beside

        found = _read(difference)
        echo(harmless(f"── {found['nonce']} · {show.name_of(found['message'])}"))
        echo("this result is not as it was recorded; all before it are")
        for line in beside(("recorded", "now"), found["recorded"], found["replayed"]):
            echo(harmless(line))
    return 0 if output["same"] else ProcessError.exit_code


def _read(difference: dict[str, Any] | None) -> Any:
    """A difference whose texts are read."""
    if difference is None or "state" in difference:
        return difference
    read = {name: from_json(difference[name] or "{}") for name in ("message", "recorded", "replayed")}
    return {"nonce": difference["nonce"], **read}


def show_conformed(settings: Settings, output: dict[str, Any], *, as_json: bool) -> int:
    """What `ao-run conform` says of scenarios."""
    from ..executor import Data, read_text

    report = read_text(Data(settings.data), output["report"])
    if as_json:
        echo(json.dumps(report))
    else:
        _differences(report["scenarios"], strict=output["strict"])
        totals = output["totals"]
        echo(
            f"{totals['scenarios']} scenarios, {totals['messages']} messages: {totals['equal']} equal,"
            f" {totals['explained']} explained, {totals['different']} different"
        )
    return 0 if output["same"] else ProcessError.exit_code


def show_fuzzed(settings: Settings, output: dict[str, Any], *, as_json: bool) -> int:
    """What came of generated messages."""
    from ..executor import Data, read_text

    data = Data(settings.data)
    findings = [finding for report in output["reports"] for finding in read_text(data, report)]
    figures = {name: output[name] for name in ("seeds", "messages", "processes", "explained", "same")}
    if as_json:
        echo(json.dumps({**figures, "findings": findings}))
    else:
        for finding in findings:
            _differences(finding["scenarios"][-1:], strict=False)
        first, stop = output["seeds"]
        echo(
            f"{output['messages']} generated messages to {output['processes']} processes (seeds {first} to {stop - 1}):"
            f" {output['findings']} differences, {sum(output['explained'].values())} more explained"
        )
    return 0 if output["same"] else ProcessError.exit_code


def _differences(scenarios: list[dict[str, Any]], *, strict: bool) -> None:
    from ..conformance import beside

    for scenario in scenarios:
        for difference in scenario["differences"]:
            if difference["explained"] is not None and not strict:
                continue
            echo(harmless(f"── {scenario['scenario']}[{difference['index']}] · {show.name_of(difference['message'])}"))
            for line in beside(("ours", "theirs"), difference["ours"], difference["theirs"]):
                echo(harmless(line))
            echo()

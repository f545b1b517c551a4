"""`ao-run conform`: the same messages on our Lua and on a published module, or beside recorded answers."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, ProcessError
from .text import echo, harmless

if TYPE_CHECKING:
    from ..conformance import Comparison, Fuzzed, Scenario, Side

__all__ = ["conform"]


@click.command("conform", short_help="Compare our Lua with a published module, or with recorded answers.")
@click.argument("scenarios", metavar="[SCENARIO]...", nargs=-1)
@click.option("--module", metavar="FILE.wasm", help="The published module to compare with.")
@click.option(
    "--against", metavar="RECORDED", help="Recorded answers to compare with: a scenario, or a folder of them."
)
@click.option("-p", "--process", metavar="FILE.lua", help="A process: each SCENARIO is then a file of messages to it.")
@click.option("--dialect", metavar="NAME", help="Generation that our Lua plays. [the module's, else 2.0.6]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")
@click.option("--record", metavar="DIR", help="Write the scenarios with the module's answers there (or our Lua's).")
@click.option("--fuzz", metavar="N", type=click.IntRange(1), help="Compare N generated messages instead of scenarios.")
@click.option("--strict", is_flag=True, help="Show and count explained differences like the others.")
@click.option("--seed", metavar="S", default="1", help="What the messages are generated from. [1]")
def conform(
    scenarios: tuple[str, ...],
    module: str | None,
    against: str | None,
    process: str | None,
    dialect: str | None,
    as_json: bool,
    record: str | None,
    fuzz: int | None,
    strict: bool,
    seed: str,
) -> int:
    """Evaluate the same messages on our Lua and on a published module, and show where the results differ.

    SCENARIO is a file of messages and, maybe, of recorded answers; without any: those that come with the package.
    They are compared with the published module, else with the recorded answers. The exit code is 1 if there is a
    difference that docs/differences.md does not explain; with --strict, if there is any.

    \b
    ao-run conform
    ao-run conform --module aos2_0_6.wasm
    ao-run conform --module aos2_0_6.wasm -p token.lua messages.json
    ao-run conform --module aos2_0_6.wasm --record recorded mine.json
    ao-run conform --module aos2_0_6.wasm --fuzz 20000 --seed 7
    """
    from ..conformance import OurLua, Published, Recorded

    if module is not None and against is not None:
        raise click.UsageError("--module and --against: compare with one of them")
    dialect = dialect or _spoken_by(module)
    ours = OurLua(dialect)
    if fuzz is not None:
        if module is None or scenarios:
            raise click.UsageError("--fuzz needs --module FILE.wasm, and no SCENARIO")
        from ..conformance import LIMITS, MODULE_LIMITS

        ours = OurLua(dialect, limits=LIMITS)
        return _fuzz(
            fuzz,
            seed,
            ours,
            Published(module, limits=MODULE_LIMITS),
            dialect,
            as_json=as_json,
            strict=strict,
            folder=record,
        )
    found = list(_read(scenarios, process, dialect))
    if record is not None:
        return _record(record, found, Published(module) if module else ours)
    theirs: Side = Published(module) if module else Recorded(against)
    return _compare(found, ours, theirs, as_json=as_json, strict=strict)


def _spoken_by(module: str | None) -> str:
    """The dialect that a published module speaks, as far as it says; if it does not, the newest."""
    from ..state import spoken

    said = spoken(module) if module is not None else None
    return "2.0.6" if said is None else said.dialect


def _read(files: Sequence[str], process: str | None, dialect: str) -> Iterator[Scenario]:
    """The scenarios that are meant."""
    from ..conformance import Scenario, shipped

    if process is not None:
        from .documents import read_messages

        if not files:
            raise click.UsageError("-p needs a file of messages")
        for file in files:
            messages = [given.wire for given in read_messages(file)]
            yield Scenario.of(process, messages, name=Path(file).stem, dialect=dialect)
    elif files:
        for file in files:
            yield Scenario.read(file, dialect=dialect)
    else:
        yield from shipped(dialect)


def _record(folder: str, scenarios: Sequence[Scenario], side: Side) -> int:
    from ..conformance import record_to

    name, count = Counter(scenario.name for scenario in scenarios).most_common(1)[0]
    if count > 1:
        raise InputError(f"{count} scenarios are called {name}", advice="record them into several folders")
    for number, scenario in enumerate(scenarios, 1):
        _progress(f"{scenario.name} ({number} of {len(scenarios)})")
        record_to(folder, scenario, side)
    _progress("")
    return 0


def _compare(scenarios: Sequence[Scenario], ours: Side, theirs: Side, *, as_json: bool, strict: bool) -> int:
    from ..conformance import compare

    comparisons = []
    for number, scenario in enumerate(scenarios, 1):
        _progress(f"{scenario.name} ({number} of {len(scenarios)})")
        comparisons.append(compare(scenario, ours, theirs))
    _progress("")
    _show(comparisons, as_json=as_json, strict=strict)
    explained = any(comparison.explained for comparison in comparisons)
    return _code(comparisons, strict and explained)


def _code(comparisons: Sequence[Comparison], failed: bool) -> int:
    failed = failed or not all(comparison.same for comparison in comparisons)
    return ProcessError.exit_code if failed else 0


def _show(comparisons: Sequence[Comparison], *, as_json: bool, strict: bool) -> None:
    import shutil

    from ..conformance import as_dict, describe, table

    if as_json:
        _document(as_dict(comparisons))
        return
    width = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 120
    for comparison in comparisons:
        for difference in comparison.differences if strict else comparison.unexplained:
            for line in describe(comparison, difference, width):
                echo(harmless(line))
            echo()
    for line in table(comparisons):
        echo(line)


def _fuzz(
    count: int,
    seed: str,
    ours: Side,
    theirs: Side,
    dialect: str,
    *,
    as_json: bool,
    strict: bool,
    folder: str | None,
) -> int:
    from ..conformance import as_dict, describe, fuzz, record_to

    def progress(messages: int, findings: int) -> None:
        _progress(f"{messages} of {count} messages, {findings} differences")

    fuzzed = fuzz(count, seed, ours, theirs, dialect=dialect, progress=progress)
    _progress("")
    if folder is not None:
        for finding in fuzzed.findings:
            record_to(folder, finding.scenario, theirs)
    comparisons = [finding.comparison for finding in fuzzed.findings]
    if as_json:
        _document({**as_dict(comparisons), "fuzz": _figures(fuzzed)})
    else:
        for comparison in comparisons:
            for difference in comparison.unexplained[:1]:
                for line in describe(comparison, difference):
                    echo(harmless(line))
                echo()
        explained = sum(fuzzed.explained.values())
        echo(
            f"{fuzzed.messages} generated messages to {fuzzed.processes} processes (seed {seed}): "
            f"{len(comparisons)} differences, {explained} more explained"
        )
    return _code(comparisons, strict and bool(fuzzed.explained))


def _figures(fuzzed: Fuzzed) -> dict[str, Any]:
    return {
        "seed": fuzzed.seed,
        "messages": fuzzed.messages,
        "processes": fuzzed.processes,
        "explained": fuzzed.explained,
        "scenarios": [finding.scenario.document() for finding in fuzzed.findings],
    }


def _document(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value))


def _progress(text: str) -> None:
    """One line on stderr that the next one takes the place of; nothing where stderr is no terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{harmless(text)}", err=True, nl=False)

"""What came of Lua tests, for people and for programs: text, JUnit's XML, JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from ...models import harmless
from .outcome import Outcome, Problem
from .suite import Unloadable

__all__ = ["line_of", "lua_dict", "lua_junit", "lua_problem", "lua_report", "lua_summary"]

Style = Callable[[str, str], str]


def _plain(text: str, _: str) -> str:
    return text


_MARKS = {"passed": "✓", "failed": "✗", "pending": "…"}


def line_of(outcome: Outcome, style: Style = _plain) -> str:
    """A test in a line: whether it passed, its name, its milliseconds."""
    took = "" if outcome.status == "pending" else f"  {outcome.seconds * 1000:.1f} ms"
    return style(f"{_MARKS[outcome.status]} {outcome.file}: {harmless(outcome.name)}", outcome.status) + took


def lua_report(outcome: Outcome, level: int = 0, style: Style = _plain) -> Iterator[str]:
    """A test that failed: the place, the line, what happened; from `level` 1 on every test, what it printed, sent."""
    failed = outcome.status == "failed"
    if not failed and level < 1:
        return
    yield line_of(outcome, style)
    if outcome.problem is not None and (failed or outcome.problem.message):
        yield from lua_problem(outcome.problem, style)
    if outcome.printed and (failed or level):
        yield ""
        yield "  printed:"
        yield from (f"    {harmless(line)}" for line in outcome.printed.rstrip("\n").split("\n"))
    if outcome.tree and (failed or level):
        yield ""
        yield from (f"  {line}" for line in outcome.tree.split("\n"))
    if failed:
        yield ""


def lua_problem(problem: Problem, style: Style = _plain) -> Iterator[str]:
    """Message, place, the source there, and who called."""
    yield from (f"  {harmless(line)}" for line in problem.message.split("\n"))
    if problem.file is not None and problem.line is not None:
        yield f"  {style(f'{problem.file}:{problem.line}', 'place')}"
    if problem.excerpt:
        yield ""
        width = len(str(problem.excerpt[-1].number))
        for line in problem.excerpt:
            text = f"{line.number:>{width}} | {harmless(line.text.expandtabs(2))}".rstrip()
            yield style(f"  > {text}", "source") if line.number == problem.line else f"    {text}"
    if problem.callers:
        yield ""
        yield from (f"  called from {one}" for one in problem.callers)


def lua_summary(outcomes: Sequence[Outcome], bad: Sequence[Unloadable], seconds: float, seed: int | None) -> str:
    """`3 passed, 1 failed in 0.12 s (order 42)`."""
    parts = [
        f"{count} {status}"
        for status in ("passed", "failed", "pending")
        if (count := sum(one.status == status for one in outcomes))
    ]
    if bad:
        parts.append(f"{len(bad)} file{'s' if len(bad) > 1 else ''} cannot be loaded")
    order = "" if seed is None else f" (order {seed})"
    return f"{', '.join(parts) or 'no tests'} in {seconds:.2f} s{order}"


def lua_dict(
    outcomes: Sequence[Outcome], bad: Sequence[Unloadable], seconds: float, seed: int | None
) -> dict[str, Any]:
    """All of it as JSON may have it."""
    return {
        "passed": sum(one.status == "passed" for one in outcomes),
        "failed": sum(one.status == "failed" for one in outcomes),
        "pending": sum(one.status == "pending" for one in outcomes),
        "seconds": round(seconds, 6),
        "seed": seed,
        "tests": [one.to_dict() for one in outcomes],
        "unloadable": [{"file": one.file, "problem": one.problem.to_dict()} for one in bad],
    }


def lua_junit(outcomes: Sequence[Outcome], bad: Sequence[Unloadable], seconds: float) -> bytes:
    """The XML that CI systems read: a test suite for each file."""
    root = ElementTree.Element("testsuites", name="ao-run test", time=f"{seconds:.6f}")
    files = [*dict.fromkeys([*(one.file for one in outcomes), *(one.file for one in bad)])]
    for file in files:
        own = [one for one in outcomes if one.file == file]
        broken = [one for one in bad if one.file == file]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_text(file),
            tests=str(len(own) + len(broken)),
            failures=str(sum(one.status == "failed" for one in own)),
            errors=str(len(broken)),
            skipped=str(sum(one.status == "pending" for one in own)),
            time=f"{sum(one.seconds for one in own):.6f}",
        )
        for one in own:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_text(file), name=_text(one.name), time=f"{one.seconds:.6f}"
            )
            if one.status == "pending":
                ElementTree.SubElement(case, "skipped")
            elif one.problem is not None:
                told = ElementTree.SubElement(case, "failure", message=_text(one.problem.message))
                told.text = _text("\n".join([*lua_problem(one.problem), "", one.tree]))
            if one.printed:
                ElementTree.SubElement(case, "system-out").text = _text(one.printed)
        for one_bad in broken:
            case = ElementTree.SubElement(suite, "testcase", classname=_text(file), name=_text(file))
            told = ElementTree.SubElement(case, "error", message=_text(one_bad.problem.message))
            told.text = _text("\n".join(lua_problem(one_bad.problem)))
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _text(text: str) -> str:
    """What XML can hold: other letters as people see them."""
    return "".join(letter if letter in "\t\n" or _fits(ord(letter)) else f"\\u{{{ord(letter):x}}}" for letter in text)


def _fits(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000

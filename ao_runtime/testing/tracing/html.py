"""Traces and answers to `why` as one page: no script, nothing from elsewhere, whatever strangers wrote is text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from textwrap import dedent

from ...models import harmless, plain
from .model import Asked, Traced, TraceParts, WhyParts
from .style import POLICY, STYLE
from .text import MARKS, change_words, head_words, outgoing_words
from .words import check_lines, lua, matches_of

__all__ = ["trace_html", "why_html"]

#: Characters of a text.
_LONGEST = 4000
_DEEPEST = 12
#: A blank at which no line ends.
_TOGETHER = "\u00a0"
_OUTCOMES = {
    "no": "does not match",
    "took": "took it",
    "ran": "ran, and the walk went on",
    "failed": "failed",
    "waits": "waits for another message",
    "default": "gets what is left",
    "takes": "would take it",
    "shares": "would run, and the walk go on",
    "late": "comes too late",
    "bad": "cannot be asked",
}


def trace_html(traces: TraceParts | Iterable[TraceParts], title: str = "Trace") -> str:
    """A page with one or more traces: all that they hold, what is long folded. Safe to open, whoever wrote in it."""
    several = [traces] if isinstance(traces, TraceParts) else list(traces)
    body = [line for trace in several for line in _trace(trace)]
    return _page(title, body)


def why_html(why: WhyParts, title: str = "Why") -> str:
    """A page with the answer of `why`."""
    body = ["<article>", f"<h2>{_text(why.action)} from {_text(why.sender)}</h2>"]
    if why.refused is not None:
        body += ['<p class="error">It gets to no handler.</p>', f"<pre>{_text(why.refused)}</pre>"]
    elif why.broken is not None:
        body.append(f'<p class="error">It would fail at the pattern of <strong>{_text(why.broken)}</strong>.</p>')
    elif why.taken is None:
        body.append("<p>No handler takes it, and there is no _default.</p>")
    elif why.taken == "_default":
        body.append("<p>No handler takes it: it would go to the Inbox.</p>")
    else:
        body.append(f"<p>Handler <strong>{_text(why.taken)}</strong> takes it.</p>")
    body += [f'<p class="hint">{_text(hint)}</p>' for hint in why.hints]
    body += _handlers(why.handlers, why.more_handlers)
    body += [f'<p class="dim">{_text(note)}</p>' for note in why.notes]
    return _page(title, [*body, "</article>"])


def _page(title: str, body: list[str]) -> str:
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            f"<h1>{_text(title)}</h1>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def _trace(trace: TraceParts) -> Iterator[str]:
    for number, one in enumerate(trace.messages):
        yield from _message(one, number)
    if trace.more:
        yield f'<p class="dim">… and {trace.more} messages more</p>'


def _message(one: Traced, number: int) -> Iterator[str]:
    depth = min(one.depth, _DEEPEST)
    yield f'<article class="d{depth}">' if depth else "<article>"
    yield f"<h2><code>{_text(head_words(one))}</code></h2>"
    if one.error is not None:
        yield f'<p class="error">error: {_text(one.error)}</p>'
        if one.error_place:
            yield f"<pre>{_text(dedent(chr(10).join(one.error_place)))}</pre>"
    yield from _handlers(one.handlers, one.more_handlers, one)
    if one.printed and not any(handler.printed for handler in one.handlers):
        yield f"<h3>Printed</h3><pre>{_text(one.printed)}</pre>"
    told = {at for handler in one.handlers for at in handler.sent}
    rest = [sent for at, sent in enumerate(one.sent) if at not in told]
    if rest:
        yield f"<h3>Sent</h3><pre>{_text(chr(10).join(map(outgoing_words, rest)))}</pre>"
    if one.changes:
        yield "<h3>Globals</h3><ul>"
        for change in one.changes:
            words = change_words(change).replace(" ", _TOGETHER, 1)
            yield f'<li class="{change.kind}"><code>{_text(words)}</code></li>'
        if one.more_changes:
            yield f'<li class="dim">… and {one.more_changes} more</li>'
        yield "</ul>"
    if one.fields:
        lines = "\n".join(f"{name} = {lua(value, 400)}" for name, value in one.fields)
        yield f"<details><summary>The message</summary><pre>{_text(lines)}</pre></details>"
    yield from (f'<p class="dim">{_text(note)}</p>' for note in one.notes)
    yield "</article>"


def _handlers(handlers: tuple[Asked, ...], more: int, of: Traced | None = None) -> Iterator[str]:
    if not handlers:
        return
    yield "<h3>Handlers</h3><ul>"
    for one in handlers:
        yield from _handler(one, of)
    if more:
        yield f'<li class="dim">… and {more} more</li>'
    yield "</ul>"


def _handler(one: Asked, of: Traced | None) -> Iterator[str]:
    took = "" if one.instructions is None else f'<span class="dim">, {one.instructions} instructions</span>'
    yield f'<li class="{one.outcome}"><span class="m">{MARKS[one.outcome]}</span><strong>{_text(one.name)}</strong>'
    yield f'<span class="dim"> {_OUTCOMES[one.outcome]}</span>{took}'
    yield from (f'<p class="why">{_text(reason)}</p>' for reason in one.reasons)
    yield from (f'<p class="hint">{_text(hint)}</p>' for hint in one.hints)
    if one.resumed is not None:
        yield f'<p class="why">goes on with {_text(one.resumed)}, which had waited</p>'
    if one.printed:
        yield f"<pre>{_text(chr(10).join(one.printed))}</pre>"
    if of is not None and one.sent:
        yield f"<pre>{_text(chr(10).join(outgoing_words(of.sent[at]) for at in one.sent))}</pre>"
    lines = check_lines(one.pattern, matches_of(one))
    function = one.pattern.function
    if function is not None and function.code is not None:
        lines.append(f"{function.place}: {function.code}")
    if lines and tuple(lines) != one.reasons:
        yield f"<details><summary>Its pattern</summary><pre>{_text(chr(10).join(lines))}</pre></details>"
    yield "</li>"


def _text(text: str) -> str:
    """Text in a page: no mark-up, nothing that turns its direction or hides it."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return escape(harmless(plain(short)))

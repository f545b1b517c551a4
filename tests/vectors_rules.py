"""When two results of one message are the same: the rules of `tests/vectors/README.md`.

`equal(actual, expected)` compares our answer with the reference's; `normalise` gives the form
in which they are compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

#: A position in one of the reference's own files; positions in the process's code stay.
OWN_POSITION = re.compile(r'\[string "\.[^"]*"\]:\d+: |\[string "(?:ao|json|handlers|process)"\]:\d+: ')
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
VERSION = re.compile(r"aos-\d+\.\d+\.\d+")

#: The protocol's own tags end with the reference; what follows may come in any order.
REFERENCE_TAGS = ("Reference", "Ref_")
OUTBOXES = ("Messages", "Spawns", "Assignments")

#: Stands for an Error of which only the existence counts.
ANY_ERROR = "<some error>"


def plain(text: str) -> str:
    """Text without positions in the reference's files, addresses and the version."""
    text = OWN_POSITION.sub("", text)
    text = ADDRESS.sub("0x", text)
    return VERSION.sub("aos", text)


def error_text(error: Any) -> Any:
    """What counts of an error: the part after the last `error:` line, without colours."""
    if not isinstance(error, str):
        return error
    text = COLOUR.sub("", plain(error))
    _, mark, rest = text.rpartition("error:\n")
    return (rest if mark else text).strip()


def complains_about_itself(error: Any) -> bool:
    """Whether the reference crashed on an error value that is no string."""
    return isinstance(error, str) and bool(
        re.match(r'\[string "\.process"\]:\d+: attempt to concatenate a \w+ value \(local \'result\'\)', error)
    )


def made_of_keys(text: str) -> bool:
    """Whether a text may be a table of several keys, whose order is free."""
    return "\n" in text or "{" in text or ": " in text


def text_form(text: str) -> Any:
    """A text as it is compared: a multiset of characters when the order of keys is free."""
    text = plain(text)
    return sorted(Counter(text).items()) if made_of_keys(text) else text


def tags_form(tags: Any) -> Any:
    """Tags: the protocol's own in order, the others in any order."""
    if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
        return tags
    for index, tag in enumerate(tags):
        if tag.get("name") in REFERENCE_TAGS:
            own, others = tags[: index + 1], tags[index + 1 :]
            return [own, sorted(others, key=lambda tag: json.dumps(tag, sort_keys=True))]
    return tags


def sent_form(sent: Any) -> Any:
    """One message, spawn or assignment of the outbox."""
    if not isinstance(sent, dict):
        return sent
    form = {key: value for key, value in sent.items() if value is not None}
    if "Tags" in form:
        form["Tags"] = tags_form(form["Tags"])
    if isinstance(form.get("Data"), str):
        form["Data"] = text_form(form["Data"])
    return form


def output_form(output: Any) -> Any:
    """The output: every text of it, at any depth."""
    if isinstance(output, str):
        return text_form(output)
    if isinstance(output, list):
        return [output_form(item) for item in output]
    if isinstance(output, dict):
        return {key: output_form(value) for key, value in output.items() if value is not None}
    return output


def normalise(result: dict[str, Any]) -> dict[str, Any]:
    """A result in the form in which it is compared."""
    if result.get("Error") not in (None, False):
        error = result["Error"]
        return {"Error": ANY_ERROR if complains_about_itself(error) else error_text(error)}
    form: dict[str, Any] = {"Output": output_form(result.get("Output"))}
    for outbox in OUTBOXES:
        value = result.get(outbox)
        # An empty Lua table has one JSON form; nobody can tell a list from an object.
        form[outbox] = [sent_form(sent) for sent in value] if isinstance(value, list) else value or []
    return form


def equal(actual: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether `actual` is the reference's answer `expected`, by the rules."""
    mine, theirs = normalise(actual), normalise(expected)
    if theirs.get("Error") == ANY_ERROR:
        return "Error" in mine
    return mine == theirs

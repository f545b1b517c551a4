"""New projects, from templates: all that a project needs, green at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..errors import InputError
from ..models import shown
from ..vm import FOLDER
from .writing import write_file

__all__ = ["TEMPLATES", "editor_settings", "new_project", "write_editor_settings"]

__tracebackhide__ = True

#: What there are templates of.
TEMPLATES = ("token", "chat", "market", "empty")

_HERE = Path(__file__).parent / "templates"
#: Letters and digits of any language: it becomes a tag, stands in TOML and JSON, and is a folder's.
_NAME = re.compile(r"[^\W_][\w .-]{0,62}\Z")
#: What a template's process needs besides.
_TAGS = {"market": '\nToken = "the-id-of-a-token"'}


def new_project(folder: Path, template: str = "empty", name: str | None = None) -> list[Path]:
    """Make a project in a folder that is empty or not there yet; the files that were written.

    `name` is what the process is called; the folder's name if it is not given. Raises `InputError` for a template that
    there is none of, a name that cannot be one, and a folder that holds something.
    """
    if template not in TEMPLATES:
        raise InputError(
            f"there is no template {shown(template)}", field="template", advice=f"there are {', '.join(TEMPLATES)}"
        )
    folder = Path(folder)
    called = folder.resolve().name if name is None else name
    if not _NAME.match(called) or called != called.strip(" ."):
        raise InputError(
            f"{shown(called)} can be no project's name", field="name", advice="letters, digits, spaces, . _ and -"
        )
    try:
        if folder.exists() and (not folder.is_dir() or any(one.name != ".git" for one in folder.iterdir())):
            raise InputError("is there already, and not empty", file=str(folder), advice="give another folder")
        texts = _texts(template, called)
        for path, text in texts.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=str(folder)) from None
    return [*(folder / path for path in texts), write_editor_settings(folder)]


def write_editor_settings(folder: Path) -> Path:
    """Write `.luarc.json`, by which lua-language-server knows what a process has; its file.

    It names a folder of this machine, so it is made anew on each. Raises `InputError` where it cannot be written.
    """
    path = Path(folder) / ".luarc.json"
    write_file(path, editor_settings().encode())
    return path


def editor_settings() -> str:
    """The text of `.luarc.json`."""
    tests = ["describe", "it", "pending", "before_each", "after_each", "setup", "teardown", "spy", "stub", "send"]
    more = ["spawn", "process", "clock", "inbox", "wallet"]
    settings = {
        "runtime.version": "Lua 5.3",
        "workspace.library": [str(FOLDER / "meta")],
        "diagnostics.globals": [*tests, *more],
    }
    return json.dumps(settings, indent=2) + "\n"


def _texts(template: str, name: str) -> dict[str, str]:
    """The files of a project, by their paths."""
    values = {
        "@NAME@": name,
        "@ABOUT@": (_HERE / template / "about.txt").read_text(encoding="utf-8").strip(),
        "@TAGS@": _TAGS.get(template, ""),
    }
    texts = {}
    for folder in (_HERE / "common", _HERE / template):
        for path in sorted(folder.rglob("*.in")):
            text = path.read_text(encoding="utf-8")
            for mark, value in values.items():
                text = text.replace(mark, value)
            texts[path.relative_to(folder).as_posix().removesuffix(".in").replace("dot-", ".")] = text
    return texts

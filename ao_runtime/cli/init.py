"""`ao-run init`: a new project, green at once."""

from __future__ import annotations

from pathlib import Path

import click

from ..projects import TEMPLATES
from .text import document, echo, harmless, style

__all__ = ["init"]


@click.command("init", short_help="Make a new project: process, modules, tests, settings, CI.")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("-t", "--template", type=click.Choice(TEMPLATES), default="empty", help="What it begins as. [empty]")
@click.option("--name", metavar="NAME", help="What the process is called. [the folder's name]")
@click.option("--luarc", is_flag=True, help="Only write .luarc.json, for editors on this machine, into a project.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def init(folder: Path, template: str, name: str | None, luarc: bool, as_json: bool) -> int:
    """Make a project in FOLDER: a process with its modules, tests in Lua and Python, a scenario, settings, a CI file.

    All of it is green at once. With --json: {"folder", "template", "files"}.

    \b
    ao-run init points --template token
    cd points && ao-run test && ao-run run
    """
    from ..projects import new_project, write_editor_settings

    files = [write_editor_settings(folder)] if luarc else new_project(folder, template, name)
    if as_json:
        document({"folder": str(folder), "template": None if luarc else template, "files": list(map(str, files))})
        return 0
    for file in files:
        echo(harmless(str(file)))
    if not luarc:
        echo(style(harmless(f"next: cd {folder} && ao-run test && ao-run run"), dim=True), err=True)
    return 0

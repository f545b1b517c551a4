"""`ao-run config`: what holds in a project, and where it comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from . import show
from .text import document, echo, harmless, style, value

if TYPE_CHECKING:
    from ..projects import Configuration, Setting

__all__ = ["config"]


@click.command("config", short_help="Show what holds in this project, and where it comes from.")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
def config(name: str | None, as_json: bool) -> int:
    """Show the settings of the project in this folder: each one's value, and who says it.

    They come from ao-run.toml, or [tool.ao-run] of pyproject.toml, in this folder or above it in the same repository;
    over them from variables AO_RUN_...; and what the command line says stands over both. NAME is one setting, of which
    the value alone is printed, or a table (limits). With --json: {"file", "folder", "settings": {NAME: {"value",
    "source"}}}; with NAME the value.

    \b
    ao-run config
    ao-run config process
    AO_RUN_OWNER=alice ao-run config owner
    """
    from ..projects import configure, strange_variables

    for variable, advice in strange_variables(os.environ):
        show.warn(f"{variable} says nothing ({advice})")
    found = configure()
    if name is not None:
        return _one(found, name, as_json)
    settings = _in_order(found)
    if as_json:
        document(
            {
                "file": None if found.file is None else str(found.file),
                "folder": str(found.folder),
                "settings": {one.name: {"value": one.value, "source": one.source} for one in settings},
            }
        )
        return 0
    rows = [(one.name, _text(one), one.source) for one in settings]
    widths = [max(len(harmless(row[column])) for row in rows) for column in (0, 1)]
    for one, row in zip(settings, rows, strict=True):
        name, text, source = map(harmless, row)
        line = f"{name:{widths[0]}}  {text:{widths[1]}}  {source}"
        echo(style(line, dim=True) if one.is_default else line)
    if found.file is None:
        echo(style("there is no ao-run.toml here, nor above: ao-run init makes a project", dim=True), err=True)
    return 0


def _one(found: Configuration, name: str, as_json: bool) -> int:
    from ..errors import InputError
    from ..projects import advice_on_setting

    setting = found.settings.get(name)
    inside = [one for one in _in_order(found) if one.name.startswith(f"{name}.")]
    if setting is None and not inside:
        advice = advice_on_setting(name)
        problem = "there is no such setting" if advice else "nobody says it, and it has no default"
        raise InputError(problem, field=name, advice=advice)
    if setting is not None:
        if as_json:
            document(setting.value)
        else:
            echo(harmless(_text(setting, length=1 << 20)))
        return 0
    if as_json:
        document({one.name.removeprefix(f"{name}."): one.value for one in inside})
    else:
        for one in inside:
            echo(harmless(f"{one.name.removeprefix(f'{name}.')} = {_text(one, length=1 << 20)}"))
    return 0


def _in_order(found: Configuration) -> list[Setting]:
    """The settings in the order in which the documentation has them."""
    from ..projects import order

    return sorted(found.settings.values(), key=lambda one: order(one.name))


def _text(setting: Setting, length: int = 60) -> str:
    found: Any = setting.value
    parts = found if isinstance(found, tuple) else (found,)
    return ", ".join(value(part if isinstance(part, str) else str(part), length) for part in parts)

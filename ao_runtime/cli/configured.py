"""Options that a project's configuration may say in place of the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..projects import Configuration, Setting

__all__ = ["ProjectOption", "configuration", "from_project"]

_KEY, _ASKED = "ao_runtime.configuration", "ao_runtime.is_configured"


def configuration(context: click.Context | None = None) -> Configuration:
    """What holds in the working directory; read once for a run of the command. Raises `InputError` as `configure`."""
    context = context or click.get_current_context()
    meta = context.meta
    if _KEY not in meta:
        from ..projects import configure

        meta[_KEY] = configure()
    found: Configuration = meta[_KEY]
    return found


class ProjectOption(click.Option):
    """An option that stands before a setting of the project: where it is not given, the setting holds.

    Of tables (`tags.*`), `NAME=VALUE` of the command line stand before what the project says of those names.
    """

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        self.key = key
        super().__init__(*args, **kwargs)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        """The value, as text, and where it comes from."""
        value, source = super().consume_value(ctx, opts)
        is_table = self.key.endswith(".*")
        if ctx.resilient_parsing or (source is ParameterSource.COMMANDLINE and not is_table):
            return value, source
        if not _is_configured(ctx):
            return value, source
        if not is_table:
            setting = configuration(ctx).settings.get(self.key)
            if setting is None or setting.is_default:
                return value, source
            return _words(setting, self), ParameterSource.DEFAULT_MAP
        given = list(value or ()) if source is ParameterSource.COMMANDLINE else []
        named = {str(one).partition("=")[0] for one in given}
        found = [text for name, text in _pairs(configuration(ctx), self.key) if name not in named]
        if not found:
            return value, source
        ctx.meta[f"{_KEY}.{self.name}"] = len(found)
        return [*found, *given], source if given else ParameterSource.DEFAULT_MAP


def from_project(name: str) -> int:
    """How many values of a parameter of this command are the project's; they come before those of the command line."""
    context = click.get_current_context()
    counted = context.meta.get(f"{_KEY}.{name}")
    if counted is not None:
        return int(counted)
    if context.get_parameter_source(name) is not ParameterSource.DEFAULT_MAP:
        return 0
    value = context.params.get(name)
    return len(value) if isinstance(value, tuple) else 1


def _is_configured(context: click.Context) -> bool:
    """Whether there is anything to read: most commands run where there is not, and settings are slow to import."""
    meta = context.meta
    if _ASKED not in meta:
        from ..projects import is_configured

        meta[_ASKED] = is_configured()
    return bool(meta[_ASKED])


def _words(setting: Setting, option: click.Option) -> Any:
    """A setting as the command line would have it."""
    value = setting.value
    if setting.name in ("process", "module", "scenario", "build.output"):
        texts = [_path(setting, one) for one in ((value,) if isinstance(value, str) else value)]
        if len(texts) > 1 and not option.multiple:
            raise InputError("the project has several files", field=option.opts[-1], advice="this command takes one")
        return texts if option.multiple else texts[0]
    return str(value)


def _pairs(found: Configuration, key: str) -> list[tuple[str, str]]:
    table = key[:-1]
    pairs = []
    for known, setting in found.settings.items():
        if known.startswith(table):
            name = known[len(table) :]
            if table == "tags.":
                pairs += [(name, f"{name}={value}") for value in setting.value]
            else:
                pairs.append((name, f"{name}={_path(setting, setting.value)}"))
    return pairs


def _path(setting: Setting, path: str) -> str:
    """A path from the working directory, as people would write it there."""
    from ..vm import DIALECTS

    if setting.name.startswith("modules.") and path in DIALECTS:
        return path
    full = os.path.normpath(setting.base / path)
    short = os.path.relpath(full)
    return full if short.startswith("..") else short

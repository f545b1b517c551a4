"""`ao-run build`: the project's process and what it requires, as one file of Lua."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import InputError
from . import show
from .configured import ProjectOption, configuration
from .text import document, echo, emphasis, harmless

__all__ = ["build"]


@click.command("build", short_help="Bundle the project's process and its modules into one file.")
@click.argument("file", metavar="[FILE.lua]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", cls=ProjectOption, key="build.output", metavar="FILE", help="Where. [build/process.lua]"
)
@click.option("--check", is_flag=True, help="Write nothing: exit code 1 where what is there is not what would be.")
@click.option("--where", metavar="TEXT", help="Show where the error TEXT (- for standard input) was written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def build(file: Path | None, output: str | None, check: bool, where: str | None, as_json: bool) -> int:
    """Bundle the project's process, or FILE.lua, and all modules that it requires: one file that any aos evaluates.

    Modules are in it once, in the order in which they are needed, and evaluated when they are first required, under the
    names that they have in the project: errors read the same. The same files give the same bytes. Beside it is a source
    map, FILE.map, by which errors of the bundle name the files that were written. With --json: {"output", "map",
    "size", "sha256", "files", "modules", "warnings"}.

    \b
    ao-run build
    ao-run build --where '[string ".utils"]:12: no such account'
    """
    from ..projects import build as make
    from ..projects import short_path

    found = configuration()
    target = found.output if output is None else Path(output)
    if where is not None:
        return _where(target, where, as_json)
    made = make(found, file)
    if not as_json:
        for warning in made.warnings:
            show.warn(warning)
    code = 0
    if check:
        same = target.is_file() and target.read_bytes() == made.code
        code = 0 if same else 1
        if not same:
            show.complain(f"{short_path(target)} is not what ao-run build makes now")
    else:
        made.write(target)
    if as_json:
        document(
            {
                "output": str(target),
                "map": f"{target}.map",
                "size": len(made.code),
                "sha256": made.digest,
                "files": [short_path(one) for one in made.files],
                "modules": list(made.names),
                "warnings": list(made.warnings),
            }
        )
    elif not code:
        many = "module" if len(made.names) == 1 else "modules"
        echo(harmless(f"{short_path(target)}: {len(made.code)} bytes, {len(made.names)} {many}"))
    return code


def _where(bundle: Path, text: str, as_json: bool) -> int:
    """Shows where an error that a network gave was written."""
    from ..models import SourceMap, explain, from_json, plain
    from .documents import stdin

    given = stdin().decode("utf-8", "replace") if text == "-" else text
    if given.lstrip().startswith("{"):
        # What a compute unit gives.
        try:
            result = from_json(given.encode())
        except InputError:
            result = None
        if isinstance(result, dict) and isinstance(result.get("Error"), str):
            given = result["Error"]
    failure = SourceMap.read(f"{bundle}.map").failure_in(given)
    if as_json:
        document(failure.to_dict())
        return 0
    echo(harmless(plain(failure.message)))
    for line in explain(failure, None, emphasis):
        echo(line)
    return 0

"""README and docs: their Python runs, their commands print what they say, and every option is in them."""

from __future__ import annotations

import contextlib
import doctest
import re
import shlex
import subprocess
from itertools import takewhile
from pathlib import Path

import click
import pytest

from ao_runtime import errors, models
from ao_runtime.models.reading import FIELDS

from .cli.running import COMMAND, ROOT, commands
from .colonies.test_docs import examples
from .executor.test_docs import examples as executor_examples
from .units.test_docs import served_examples

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
IDS = [page.name for page in PAGES]
#: What the examples of a page find without having made it: servers, for one.
GIVEN = {
    "colonies.md": examples,
    "executor.md": executor_examples,
    "http.md": served_examples,
    "sdk.md": served_examples,
}
#: Pages whose blocks go on with one another, in a folder that is empty at first: tests/testing/test_docs.py.
TUTORIALS = ("testing.md",)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_python_of(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page says of Python is so."""
    monkeypatch.chdir(ROOT)
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
    said: list[str] = []
    with GIVEN.get(page.name, contextlib.nullcontext)() as given:
        test = doctest.DocTestParser().get_doctest(blocks, given or {}, page.name, str(page), 0)
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert "".join(said) == ""


def blocks(page: Path) -> list[list[tuple[str, str]]]:
    """The blocks of commands of a page, and what each command prints; lines that go on with a command begin with `> `."""
    found = []
    for block in CONSOLE.findall(page.read_text(encoding="utf-8")):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        found.append([])
        for part in parts:
            command, *lines = part.splitlines(keepends=True)
            more = [*takewhile(lambda line: re.match(r">( |$)", line), lines)]
            text = command + "".join(line[2:] or "\n" for line in more)
            found[-1].append((text.rstrip("\n"), "".join(lines[len(more) :])))
    return found


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=block[0][0][:60])
        for page in PAGES
        if page.name not in TUTORIALS
        for block in blocks(page)
    ],
)
def test_commands(tmp_path: Path, block: list[tuple[str, str]]) -> None:
    """What a page says that commands print is what they print, one after the other, stderr among it."""
    ao_run = f'ao-run() {{ {shlex.join(COMMAND)} "$@"; }}\n'
    for entry in ROOT.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    folder = tmp_path
    for command, output in block:
        done = subprocess.run(
            ["bash", "-c", f"trap 'pwd >{tmp_path}/.pwd' EXIT\n{ao_run}{command}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=folder,
            timeout=60,
        )
        folder = Path((tmp_path / ".pwd").read_text().strip())
        assert uncounted(done.stdout) == uncounted(output)


def uncounted(text: str) -> str:
    """What is printed, with any number of instructions in a tree's line: it changes with our Lua."""
    return re.sub(r"(?m)(^| )\[\d+\](?=[ :]|$)", r"\1[…]", text).rstrip("\n")


def test_every_option_is_documented() -> None:
    """docs/cli.md has every option of every command."""
    text = (ROOT / "docs/cli.md").read_text()
    for name, command in commands():
        assert f"ao-run {name}" in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert all(f"`{opt}" in text for opt in option.opts), option.opts


def test_every_field_is_documented() -> None:
    """docs/messages.md has every field of a message."""
    text = (ROOT / "docs/messages.md").read_text()
    assert [name for name in FIELDS if f"`{name}`" not in text] == []


def test_every_exit_code_is_documented() -> None:
    """docs/cli.md has every exit code of the errors."""
    text = (ROOT / "docs/cli.md").read_text()
    codes = {getattr(errors, name).exit_code for name in errors.__all__}
    assert [code for code in codes if f"| {code} |" not in text] == []


def test_the_defaults_are_documented() -> None:
    """docs/python.md has the limits that hold where none are given."""
    assert models.Limits() == models.Limits(1_000_000_000, 512 << 20, 60)
    assert "1 000 000 000 instructions, 512 MiB and 60 seconds" in (ROOT / "docs/python.md").read_text().replace(
        "\n", " "
    )


def test_links_lead_somewhere() -> None:
    """Every relative link of a page is a file or folder of the project."""
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_ci_runs_the_readmes_command() -> None:
    """.ci/run finds the README's second command, the one that runs the tests."""
    wanted = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("python3 -m venv")]
    assert len(wanted) == 2
    assert "pytest" not in wanted[0]
    assert "pytest" in wanted[1]
    assert "grep -m1 '^python3 -m venv .*pytest' README.md" in (ROOT / ".ci/run").read_text()

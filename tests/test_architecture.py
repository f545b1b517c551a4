"""The shape of the house: who imports whom, how many files there are, and how long they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .cli.running import ROOT

PACKAGE = ROOT / "ao_runtime"
#: From the top down; folders in one row do not import each other.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("testing",),
    # evaluates what a colony's processes ask for
    ("executor",),
    ("colonies",),
    ("projects", "conformance", "units"),
    ("client",),
    ("network",),
    ("process",),
    ("state",),
    ("isolation",),
    ("store", "vm", "wasm"),
    # a message becomes a data item, and back
    ("items",),
    ("models",),
    ("errors", "lazy", "ticker"),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imports(name: str) -> Iterator[tuple[str, int]]:
    """The files of ours that a file imports, also inside functions and for types only; and the lines."""
    path = FILES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            targets = [(base, alias.name) for alias in node.names]
        else:
            continue
        for base, inner in targets:
            found = f"{base}.{inner}" if f"{base}.{inner}" in FILES else base
            if found in FILES and found != name:
                yield found, node.lineno


GRAPH = {name: list(imports(name)) for name in FILES}


def folder(name: str) -> str:
    """The folder (or the file at the top) that a file is in; nothing for the package itself."""
    return name.split(".")[1] if "." in name else ""


def test_every_folder_has_its_place() -> None:
    """Each folder and each file at the top is in a layer."""
    assert {folder(name) for name in FILES} - set(LEVEL) == {""}


def test_imports_go_down_only() -> None:
    """No folder imports one above it, or beside it; only the package itself imports from all of them."""
    wrong = [
        f"{name}:{line} imports {other}"
        for name, targets in GRAPH.items()
        for other, line in targets
        if folder(name) != folder(other) != "" and folder(name) and LEVEL[folder(other)] <= LEVEL[folder(name)]
    ]
    assert wrong == []


def test_other_folders_use_what_a_folder_shows() -> None:
    """From another folder a file imports the folder itself, never a file in there."""
    wrong = [
        f"{name}:{line} imports {other}"
        for name, targets in GRAPH.items()
        for other, line in targets
        if name != "ao_runtime" and folder(name) != folder(other) and other.count(".") > 1
    ]
    assert wrong == []


def test_no_circles() -> None:
    """No file imports one that leads back to it."""
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way[way.index(name) :], name))
        if name not in done:
            for other, _ in GRAPH[name]:
                walk(other, (*way, name))
            done.add(name)

    for name in GRAPH:
        walk(name, ())


def test_few_files_at_the_top() -> None:
    """Folders for layers: at most five files stand beside them."""
    assert len(list(PACKAGE.glob("*.py"))) <= 5


@pytest.mark.parametrize("suffix", [".py", ".lua"])
def test_no_long_files(suffix: str) -> None:
    """No file has more than 600 lines, but for the stubs of `lua/meta`."""
    files: list[Path] = [*PACKAGE.rglob(f"*{suffix}"), *(ROOT / "lua").rglob(f"*{suffix}")]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if "meta" not in path.parts and (lines := path.read_text(encoding="utf-8").count("\n")) > 600
    }
    assert long == {}


@pytest.mark.parametrize(("library", "home"), [("lupa", "vm"), ("wasmtime", "wasm")])
def test_one_folder_touches_a_library(library: str, home: str) -> None:
    """Lua is run in `vm` only, and WebAssembly in `wasm` only."""
    users = {
        folder(name)
        for name, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for found in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if found and found.split(".")[0] == library and not (isinstance(node, ast.ImportFrom) and node.level)
    }
    assert users == {home}

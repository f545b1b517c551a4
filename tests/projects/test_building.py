"""Bundles: they answer as the project does, to the letter, and their errors name what was written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ao_runtime import InputError, LoadError, Process, Result
from ao_runtime.cli.documents import read_messages
from ao_runtime.models import SourceMap
from ao_runtime.projects import build, configure
from ao_runtime.projects.mappings import mappings
from tests.cli.running import ROOT, Ran, ao_run

from .projects import MESSAGES, thirty_modules

NOWHERE = {"AO_RUN_CONFIG": ""}


def bundle(process: Path, output: Path) -> Path:
    """The bundle of a process, in a folder of its own."""
    build(configure(process.parent, environment=NOWHERE), process).write(output)
    return output


def answers(file: Path, messages: list[dict[str, Any]], **options: Any) -> list[Result]:
    """What a process says, its start first."""
    with Process.spawn(file, **{"owner": "alice", "tags": {"Name": "Points"}, **options}) as process:
        assert process.spawn_result is not None
        return [process.spawn_result, *map(process.handle, messages)]


def places(results: list[Result]) -> list[Any]:
    """Where each failed: file and line, the lines there, the callers."""
    found = []
    for result in results:
        failure = result.failure
        if failure is not None:
            frames = [(os.path.abspath(frame.file or ""), frame.line) for frame in failure.frames]
            file = os.path.abspath(failure.file or "")
            found.append((file, failure.line, failure.message, [*failure.excerpt], frames, failure.handler))
    return found


def test_thirty_modules(tmp_path: Path) -> None:
    """Thirty modules in one file answer as in thirty; all errors read the same, and lead to the same lines."""
    own = thirty_modules(tmp_path / "src")
    made = bundle(own, tmp_path / "out" / "process.lua")
    mine, bundled = answers(own, MESSAGES), answers(made, MESSAGES)
    assert [one.to_dict() for one in bundled] == [one.to_dict() for one in mine]
    assert len(places(mine)) == 31
    assert places(bundled) == places(mine)
    assert all(file.startswith(str(tmp_path / "src")) for file, *_ in places(bundled))


def test_only_the_result(tmp_path: Path) -> None:
    """Of the text of an error alone, as a network gives it, the map knows file, line, and what is there."""
    own = thirty_modules(tmp_path / "src")
    made = bundle(own, tmp_path / "out" / "process.lua")
    found = SourceMap.read(f"{made}.map")
    results = answers(own, MESSAGES)
    for result in results:
        if result.failure is not None:
            told = found.failure_in(str(result.error))
            known = result.failure
            assert (os.path.abspath(told.file or ""), told.line, told.message) == (os.path.abspath(known.file or ""), known.line, known.message)  # fmt: skip
            assert told.excerpt == known.excerpt


@pytest.mark.parametrize("dialect", ["2.0.6", "2.0.3", "2.0.1", "1", "0.2.0"])
def test_every_dialect(tmp_path: Path, dialect: str) -> None:
    """So it is in every generation."""
    own = thirty_modules(tmp_path / "src")
    made = bundle(own, tmp_path / "out" / "process.lua")
    mine, bundled = answers(own, MESSAGES[:4], dialect=dialect), answers(made, MESSAGES[:4], dialect=dialect)
    assert [one.to_dict() for one in bundled] == [one.to_dict() for one in mine]
    assert places(bundled) == places(mine)
    # In dialect 1 what fails in a handler is no error of the result.
    assert bool(places(mine)) == (dialect != "1")


def test_published(tmp_path: Path, published: Path) -> None:
    """The network's module evaluates the bundle, and says what ours says of the project."""
    own = thirty_modules(tmp_path / "src")
    made = bundle(own, tmp_path / "out" / "process.lua")
    messages = [MESSAGES[at] for at in (0, 1, 2, 3, 6, 32, 33)]
    theirs = answers(made, messages, module=published / "aos2_0_6.wasm")
    mine = answers(own, messages)
    assert [one.text for one in theirs if one.ok] == [one.text for one in mine if one.ok]
    assert [file_line(one) for one in theirs] == [file_line(one) for one in mine]
    assert [one.ok for one in theirs] == [True, True, True, False, False, False, False, True]


def file_line(result: Result) -> tuple[str, int | None, str] | None:
    """Where a result failed."""
    failure = result.failure
    return None if failure is None else (os.path.abspath(failure.file or ""), failure.line, failure.message)


EXAMPLES = sorted(path for path in ROOT.glob("examples/*/messages.json*"))


@pytest.mark.parametrize("messages", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples(messages: Path, tmp_path: Path) -> None:
    """Every example, put into a module that a bundle with thirty others requires, answers as it does in its folder."""
    own, made, given, options = example(messages, tmp_path)
    mine, bundled = answers(own, given, **options), answers(made, given, **options)
    assert [one.to_dict() for one in bundled] == [one.to_dict() for one in mine]


@pytest.mark.parametrize("messages", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_published(messages: Path, tmp_path: Path, published: Path) -> None:
    """And the bundle says on the network's module what the folder says on ours."""
    own, made, given, options = example(messages, tmp_path)
    mine = answers(own, given, **options)
    theirs = answers(made, given, module=published / "aos2_0_6.wasm", **options)
    assert [told(one) for one in theirs] == [told(one) for one in mine]


def example(messages: Path, folder: Path) -> tuple[Path, Path, list[dict[str, Any]], dict[str, Any]]:
    """An example's process with thirty modules more, the bundle of that, its messages, and what it is started with."""
    name = messages.parent.name
    thirty_modules(folder / "src")
    for source in messages.parent.glob("*.lua"):
        if not source.name.endswith("_test.lua"):
            target = "whole" if source.stem == name else source.stem
            (folder / "src" / f"{target}.lua").write_bytes(source.read_bytes())
    own = folder / "src" / "own.lua"
    own.write_text("local _ = require('process')\nrequire('.whole')")
    made = bundle(own, folder / "out" / "process.lua")
    assert len(build(configure(folder, environment=NOWHERE), own).names) >= 32
    given = [document.wire for document in read_messages(str(messages))]
    tags = [("Name", "Points"), *(("Oracle", who) for who in ("ada", "ben", "eve"))]
    return own, made, given, {"tags": tags}


def told(result: Result) -> list[Any]:
    """What a result says: its text, or its error, and what is sent, without the protocol's own tags."""
    own = ("Data-Protocol", "Variant", "Type", "Reference", "X-Reference", "Pushed-For", "X-Origin")
    sent = [
        (one.target, sorted((str(tag.name), str(tag.value)) for tag in one.tags if tag.name not in own), one.data)
        for one in result.messages
    ]
    failure = result.failure
    return [result.text if failure is None else failure.message, sent, len(result.spawns)]


def test_the_same_bytes(tmp_path: Path) -> None:
    """The same files in another folder, and another time, give the same bundle; a map that leads to the same names."""
    one = bundle(thirty_modules(tmp_path / "a" / "src"), tmp_path / "a" / "out" / "process.lua")
    other = bundle(thirty_modules(tmp_path / "b" / "src"), tmp_path / "b" / "out" / "process.lua")
    assert one.read_bytes() == other.read_bytes()
    assert Path(f"{one}.map").read_bytes() == Path(f"{other}.map").read_bytes()


def test_order_and_once(tmp_path: Path) -> None:
    """A module comes after those it needs, runs when it is first required, and once, whichever of its names is used."""
    texts = {
        "process.lua": "Log = {} require('b') require('.a') require('a') require('.b')",
        "a.lua": "Log[#Log + 1] = ...",
        "b.lua": "require('.c') Log[#Log + 1] = ... return { require('a') }",
        "c.lua": "Log[#Log + 1] = ... return false",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    found = build(configure(tmp_path, environment=NOWHERE), tmp_path / "process.lua")
    assert found.names == ("c", "a", "b")
    assert [file.name for file in found.files] == ["c.lua", "a.lua", "b.lua", "process.lua"]
    made = bundle(tmp_path / "process.lua", tmp_path / "out" / "process.lua")
    logs = []
    for file in (tmp_path / "process.lua", made):
        with Process.spawn(file) as process:
            logs.append(process.get("Log"))
    assert logs[0] == logs[1] == [".c", "b", "a"]


def test_kept_and_restored(tmp_path: Path) -> None:
    """A bundle's modules that are not loaded yet are part of the state: kept, restored, required later."""
    (tmp_path / "late.lua").write_text("return { 'late' }")
    own = tmp_path / "process.lua"
    own.write_text(
        "Handlers.add('go', 'Go', function() print(require('late')[1] .. tostring(require('.late') == require('late'))) end)"
    )
    made = bundle(own, tmp_path / "out" / "process.lua")
    with Process.spawn(made, state=tmp_path / "kept.ao") as process:
        snapshot = process.snapshot()
    with Process.open(tmp_path / "kept.ao") as process, Process.restore(snapshot) as other:
        assert process.handle(Action="Go").text == other.handle(Action="Go").text == "latetrue"


def test_a_project_s_own_names(tmp_path: Path) -> None:
    """A file that is called as a module of the network is not that: `utils` is the project's, `.utils` the network's."""
    (tmp_path / "utils.lua").write_text("return 'mine'")
    own = tmp_path / "process.lua"
    own.write_text("A = require('utils') B = type(require('.utils').map) C = type(require('json').encode)")
    made = bundle(own, tmp_path / "out" / "process.lua")
    for file in (own, made):
        with Process.spawn(file) as process:
            assert [process.get(name) for name in "ABC"] == ["mine", "function", "function"]


def test_code_that_is_an_expression(tmp_path: Path) -> None:
    """An Eval of code that is an expression has its value as output, bundled or not."""
    (tmp_path / "a.lua").write_text("return 41")
    own = tmp_path / "process.lua"
    own.write_text("require('a') + 1")
    made = bundle(own, tmp_path / "out" / "process.lua")
    with Process.spawn(sources=tmp_path) as mine, Process.spawn() as bundled:
        assert mine.eval(own.read_text()).text == bundled.eval(made.read_text()).text == "42"


def test_warnings(tmp_path: Path) -> None:
    """What may go wrong is said with its place: names that are computed or lead nowhere, and circles."""
    (tmp_path / "a.lua").write_text("return function() return require('b') end")
    (tmp_path / "b.lua").write_text("\nlocal n = ...\nrequire('lib.' .. n)\nreturn require('.a')")
    own = tmp_path / "process.lua"
    own.write_text("require('a')\nrequire('nowhere')\nrequire('.bint')")
    found = build(configure(tmp_path, environment=NOWHERE), own)
    place = os.path.relpath(tmp_path)
    place = str(tmp_path) if place.startswith("..") else place
    assert found.warnings == (
        f"{place}/b.lua:3: requires a name that is not written out: what it may be, build.include has to say",
        f"{place}/process.lua:2: there is no module 'nowhere' in the project, nor on the network",
        "a → b → a: they require one another",
    )
    (tmp_path / "ao-run.toml").write_text("process = 'process.lua'\nbuild.include = ['extra', 'none']")
    (tmp_path / "extra.lua").write_text("return 1")
    more = build(configure(tmp_path, environment={}))
    assert "extra" in more.names
    assert "build.include: there is no module 'none' in the project, nor on the network" in more.warnings


def test_what_is_no_lua(tmp_path: Path) -> None:
    """A module that does not compile is said with its file, line and source, and nothing is written."""
    (tmp_path / "a.lua").write_text("local x = 1\nlocal = 2\n")
    own = tmp_path / "process.lua"
    own.write_text("require('a')")
    with pytest.raises(LoadError) as caught:
        build(configure(tmp_path, environment=NOWHERE), own)
    assert (Path(caught.value.file or "").name, caught.value.line) == ("a.lua", 2)
    assert "> 2 | local = 2" in str(caught.value)


def test_hostile_files(tmp_path: Path) -> None:
    """Links out of the folder, names with escapes and files without end are not read; a long chain is no recursion."""
    (tmp_path / "secret.lua").write_text("return 'secret'")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link.lua").symlink_to(tmp_path / "secret.lua")
    os.mkfifo(folder / "pipe.lua")
    with (folder / "huge.lua").open("wb") as file:
        file.truncate(1 << 40)
    own = folder / "process.lua"
    names = ["link", "../secret", "/etc/passwd", "pipe", "huge", "\\27[2J", "a\\0b", "x" * 5000, "..secret", "."]
    own.write_text("\n".join(f"require('{name}')" for name in names))
    found = build(configure(folder, environment=NOWHERE), own)
    assert (found.names, len(found.warnings)) == ((), len(names))
    assert found.code == own.read_bytes()
    for at in range(3000):
        (folder / f"c{at}.lua").write_text(f"require('c{at + 1}')")
    (folder / "c3000.lua").write_text("return 1")
    own.write_text("require('c0')")
    assert build(configure(folder, environment=NOWHERE), own).names[::3000] == ("c3000", "c0")


def test_too_much(tmp_path: Path) -> None:
    """More than 32 MB of modules are refused."""
    for name in "ab":
        (tmp_path / f"{name}.lua").write_bytes(b"--" + b"x" * (20 << 20))
    own = tmp_path / "process.lua"
    own.write_text("require('a') require('b')")
    with pytest.raises(InputError, match="b: is more than 32 MB together"):
        build(configure(tmp_path, environment=NOWHERE), own)


def test_maps_of_others(tmp_path: Path) -> None:
    """A map that is not of this very bundle, or none at all, leaves errors as they are; it opens no file."""
    own = tmp_path / "process.lua"
    own.write_text("Handlers.add('x', 'X', function() error('x') end)")
    good = {"sources": ["/etc/passwd"], "sourcesContent": [None], "x_ao": {"sha256": "0" * 64, "chunks": {"aos": 0}}}
    for text in ("", "[" * 100_000, "{}", json.dumps(good), json.dumps({**good, "sourcesContent": ["a"]}), "\xff"):
        Path(f"{own}.map").write_text(text)
        result = answers(own, [{"Action": "X"}])[1]
        assert result.failure is not None
        assert (result.failure.file, result.failure.line) == (str(own), 1)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ao-run build` writes the bundle and its map; --check compares; --where leads from an error to what was written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/process.lua").write_text(
        "local lib = require('lib')\nHandlers.add('x', 'X', function() lib() end)"
    )
    (tmp_path / "src/lib.lua").write_text("return function()\n  error('no')\nend")
    (tmp_path / "ao-run.toml").write_text("process = 'src/process.lua'")
    ran = ao_run("build", "--check")
    assert ran == Ran(1, "", "error: build/process.lua is not what ao-run build makes now\n")
    ran = ao_run("build")
    size = (tmp_path / "build/process.lua").stat().st_size
    assert ran == Ran(0, f"build/process.lua: {size} bytes, 1 module\n", "")
    assert ao_run("build", "--check") == ran
    told = json.loads(ao_run("build", "--json").out)
    assert (told["files"], told["modules"], told["warnings"]) == (["src/lib.lua", "src/process.lua"], ["lib"], [])
    ran = ao_run("handle", "-p", "build/process.lua", "Action=X", "--json")
    where = ao_run("build", "--where", "-", input=ran.out)
    assert where == Ran(0, "no\n  src/lib.lua:2\n\n    1 | return function()\n  > 2 |   error('no')\n    3 | end\n", "")
    assert "src/lib.lua:2, in handler x" in ao_run("handle", "-p", "build/process.lua", "Action=X").err
    ran = ao_run("build", "-o", "src/lib.lua")
    assert (ran.code, ran.err) == (2, "error: src/lib.lua: is one of the files that the bundle is made of (--output)\n")
    (tmp_path / "ao-run.toml").write_text("process = 'src/process.lua'\nbuild.output = '.git/hooks/pre-commit'")
    ran = ao_run("build")
    assert ran.err == "error: ao-run.toml:2, build.output: must end in .lua, found '.git/hooks/pre-commit'\n"


def places_of(written: str) -> list[list[tuple[int, int, int]]]:
    """Mappings read again: for each line, columns with source and line."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    source = line = 0
    lines = []
    for segments in written.split(";"):
        column, found = 0, []
        for segment in filter(None, segments.split(",")):
            numbers, shift, value = [], 0, 0
            for letter in segment:
                digit = digits.index(letter)
                value |= (digit & 31) << shift
                shift += 5
                if not digit & 32:
                    numbers.append(-(value >> 1) if value & 1 else value >> 1)
                    shift = value = 0
            column, source, line = column + numbers[0], source + numbers[1], line + numbers[2]
            found.append((column, source, line))
        lines.append(found)
    return lines


@given(some.lists(some.binary(max_size=60), min_size=1, max_size=4), some.integers(0, 10_000))
def test_mappings(texts: list[bytes], column: int) -> None:
    """What is written can be read again: each line of each text has its place, in order."""
    parts = [(column + 500 * at, text, at < len(texts) - 1) for at, text in enumerate(texts)]
    lines = places_of(mappings(parts))
    count = [text.replace(b"\r\n", b"\n").replace(b"\n\r", b"\n").replace(b"\r", b"\n").count(b"\n") + 1 for text in texts]  # fmt: skip
    assert [(source, line) for _, source, line in lines[0]] == [
        *((source, line) for source in range(len(texts) - 1) for line in range(count[source])),
        (len(texts) - 1, 0),
    ]
    assert lines[0][0][0] == column
    assert all(here[0] <= after[0] for here, after in zip(lines[0], lines[0][1:], strict=False))
    assert len(lines) - 1 == places_count(texts[-1])


def places_count(text: bytes) -> int:
    """Ends of lines as Lua counts them."""
    found, at = 0, 0
    while at < len(text):
        if text[at : at + 2] in (b"\r\n", b"\n\r"):
            at += 1
            found += 1
        elif text[at : at + 1] in (b"\r", b"\n"):
            found += 1
        at += 1
    return found


def test_a_map_leads_to_the_text(tmp_path: Path) -> None:
    """At the place that the map gives for a line of a module stands that line."""
    own = thirty_modules(tmp_path / "src")
    made = bundle(own, tmp_path / "out" / "process.lua")
    document = json.loads(Path(f"{made}.map").read_text())
    first = made.read_bytes().splitlines()[0]
    lines = places_of(document["mappings"])
    for (column, source, line), after in zip(lines[0], lines[0][1:], strict=False):
        text = document["sourcesContent"][source].encode("utf-8", "surrogateescape")
        wanted = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[line]
        shown = first[column : after[0]]
        plain = wanted.split(b'"')[0].split(b"\\")[0].split(b"\xff")[0].split(b"\xe9")[0]
        assert shown.startswith(plain), (source, line)


def test_evaluated_again(tmp_path: Path) -> None:
    """A bundle that is evaluated in a process that has evaluated one brings its own modules: none is of the old one."""
    (tmp_path / "a.lua").write_text("return require('b')")
    (tmp_path / "b.lua").write_text("return 'old'")
    own = tmp_path / "process.lua"
    own.write_text("Said = require('a') Count = (Count or 0) + 1")
    with Process.spawn(bundle(own, tmp_path / "out" / "process.lua")) as process:
        (tmp_path / "b.lua").write_text("return 'new'")
        made = bundle(own, tmp_path / "out" / "process.lua")
        process.eval(made.read_bytes()).raise_for_error()
        assert (process.get("Said"), process.get("Count")) == ("new", 2)

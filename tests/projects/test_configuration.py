"""What holds in a project: its file, over that the environment; what is wrong there is said with file, line and setting."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ao_runtime import InputError, Limits, LoadError, Network
from ao_runtime.models import harmless
from ao_runtime.projects import KEYS, Configuration, Key, NetworkSettings, configure

WHOLE = """\
process = ["src/process.lua", "src/more.lua"]
owner = "alice"
id = "the-process"
dialect = "2.0.1"
module = "module"
scenario = "scenarios/first.json"
network = "far"

[tags]
Name = "Points"
"Cron.Interval" = "1-minute"
Level = [1, "two"]

[limits]
instructions = 1_000_000
memory = "64MB"
seconds = 2.5

[replace]
"lib.oracle" = "tests/oracle.lua"

[modules]
AN-ID = "module"
ANOTHER = "2.0.3"

[build]
output = "out/bundle.lua"

[tests]
paths = ["tests", "more"]
jobs = 2

[networks.far]
url = "https://ao.example"
wallet = "~/wallet.json"
"""


def written(folder: Path, text: str | bytes, name: str = "ao-run.toml") -> Path:
    """A file of settings in a folder."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def of(folder: Path, **environment: str) -> Configuration:
    """What holds in a folder, with these variables alone."""
    return configure(folder, environment=environment)


def wrong(folder: Path, text: str | bytes, **environment: str) -> str:
    """What is said of a file."""
    written(folder, text)
    with pytest.raises(InputError) as caught:
        of(folder, **environment)
    return str(caught.value).replace(f"{folder}{os.sep}", "")


def test_every_setting_is_read(tmp_path: Path) -> None:
    """A file that says everything is everything; paths are in its folder."""
    found = of(written(tmp_path, WHOLE))
    assert (found.folder, found.file) == (tmp_path, tmp_path / "ao-run.toml")
    assert found.process == (tmp_path / "src/process.lua", tmp_path / "src/more.lua")
    assert (found.owner, found.id, found.dialect) == ("alice", "the-process", "2.0.1")
    assert found.tags == [("Name", "Points"), ("Cron.Interval", "1-minute"), ("Level", "1"), ("Level", "two")]
    assert found.limits == Limits(1_000_000, 64 << 20, 2.5)
    assert (found.module, found.scenario) == (tmp_path / "module", tmp_path / "scenarios/first.json")
    assert found.replace == {"lib.oracle": tmp_path / "tests/oracle.lua"}
    assert found.modules == {"AN-ID": str(tmp_path / "module"), "ANOTHER": "2.0.3"}
    assert found.output == tmp_path / "out/bundle.lua"
    assert (found.tests, found.jobs) == ((tmp_path / "tests", tmp_path / "more"), 2)
    assert found.network() == NetworkSettings("far", url="https://ao.example", wallet=Path.home() / "wallet.json")
    said = {name.partition(".")[0] for name in found.settings}
    assert said == {key.name.partition(".")[0] for key in KEYS}


def test_nothing_said(tmp_path: Path) -> None:
    """Without a file the defaults hold: no process, our Lua, the network that `ao-run serve` serves."""
    found = of(tmp_path, AO_RUN_CONFIG="")
    assert (found.folder, found.file, found.process, found.owner, found.tags) == (tmp_path, None, (), None, [])
    assert (found.limits, found.dialect, found.module, found.replace) == (Limits(), "2.0.6", None, {})
    assert found.network() == NetworkSettings("local", url="http://localhost:4000")
    assert {setting.source for setting in found.settings.values()} == {"default"}
    assert not found.is_given("limits")


def test_where_it_comes_from(tmp_path: Path) -> None:
    """Each setting knows who says it: the file with its line, a variable, or nobody."""
    found = of(written(tmp_path, WHOLE), AO_RUN_OWNER="bob", AO_RUN_TAGS="Name=Other\nNew=1\nNew=2")
    sources = {name: setting.source.rpartition(os.sep)[2] for name, setting in found.settings.items()}
    assert sources["owner"] == sources["tags.Name"][:-4] + "OWNER" == "AO_RUN_OWNER"
    assert sources["process"] == "ao-run.toml:1"
    assert sources["tags.Cron.Interval"] == "ao-run.toml:11"
    assert sources["limits.seconds"] == "ao-run.toml:17"
    assert sources["networks.far.wallet"] == "ao-run.toml:35"
    assert found.owner == "bob"
    assert dict(found.tags[:1]) == {"Name": "Other"}
    assert found.tags[-2:] == [("New", "1"), ("New", "2")]


def test_variables(tmp_path: Path) -> None:
    """Every variable stands before the file; paths in them are from the working directory, wherever they lead."""
    found = of(
        written(tmp_path, WHOLE),
        AO_RUN_PROCESS=os.pathsep.join(("/a.lua", "b.lua")),
        AO_RUN_LIMIT_INSTRUCTIONS="7",
        AO_RUN_LIMIT_MEMORY="1GB",
        AO_RUN_LIMIT_SECONDS="0.5",
        AO_RUN_NETWORK="near",
        AO_RUN_URL="http://localhost:1",
        AO_RUN_WALLET="w.json",
        AO_RUN_TESTS_JOBS="3",
    )
    assert found.process == (Path("/a.lua"), Path.cwd() / "b.lua")
    assert found.limits == Limits(7, 1 << 30, 0.5)
    assert found.network() == NetworkSettings("near", url="http://localhost:1", wallet=Path.cwd() / "w.json")
    assert found.network("far").url == "https://ao.example"
    assert found.jobs == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "ao-run.toml: is no TOML: Invalid value"),
        ("\n\nowner = 'a'\nownr = 'b'", "ao-run.toml:4, ownr: there is no such setting (did you mean owner?)"),
        ("[limits]\nmemry = 1", "ao-run.toml:2, limits.memry: there is no such setting (did you mean limits.memory?)"),
        ("memory = 1", "ao-run.toml:1, memory: there is no such setting (did you mean limits.memory?)"),
        ("[network]\nurl = 'x'", "ao-run.toml:1, network: must be a text, found a table"),
        ("limits = 3", "ao-run.toml:1, limits: must be a table, found 3"),
        ("tags = 'x'", "ao-run.toml:1, tags: must be a table, found 'x'"),
        ("owner = 3", "ao-run.toml:1, owner: must be a text, found 3"),
        ("process = []", "ao-run.toml:1, process: is empty (leave it out)"),
        ("[limits]\nseconds = nan", "ao-run.toml:2, limits.seconds: must be a number above 0, found nan"),
        ("[limits]\ninstructions = true", "ao-run.toml:2, limits.instructions: must be a whole number above 0, found True"),
        ("[limits]\nmemory = 'much'", "ao-run.toml:2, limits.memory: 'much' is no size (give bytes, or a size such as 64MB)"),
        ("[tags]\nA = 1.5", "ao-run.toml:2, tags.A: must be a text or a whole number, found 1.5"),
        ("dialect = '3'", "ao-run.toml:1, dialect: there is no dialect '3' (the dialects are 2.0.6, 2.0.3, 2.0.1, 1, 0.2.0)"),
        ("[networks.a]\nurl = 'file:///x'", "ao-run.toml:2, networks.a.url: must be an http or https URL, found 'file:///x'"),
        ("[networks.'a.b']\nurl = 'http://x'", "ao-run.toml:2, networks.a.b.url: is no name of a network (letters, digits, - and _)"),
        ("[networks.a]\nurls = 1", "ao-run.toml:2, networks.a.urls: there is no such setting (did you mean networks.a.url?)"),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    """It is said in one line: file, line, setting, what, and what to do."""
    assert wrong(tmp_path, text) == said


@pytest.mark.parametrize(
    ("said", "make"),
    [
        ("ao-run.toml:2: is no UTF-8", lambda: b"a = 1\n\xff"),
        ("ao-run.toml: is longer than 1 MB", lambda: b"#" * (2 << 20)),
        ("ao-run.toml: is no TOML: it is nested too deep", lambda: b"x = " + b"[" * 100_000),
    ],
)
def test_hostile_files(tmp_path: Path, said: str, make: Callable[[], bytes]) -> None:
    """Bytes that are no text, a file without end, brackets without end: an error like any other."""
    assert wrong(tmp_path, make()) == said


def test_a_file_that_never_ends(tmp_path: Path) -> None:
    """A pipe in place of the file is not waited for: there is no file."""
    os.mkfifo(tmp_path / "ao-run.toml")
    with pytest.raises(InputError, match="is no file"):
        of(tmp_path, AO_RUN_CONFIG="ao-run.toml")
    assert of(tmp_path).file != tmp_path / "ao-run.toml"


@pytest.mark.parametrize(
    "setting", ["process", "module", "scenario", "build.output", "tests.paths", "replace.a", "modules.b"]
)
@pytest.mark.parametrize("path", ["../secret.lua", "/etc/secret.lua", "link/secret.lua", "a/../../secret.lua"])
def test_paths_out_of_the_project(tmp_path: Path, setting: str, path: str) -> None:
    """A project names no file outside of its folder: not upwards, not absolute, not by a link."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "link").symlink_to(tmp_path)
    said = wrong(project, f"{setting} = {path!r}")
    assert (
        said == f"ao-run.toml:1, {setting}: '{path}' lies outside of the project (a path within the folder of the file)"
    )


def test_names_with_escapes(tmp_path: Path) -> None:
    """A name that moves a terminal's cursor is shown, not sent."""
    written(tmp_path, '[tags]\n"\\u001b[2J" = "x"')
    assert of(tmp_path).tags == [("\x1b[2J", "x")]
    written(tmp_path, '"\\u001b[2J" = 1\n')
    with pytest.raises(InputError) as caught:
        of(tmp_path)
    assert harmless(str(caught.value)).endswith(
        "ao-run.toml, \\x1b[2J: there is no such setting (there are build, dialect, id, limits, module, modules, network, networks, owner, process, replace, scenario, tags, tests)"
    )


def test_pyproject(tmp_path: Path) -> None:
    """`[tool.ao-run]` is the same; `ao-run.toml` stands before it, and a pyproject.toml that says nothing is none."""
    written(tmp_path, "[tool.ao-run]\nowner = 'carol'\n[tool.ao-run.tags]\nA = 1", "pyproject.toml")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    # It names us, and has no table for us.
    written(inner, "[project]\nname = 'x'\nscripts.ao-run = 'y'  # [tool.ao-run]", "pyproject.toml")
    found = of(inner)
    assert (found.folder, found.owner, found.tags) == (tmp_path, "carol", [("A", "1")])
    assert found.settings["tags.A"].source == f"{tmp_path / 'pyproject.toml'}:4"
    written(tmp_path, "owner = 'dave'")
    assert of(inner).owner == "dave"
    (inner / ".git").mkdir()
    assert of(inner).file is None


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_a_file_that_somebody_else_put_above(tmp_path: Path) -> None:
    """A file above that belongs to another user is passed over; in the folder itself it counts."""
    inner = tmp_path / "mine"
    inner.mkdir()
    os.chown(written(tmp_path, "owner = 'mallory'") / "ao-run.toml", 12345, 12345)
    assert of(inner).owner is None
    assert of(tmp_path).owner == "mallory"


def test_spawn(tmp_path: Path) -> None:
    """The project's process is started with all that holds; what is given stands before it."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/process.lua").write_text("Lib = require('lib.oracle') Seen = ao.env.Process.Tags")
    (tmp_path / "src/more.lua").write_text("More = Lib .. Owner")
    (tmp_path / "fake.lua").write_text("return 'fake'")
    text = """
    process = ["src/process.lua", "src/more.lua"]
    owner = "alice"
    replace = { "lib.oracle" = "fake.lua" }
    tags.Name = "Points"
    limits.instructions = 100_000
    """
    found = of(written(tmp_path, text))
    with found.spawn() as process:
        assert process.get("More") == "fakealice"
        assert process.limits.instructions == 100_000
        assert {"name": "Name", "value": "Points"} in process.environment["Process"]["Tags"]
    with found.spawn(owner="bob", tags={"Name": "Mine"}, limits={"seconds": 1}) as process:
        assert process.get("More") == "fakebob"
        assert process.limits == Limits(seconds=1)
    (tmp_path / "src/more.lua").write_text("error('no')")
    with pytest.raises(LoadError, match="no"):
        found.spawn()
    with pytest.raises(InputError, match="the project says no file"):
        of(tmp_path, AO_RUN_CONFIG="").spawn()


def test_spawn_in_a_network(tmp_path: Path) -> None:
    """In a network the owner is a wallet of that name, and the process is called as its tag says."""
    (tmp_path / "process.lua").write_text("Balances = { [Owner] = 5 }")
    (tmp_path / "more.lua").write_text("Balances.more = 1")
    text = "process = ['process.lua', 'more.lua']\nowner = 'alice'\ntags.Name = 'Points'"
    found = of(written(tmp_path, text))
    with Network() as net:
        made = found.spawn_in(net)
        assert made.get("Balances") == {net.wallet("alice").address: 5, "more": 1}
        assert made.name == "Points"


@given(some.text(max_size=200))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a file says, it is settings or an `InputError`."""
    folder = tmp_path_factory.mktemp("any")
    with contextlib.suppress(InputError):
        of(written(folder, text.encode("utf-8", "surrogatepass")))


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5), lambda inner: some.lists(inner, max_size=3), max_leaves=5
)  # fmt: skip


@given(some.sampled_from(KEYS), VALUES)
def test_any_value(key: Key, value: object) -> None:
    """Whatever a setting's value is, it is read or an `InputError`."""
    with contextlib.suppress(InputError):
        key.read(value)

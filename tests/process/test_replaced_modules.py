"""One module of a project is another one, and the rest is read from its folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, Process

from ..cli.running import ao_run

MAIN = """local oracle, text = require("lib.oracle"), require("text")
Handlers.add("price", "Price", function(msg) msg.reply({ Data = text.show(oracle.price(msg.Item)) }) end)
"""
FAKE = """return {
  price = function(item)
    if item == "none" then error("no such item") end
    return 5
  end,
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A process that requires two files, and another file for one of them."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "fakes").mkdir()
    (tmp_path / "main.lua").write_text(MAIN)
    (tmp_path / "lib" / "oracle.lua").write_text("return { price = function() return 100 end }")
    (tmp_path / "text.lua").write_text("return { show = function(x) return '<' .. x .. '>' end }")
    (tmp_path / "fakes" / "oracle.lua").write_text(FAKE)
    return tmp_path


def price(process: Process, item: str = "x") -> Any:
    """What the process says."""
    return process.handle(From="bob", Action="Price", Item=item).raise_for_error().messages[0].data


@pytest.mark.parametrize("name", ["lib.oracle", ".lib.oracle", "lib/oracle"])
def test_one_module_is_another(project: Path, name: str) -> None:
    """A module is replaced by a text or by a file, under any name that `require` knows it by; the others are as ever."""
    main, fake = project / "main.lua", project / "fakes" / "oracle.lua"
    assert price(Process.spawn(main)) == "<100>"
    assert price(Process.spawn(main, replace={name: FAKE})) == "<5>"
    assert price(Process.spawn(main, replace={name: FAKE.encode()}, isolated=True)) == "<5>"
    process = Process.spawn(main, replace={name: fake})
    assert price(process) == "<5>"
    failure = process.handle(From="bob", Action="Price", Item="none").failure
    assert failure is not None
    assert (failure.message, failure.file, failure.line) == ("no such item", str(fake), 3)


def test_beside_other_sources(project: Path) -> None:
    """It stands before what a mapping, or a folder that is a module, has; and where there is nothing else."""
    assert (
        Process.spawn(code="", sources={"a": "return 1", "b": "return 2"}, replace={"b": "return 3"})
        .eval("return require('a') .. require('b')")
        .text
        == "13"
    )
    assert Process.spawn(code="", replace={"json": "return 4"}).eval("return require('json')").text == "4"
    (project / "process.lua").write_text(
        "return { handle = function() return { Output = require('.text').show(1) } end }"
    )
    module = Process({"Process": {"Id": "P"}}, module=project, replace={".text": "return { show = tostring }"})
    assert module.handle(Action="x").output == "1"


def test_kept_with_the_process(project: Path) -> None:
    """A journal and a snapshot know what was replaced; what was not read yet is replaced later as well."""
    file, main = project / "kept.ao", project / "main.lua"
    late = {"late": "return 'replaced'"}
    with Process.spawn(main, state=file, replace=late) as process:
        snapshot = process.snapshot()
    (project / "late.lua").write_text("return 'from the folder'")
    for again in (Process.open(file), Process.restore(snapshot), Process.restore(snapshot, sources=project)):
        assert again.eval("return require('late')").text == "replaced"
        again.close()
    other = Process.restore(snapshot, replace={"late": "return 'another'"})
    assert other.eval("return require('late')").text == "another"


def test_published_modules(project: Path) -> None:
    """A published module gets it in the process's code, too; errors name the file."""
    pytest.importorskip("wasmtime")
    from ..differential.fetch import OracleMissingError, folder

    try:
        module = folder() / "modules" / "aos2_0_6.wasm"
    except OracleMissingError as error:
        pytest.skip(str(error))
    fake = project / "fakes" / "oracle.lua"
    process = Process.spawn(project / "main.lua", module=module, replace={"lib.oracle": fake})
    assert price(process) == "<5>"
    failure = process.handle(From="bob", Action="Price", Item="none").failure
    assert failure is not None
    assert (failure.message, failure.file, failure.line) == ("no such item", str(fake), 3)
    with pytest.raises(InputError, match="replace: json is the network's own module"):
        Process.spawn(project / "main.lua", module=module, replace={"json": "return {}"})


@pytest.mark.parametrize(
    ("replace", "complaint"),
    [
        ({"lib.oracle": 5}, "replace.lib.oracle: must be text or a Path, found a int"),
        ({"lib.oracle": Path("nowhere.lua")}, "replace.lib.oracle: nowhere.lua cannot be read: No such file"),
        ({"../oracle": ""}, "replace: '../oracle' is no name of a module"),
        ({5: ""}, "replace: 5 is no name of a module"),
        (["lib.oracle"], "replace: must be a mapping from names to texts or paths, found a list"),
        ({".bint": ""}, "replace: .bint is the network's own module, not the project's"),
    ],
)
def test_what_cannot_be_replaced(replace: Any, complaint: str) -> None:
    """What makes no sense is said at the start."""
    with pytest.raises(InputError, match=re.escape(complaint)):
        Process.spawn(code="", replace=replace)


def test_in_the_command(project: Path) -> None:
    """`--replace NAME=FILE.lua`, several times; errors name that file."""
    given = ["handle", "-p", str(project / "main.lua"), "--from", "bob", "Action=Price"]
    fake = f"lib.oracle={project / 'fakes' / 'oracle.lua'}"
    assert ao_run(*given).out == "message  → bob  Data=<100>\n"
    assert ao_run(*given, "--replace", fake).out == "message  → bob  Data=<5>\n"
    (project / "fakes" / "text.lua").write_text("return { show = function() return 'shown' end }")
    both = ["--replace", fake, "--replace", f"text={project / 'fakes' / 'text.lua'}"]
    assert ao_run(*given, *both).out == "message  → bob  Data=shown\n"
    ran = ao_run(*given, "Item=none", "--replace", fake)
    assert (ran.code, ran.err.splitlines()[:2]) == (
        1,
        ["error: no such item", f"  {project / 'fakes' / 'oracle.lua'}:3, in handler price"],
    )
    for wrong, complaint in (
        (["--replace", "text"], "'text' is not NAME=FILE.lua, such as utils=tests/utils.lua"),
        (
            ["--replace", fake, "--replace", fake],
            "--replace: a module is given twice (one NAME=FILE.lua for each module)",
        ),
        (["--replace", "text=nowhere.lua"], "replace.text: nowhere.lua cannot be read: No such file or directory"),
    ):
        ran = ao_run(*given, *wrong)
        assert (ran.code, complaint in ran.err) == (2, True), ran.err


def test_reload(project: Path) -> None:
    """A replaced file that was edited is warned of, and `--reload` evaluates it."""
    file, fake = str(project / "kept.ao"), project / "fakes" / "oracle.lua"
    given = ["handle", "-p", str(project / "main.lua"), "--replace", f"lib.oracle={fake}", "--state", file]
    given += ["--from", "bob", "Action=Price"]
    assert ao_run(*given).out == "message  → bob  Data=<5>\n"
    fake.write_text(FAKE.replace("return 5", "return 6"))
    ran = ao_run(*given)
    assert (ran.out, "lib.oracle: the file has changed" in ran.err) == ("message  → bob  Data=<5>\n", True)
    assert ao_run(*given, "--reload").out == "message  → bob  Data=<6>\n"

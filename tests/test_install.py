"""The package after a plain installation, as the README has it, in a copy of the checkout and an environment of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from .cli.running import ROOT

CODE = """
local db = require("lsqlite3").open_memory()
db:exec("CREATE TABLE t (a)")
db:exec("INSERT INTO t VALUES (42)")
for a in db:urows("SELECT a FROM t") do Answer = a end
local crypto = require(".crypto")
Digest = crypto.digest.keccak256("x").asHex()
Cipher = crypto.cipher.aes.encrypt('ao', 'super_secret_shh', 'super_secret_shh').asHex()
"""
#: Printed between the commands.
MARK = "-- next --"


class Installed(NamedTuple):
    """A copy of the checkout after the README's first command and those of its examples, in order, in one new shell."""

    home: Path
    #: The commands, what the README says that each prints (None of the first), and what it printed.
    said: list[tuple[str, str | None, str]]

    def ao_run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """The installed command."""
        command = self.home / ".venv/bin/ao-run"
        return subprocess.run([command, *arguments], capture_output=True, text=True, cwd=cwd)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Skipped where pip reaches no registry."""
    home = tmp_path_factory.mktemp("plain") / "checkout"
    everywhere = shutil.ignore_patterns(".*", "node_modules", "dist", "build")

    def left_out(folder: str, names: list[str]) -> set[str]:
        return everywhere(folder, names) | ({"tests"} if Path(folder) == ROOT else set())

    shutil.copytree(ROOT, home, ignore=left_out)
    shutil.copytree(ROOT / "tests/vectors", home / "tests/vectors")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    install = re.search(r"^python3 -m venv .*", readme, re.MULTILINE)
    assert install is not None
    commands: list[tuple[str, str | None]] = [(install[0], None)]
    for block in re.findall(r"```console\n(.*?)```", readme, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            commands.append((command, output))
    script = "\n".join(f"{command} || exit 1\necho '{MARK}'" for command, _ in commands)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=home)
    if "ao-run" not in [path.name for path in (home / ".venv/bin").glob("ao-run")]:
        pytest.skip(f"pip cannot install here: {done.stderr.strip().splitlines()[-1:]}")
    # pip may have something to say of its registries there.
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(MARK + "\n")
    return Installed(home, [(*command, text) for command, text in zip(commands, printed, strict=False)])


def test_the_readme_runs_as_it_stands(installed: Installed) -> None:
    """The first command installs and runs the token; the others run in the same shell, and print what they say."""
    first, *others = installed.said
    assert "Credit-Notice" in first[2]
    assert len(others) > 3
    for command, expected, printed in others:
        assert (command, printed.rstrip()) == (command, (expected or "").rstrip())


def test_what_a_process_requires_is_there(installed: Installed, tmp_path: Path) -> None:
    """`.crypto` and `lsqlite3` work, the process can be kept and gone on with, and no extra was named."""
    (tmp_path / "process.lua").write_text(CODE)
    options = ("-p", "process.lua", "--state", "a.ao", "--json")
    done = installed.ao_run("eval", *options, "return Answer .. ' ' .. #Digest .. ' ' .. #Cipher", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["Output"]["data"] == "42 64 32"
    done = installed.ao_run("eval", *options, "return Answer", cwd=tmp_path)
    assert json.loads(done.stdout)["Output"]["data"] == "42"


def test_what_is_left_out_says_what_to_install(installed: Installed, tmp_path: Path) -> None:
    """Published modules are an extra; who asks for one is told a command that pip takes as it is."""
    (tmp_path / "aos.wasm").write_bytes(b"\0asm\1\0\0\0")
    (tmp_path / "message.json").write_text('{"From": "bob", "Action": "Ping"}')
    done = installed.ao_run("handle", "--module", "aos.wasm", "message.json", cwd=tmp_path)
    said = "error: published modules need wasmtime, which is not installed (pip install wasmtime)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_files_that_are_no_python_come_along(installed: Installed) -> None:
    """What lies beside the code is installed with it: Lua, pages and their style."""
    [package] = installed.home.glob(".venv/lib/*/site-packages/ao_runtime")
    for folder in ("templates", "static"):
        own = ROOT / "ao_runtime/units/explorer" / folder
        there = package / "units/explorer" / folder
        assert sorted(path.name for path in there.iterdir()) == sorted(path.name for path in own.iterdir())
    assert (package / "lua/vm/border/outline.lua").is_file()


def test_projects(installed: Installed, tmp_path: Path) -> None:
    """`ao-run init` has its templates; scenario and bundle work with nothing else installed, and what does not says why."""
    assert installed.ao_run("init", "points", "--template", "token", cwd=tmp_path).returncode == 0
    folder = tmp_path / "points"
    assert (folder / ".github/workflows/ci.yml").is_file()
    for command in ("run", "build", "test"):
        done = installed.ao_run(command, cwd=folder)
        assert (command, done.returncode, done.stderr) == (command, 0, "")
    done = installed.ao_run("run", "--watch", cwd=folder)
    said = "error: --watch: watchfiles is not there (pip install watchfiles)\n"
    assert (done.returncode, done.stderr) == (2, said)
    assert installed.ao_run("wallet", "new", "wallet.json", cwd=folder).returncode == 2

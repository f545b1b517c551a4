"""What a published module says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import InputError, Process
from ao_runtime.state import MADE_MODULE, Options, has_boot, spoken

from ..cli.running import ao_run


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0.2.0", ("0.2.0", "0.2.0", True)),
        ("0.2.1", ("0.2.1", "1", True)),
        ("0.2.3", ("0.2.3", "1", False)),
        ("2.0.0", ("2.0.0", "2.0.1", False)),
        ("2.0.1", ("2.0.1", "2.0.1", True)),
        ("2.0.3", ("2.0.3", "2.0.3", True)),
        ("2.0.4", ("2.0.4", "2.0.6", True)),
        ("2.0.16", ("2.0.16", "2.0.6", False)),
        ("0.0.1", None),
    ],
)
def test_versions(tmp_path: Path, version: str, said: tuple[str, str, bool] | None) -> None:
    """The version of `.process` in its Lua names the dialect, or the nearest before it."""
    file = tmp_path / "m.wasm"
    file.write_bytes(b"\0asm" + f'local process = {{ _version = "{version}" }}'.encode())
    assert spoken(file) == said
    assert has_boot(Options(module=file)) is (said is None or said[1] not in ("1", "0.2.0"))


def test_what_says_nothing(tmp_path: Path) -> None:
    """A module without aos says nothing; a file that cannot be read is told."""
    file = tmp_path / "m.wasm"
    file.write_bytes(b"\0asm")
    assert spoken(file) is None
    with pytest.raises(InputError, match=r"none\.wasm cannot be read"):
        spoken(tmp_path / "none.wasm")
    assert ao_run("module", str(tmp_path / "none.wasm")).code == 2
    assert ao_run("module", str(file)).code == 2


@pytest.mark.parametrize("dialect", ["2.0.6", "1"])
def test_every_process_has_a_module(dialect: str) -> None:
    """A process spawns its like by its module's id, which is made where nobody names one, and always the same."""
    code = "local sent = ao.spawn(ao.env.Module.Id, {}) From = ao._module"
    process = Process.spawn(code=code, dialect=dialect)
    assert process.spawn_result is not None
    tags = process.spawn_result.spawns[0].tags
    assert (tags["Module"], tags["From-Module"], process.get("From")) == (MADE_MODULE,) * 3
    named = Process.spawn(code=code, dialect=dialect, tags={"Module": "M"})
    assert named.spawn_result is not None
    assert named.spawn_result.spawns[0].tags["Module"] == "M"
    assert "Module" not in Process.spawn().fill({"From": "bob"})

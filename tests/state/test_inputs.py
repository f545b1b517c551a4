"""A process's modules and files: from where the caller says, and from nowhere else."""

from pathlib import Path

import pytest

from ao_runtime import InputError
from ao_runtime.state.data_files import DataFiles
from ao_runtime.state.inputs import Inputs
from ao_runtime.state.lua_sources import LuaSources


def test_modules_of_a_folder(tmp_path: Path) -> None:
    """`a.b` is a/b.lua or a/b/init.lua; a leading dot makes no difference."""
    (tmp_path / "a" / "c").mkdir(parents=True)
    (tmp_path / "a" / "b.lua").write_text("1")
    (tmp_path / "a" / "c" / "init.lua").write_text("2")
    modules = LuaSources(tmp_path)
    assert [modules.find(name) for name in ("a.b", ".a.b", "a/b", "a.c", "a")] == [b"1", b"1", b"1", b"2", None]
    assert modules.path("a.b") == str(tmp_path / "a" / "b.lua")


@pytest.mark.parametrize("name", ["../secret", "..secret", "/etc/secret", "a/../../secret", "secret\0", "link", ""])
def test_no_way_out(tmp_path: Path, name: str) -> None:
    """No name leads out of the folder, and no link does."""
    (tmp_path / "secret.lua").write_text("secret")
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "link.lua").symlink_to(tmp_path / "secret.lua")
    assert LuaSources(inside).find(name) is None


def test_read_once(tmp_path: Path) -> None:
    """A module is read once: a file that changes later does not change what a replay sees."""
    (tmp_path / "m.lua").write_text("1")
    modules = LuaSources(tmp_path)
    assert (modules.find("m"), modules.find("n")) == (b"1", None)
    (tmp_path / "m.lua").write_text("2")
    (tmp_path / "n.lua").write_text("2")
    assert (modules.find("m"), modules.find("n")) == (b"1", None)


def test_modules_of_a_mapping() -> None:
    """Lua sources may be given as a mapping from names to texts."""
    assert [LuaSources({".m": "return 1"}).find(name) for name in ("m", ".m", "n")] == [b"return 1", b"return 1", None]


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is none is a clear error."""
    with pytest.raises(InputError, match="is no folder"):
        LuaSources(tmp_path / "nowhere")


def test_files(tmp_path: Path) -> None:
    """Files come from a mapping, a folder or a function; no name leads out of the folder."""
    (tmp_path / "id1").write_bytes(b"\xff\x00")
    (tmp_path.parent / "outside").write_bytes(b"secret")
    assert DataFiles(tmp_path).find("id1") == b"\xff\x00"
    assert [DataFiles(tmp_path).find(name) for name in ("../outside", "..", ".", "", "none", "a/b")] == [None] * 6
    assert DataFiles({"x": "text"}).find("x") == b"text"
    assert DataFiles(lambda name: name * 2).find("x") == b"xx"
    assert DataFiles(None).find("x") is None


def test_no_source_at_all() -> None:
    """What is no source is a clear error."""
    with pytest.raises(InputError, match="sources: must be a folder or a mapping, found a int"):
        LuaSources(5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="files: must be a mapping, a folder or a function, found a int"):
        DataFiles(5)  # type: ignore[arg-type]


def test_what_is_new_is_noted(tmp_path: Path) -> None:
    """What is read first is noted in its order, misses and what cannot be read too; never twice."""

    def file(name: str) -> str:
        if name == "broken":
            raise OSError("broken")
        return name

    inputs = Inputs({"m": "1"}, file)
    for name in ("m", ".m", "n", "n"):
        inputs.sources.find(name)
    for name in ("a", "broken", "a", "x" * 300):
        inputs.files.find(name)
    noted = [("module", "m", b"1"), ("module", "n", None), ("file", "a", b"a"), ("file", "broken", None)]
    assert inputs.new == noted
    other = Inputs(None, None)
    other.preset(noted)
    assert [other.sources.find("m"), other.files.find("a"), other.new] == [b"1", b"a", []]
    other.forget(noted[:3])
    assert [other.sources.find("m"), other.files.find("a")] == [None, None]
    assert other.new == [("module", "m", None), ("file", "a", None)]
    again = inputs.again()
    assert again.new == []
    assert (again.sources.find("m"), again.files.find("a")) == (b"1", b"a")
    assert inputs.new == noted


@pytest.mark.parametrize("source", [{"a": "1", ".b": b"\xff"}, None])
def test_written_down(source: object) -> None:
    """A mapping of modules can be written down and read again."""
    described = LuaSources(source).described()  # type: ignore[arg-type]
    assert LuaSources(LuaSources.again(described)).described() == described


def test_folders_written_down(tmp_path: Path) -> None:
    """A folder is named where it is written down, and nothing is read from it for that."""
    (tmp_path / "m.lua").write_text("1")
    inputs = Inputs(None, None)
    inputs.withhold(LuaSources(tmp_path).described()["folder"], DataFiles(tmp_path).described()["folder"])
    inputs.preset([("module", "known", b"2")])
    assert (inputs.sources.find("m"), inputs.sources.find("known"), inputs.files.find("m.lua")) == (None, b"2", None)
    with pytest.raises(InputError, match=r"asks for module m, which .* give that as sources= again"):
        inputs.check()
    for described in (inputs.sources.described(), inputs.files.described()):
        assert described == {"folder": str(tmp_path)}


def test_files_written_down(tmp_path: Path) -> None:
    """Of files a mapping or a function must be given again."""
    DataFiles.check(DataFiles(tmp_path).described())
    DataFiles.check(DataFiles(None).described())
    for source in ({}, str.upper):
        with pytest.raises(InputError, match="must be given again"):
            DataFiles.check(DataFiles(source).described())


def test_the_file_of_what_was_read(tmp_path: Path) -> None:
    """A module that was read before, by another program, has the file that it comes from now."""
    (tmp_path / "m.lua").write_text("new")
    inputs = Inputs(tmp_path, None)
    assert inputs.sources.path("m") is None
    inputs.preset([("module", "m", b"old"), ("module", "gone", b"old")])
    assert (inputs.sources.path("m"), inputs.sources.path("gone")) == (str(tmp_path / "m.lua"), None)

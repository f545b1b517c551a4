"""Compiled modules on disk: used again, never trusted where others can write, never read in part."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime.wasm import WasmModule, cache, modules

from .guests import ANSWER, guest

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no modes there")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, and nothing remembered in the program."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(modules, "_known", type(modules._known)())
    return tmp_path / "cache" / "wasm"


def read(folder: Path, number: int = 0) -> WasmModule:
    """A small module, compiled or from the cache."""
    path = folder / "guest.wasm"
    path.write_bytes(guest(f"(drop (i32.const {number})) {ANSWER}"))
    return WasmModule.read(path)


def forget() -> None:
    """As if the program were new."""
    modules._known.clear()


def test_once(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module is compiled once; what is kept is the user's own."""
    read(tmp_path)
    (kept,) = place.iterdir()
    if sys.platform != "win32":
        assert (place.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o700, 0o600)
    forget()
    monkeypatch.setattr(modules, "_compile", None)
    read(tmp_path)
    forget()
    with pytest.raises(TypeError):
        read(tmp_path, 1)


def test_damaged(place: Path, tmp_path: Path) -> None:
    """A kept file that is not whole, or not as it was written, is made anew."""
    read(tmp_path)
    (kept,) = place.iterdir()
    whole = kept.read_bytes()
    for damaged in (
        b"",
        whole[:100],
        whole[:-1],
        whole[:-1] + b"x",
        b"x" + whole[1:],
        whole[:60] + b"\xff" + whole[61:],
    ):
        kept.write_bytes(damaged)
        forget()
        read(tmp_path)
        assert len(kept.read_bytes()) == len(whole)


def test_nonsense_with_a_good_digest(place: Path, tmp_path: Path) -> None:
    """A kept file that says something else than it should is made anew."""
    read(tmp_path)
    (kept,) = place.iterdir()
    for nonsense in (b"", b"\xff" * 64, bytes(64)):
        cache.put(kept.name, nonsense)
        forget()
        read(tmp_path)
        assert len(kept.read_bytes()) > 1000


@posix
def test_others_could_write(place: Path, tmp_path: Path) -> None:
    """A folder or a file that others can write to is not used."""
    read(tmp_path)
    (kept,) = place.iterdir()
    assert cache.get(kept.name) is not None
    kept.chmod(0o666)
    assert cache.get(kept.name) is None
    kept.chmod(0o600)
    place.chmod(0o777)
    assert cache.get(kept.name) is None
    place.chmod(0o700)
    assert cache.get(kept.name) is not None


@posix
def test_links(place: Path, tmp_path: Path) -> None:
    """A link is not followed, neither as the folder nor as a file."""
    read(tmp_path)
    (kept,) = place.iterdir()
    moved = tmp_path / "moved"
    kept.rename(moved)
    kept.symlink_to(moved)
    assert cache.get(kept.name) is None
    kept.unlink()
    place.rename(tmp_path / "other")
    place.symlink_to(tmp_path / "other")
    assert cache.folder() is None


@posix
@pytest.mark.skipif(os.geteuid() != 0 if hasattr(os, "geteuid") else True, reason="only root can give a folder away")
def test_another_owner(place: Path, tmp_path: Path) -> None:
    """A folder that somebody else has made is not used."""
    read(tmp_path)
    os.chown(place, 12345, 12345)
    assert cache.folder() is None


def test_none(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place nothing is kept, and all goes on; nor where it cannot be made."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "")
    read(tmp_path)
    assert not place.exists()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "file"))
    forget()
    read(tmp_path)


def test_tidy(place: Path) -> None:
    """Only the newest files stay."""
    for number in range(cache._MOST + 5):
        cache.put(f"{number:03}", b"content")
    assert len(list(place.iterdir())) == cache._MOST


def test_many_at_once(place: Path, tmp_path: Path) -> None:
    """Programs that compile the same module at the same time do not disturb one another."""
    path = tmp_path / "guest.wasm"
    path.write_bytes(guest())
    code = f"from ao_runtime.wasm import WasmModule; print(WasmModule.read({str(path)!r}).format)"
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {run.communicate()[0] for run in runs} == {"wasm64-unknown-emscripten-draft_2024_02_15\n"}
    assert len(list(place.iterdir())) == 1

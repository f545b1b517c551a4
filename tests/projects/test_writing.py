"""What is written into a project: one file or the other, never through a link that somebody has put there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ao_runtime import InputError
from ao_runtime.projects import build, configure, new_project, write_editor_settings
from ao_runtime.projects.writing import write_file
from tests.cli.running import ao_run


def test_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links in a project that somebody else has made lead nowhere: what they point to stays as it is."""
    mine = tmp_path / "mine"
    mine.write_text("mine")
    project = tmp_path / "project"
    new_project(project)
    (project / "build").mkdir()
    for name in (".luarc.json", "build/process.lua", "build/process.lua.map", "ao-published.json"):
        (project / name).unlink(missing_ok=True)
        (project / name).symlink_to(mine)
    write_editor_settings(project)
    found = configure(project, environment={"AO_RUN_OUTPUT": str(project / "build/process.lua")})
    build(found).write(found.output)
    write_file(project / "ao-published.json", b"{}")
    assert mine.read_text() == "mine"
    assert not (project / "build/process.lua").is_symlink()
    (project / "build/process.lua").unlink()
    (project / "build/process.lua").symlink_to(mine)
    monkeypatch.chdir(project)
    said = (
        "error: build.output: 'build/process.lua' lies outside of the project (a path within the folder of the file)\n"
    )
    assert ao_run("build").err == said


def test_a_folder_that_is_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is anything written into a folder elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    project = tmp_path / "project"
    new_project(project)
    (project / "build").symlink_to(tmp_path / "elsewhere")
    monkeypatch.chdir(project)
    assert ao_run("build").code == 2
    assert [*(tmp_path / "elsewhere").iterdir()] == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    """Where a file cannot be written, the old one is whole, and nothing is left lying about."""
    folder = tmp_path / "folder"
    (folder / "file").mkdir(parents=True)
    with pytest.raises(InputError, match=r"cannot be written: .* \(note it\)"):
        write_file(folder / "file", b"new", advice="note it")
    assert [one.name for one in folder.iterdir()] == ["file"]


def test_who_may_read_it(tmp_path: Path) -> None:
    """It is as readable as any new file."""
    mask = os.umask(0o022)
    try:
        write_file(tmp_path / "a" / "b.lua", b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a" / "b.lua").stat().st_mode) == 0o644

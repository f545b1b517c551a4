"""What a job may name: the shared folder, and nothing outside of it; what is fetched, and from whom."""

from __future__ import annotations

import os
import socket
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import InputError
from ao_runtime.colonies import gen_prvkey
from ao_runtime.errors import StateError
from ao_runtime.executor import Data, Settings, reference_to
from ao_runtime.executor.cutting import batches, ranges
from ao_runtime.executor.data import read_reference
from tests.colonies.scripted import read_request
from tests.colonies.server import answer
from tests.colonies.test_failures import certified

CONTENT = b"what is there"
DIGEST = sha256(CONTENT).hexdigest()


@given(
    st.text(min_size=1, max_size=30) | st.lists(st.sampled_from(["..", ".", "a", "/", "//", "~", "a/b"])).map("/".join)
)
def test_no_path_leads_out(name: str) -> None:
    """Whatever a job writes, what is opened is in the folder, or nothing is."""
    root = Path("/srv/shared")
    try:
        path = Data(root).path(read_reference(name, "journal"))
    except InputError:
        return
    assert path.is_relative_to(root)
    assert path != root
    assert ".." not in path.parts


@pytest.mark.parametrize(
    "value", [None, 5, "", [], {}, {"ref": 5}, {"ref": "a", "sha256": "x"}, {"ref": "a", "b": 1}, "a\0b"]
)
def test_what_is_no_reference(value: object) -> None:
    """A reference is text, or an object of text and a SHA-256."""
    with pytest.raises(InputError, match="journal"):
        read_reference(value, "journal")


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "\ud800", "a\udcff\ud800"])
def test_names_that_no_file_has(tmp_path: Path, name: str) -> None:
    """They are refused like others, and are no trouble of the machine."""
    with pytest.raises(InputError, match="x: "):
        Data(tmp_path).read(read_reference(name, "x"))


def test_without_a_folder(tmp_path: Path) -> None:
    """An executor without a folder reads no file, and says what would change that."""
    with pytest.raises(InputError, match=r"no shared folder is known here .*--data DIR"):
        Data(None).read(read_reference("a", "journal"))


def test_links_lead_nowhere_else(tmp_path: Path) -> None:
    """A link to a file outside is as far as the file itself; one inside is what it leads to."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "secret").write_bytes(CONTENT)
    (data / "a").write_bytes(CONTENT)
    (data / "out").symlink_to(tmp_path / "secret")
    (data / "up").symlink_to(tmp_path)
    (data / "in").symlink_to(data / "a")
    assert Data(data).read(read_reference("in", "x")) == CONTENT
    for name in ("out", "up/secret", str(tmp_path / "secret")):
        with pytest.raises(InputError, match="is outside of the shared folder"):
            Data(data).read(read_reference(name, "x"))


def test_what_is_kept(tmp_path: Path) -> None:
    """What is written is named by its SHA-256, once however often, and read again only as it was."""
    data = Data(tmp_path)
    one, other = data.keep(CONTENT, "states", ".x"), data.keep(CONTENT, "states", ".x")
    assert one == other == {"ref": f"states/{DIGEST}.x", "sha256": DIGEST}
    assert [path.name for path in (tmp_path / "states").iterdir()] == [f"{DIGEST}.x"]
    assert data.read(read_reference(one, "x")) == CONTENT
    (tmp_path / one["ref"]).write_bytes(b"another")
    with pytest.raises(InputError, match="has another SHA-256 here"):
        data.read(read_reference(one, "x"))
    (tmp_path / "results").write_text("no folder")
    with pytest.raises(StateError, match="cannot be written"):
        data.keep(CONTENT, "results", "")


def test_what_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of an allowed host is fetched once, by TLS, and only what has the SHA-256 is believed."""
    asked: list[str] = []

    def script(connection: socket.socket, number: int) -> None:
        first, _, _ = read_request(connection)
        asked.append(first.split()[1])
        if asked[-1] == "/moved":
            connection.sendall(b"HTTP/1.1 302 -\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
        else:
            answer(connection, 200, CONTENT, "application/octet-stream")

    (tmp_path / "data").mkdir()
    with certified(tmp_path, script) as url:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        base = url.removesuffix("/api")
        host = base.removeprefix("https://")
        data = Data(tmp_path / "data", [host])
        for _ in range(2):
            found = data.file(read_reference({"ref": f"{base}/a", "sha256": DIGEST}, "x"))
            assert found == (tmp_path / "data/fetched" / DIGEST).resolve()
            assert found.read_bytes() == CONTENT
        assert asked == ["/a"]
        for ref, digest, says in (
            (f"{base}/b", "0" * 64, "has another SHA-256"),
            (f"{base}/moved", "1" * 64, f"{host} answers 302"),
            (f"{base}/a".replace("https", "http"), "2" * 64, "nothing is fetched from 'http://"),
            ("https://localhost/a", "3" * 64, "nothing is fetched from 'https://localhost'"),
            ("https://user@localhost:1/a", "3" * 64, "nothing is fetched from"),
        ):
            with pytest.raises(InputError, match=says):
                data.file(read_reference({"ref": ref, "sha256": digest}, "x"))
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(StateError, match="cannot be fetched"):
            data.file(read_reference({"ref": f"{base}/c", "sha256": "4" * 64}, "x"))


def test_how_submitters_name_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the shared folder is named as executors find it, from wherever; one outside is told."""
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "sub/a.ao").write_text("")
    (tmp_path / "b.ao").write_text("")
    settings = Settings.of({}, colony="c", prvkey=gen_prvkey(), data=str(data))
    monkeypatch.chdir(tmp_path)
    names = ["data/sub/a.ao", "sub/a.ao", str(data / "sub/a.ao"), "data/sub/../sub/a.ao"]
    assert {reference_to(settings, name) for name in names} == {"sub/a.ao"}
    assert reference_to(settings, "new.ao") == "new.ao"
    assert reference_to(settings, "https://example.com/a") == "https://example.com/a"
    for name in ("b.ao", "../x", str(tmp_path / "b.ao"), "data"):
        with pytest.raises(InputError, match="is outside of the folder that executors share"):
            reference_to(settings, name)
    assert os.path.isabs(str(settings.data))
    unknown = Settings.of({}, colony="c", prvkey=gen_prvkey())
    assert reference_to(unknown, "anything/../at/all") == "anything/../at/all"


@given(st.integers(0, 10**6), st.integers(1, 2000), st.integers(1, 50))
def test_ranges_are_the_whole(first: int, length: int, parts: int) -> None:
    """Ranges follow on each other from the first to the last, none is empty, and none is more than one longer."""
    found = ranges(first, first + length, parts)
    assert [number for one in found for number in range(*one)] == list(range(first, first + length))
    sizes = [stop - start for start, stop in found]
    assert len(found) == min(parts, length)
    assert max(sizes) - min(sizes) <= 1


@given(st.lists(st.integers(), max_size=50), st.integers(1, 20))
def test_batches_are_the_whole(items: list[int], most: int) -> None:
    """Batches are all items in order, and only the last may be shorter than the others."""
    found = batches(items, most)
    assert [item for batch in found for item in batch] == items
    assert all(len(batch) == most for batch in found[:-1])

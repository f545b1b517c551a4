"""A server that other machines reach: what nobody has signed for needs a token, which nothing tells."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ao_runtime.units.access import Access
from ao_runtime.units.listening import listen
from tests.cli.running import ao_run

from .serving import Served, message

TOKEN = "a-token.of~this+server/0123=="
JSON = {"Content-Type": "application/json"}


def outside() -> str:
    """An address of this machine that is no loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            # Nothing is sent: the system only looks which interface it would take.
            one.connect(("192.0.2.1", 9))
            found = str(one.getsockname()[0])
        except OSError as error:
            pytest.skip(f"this machine has no address but its own: {error}")
    if found.startswith("127."):
        pytest.skip("this machine has no address but its own")
    return found


@contextmanager
def serving(*words: str, token: str | None = None) -> Iterator[Served]:
    """A server; the token comes by the environment, as an operator would give it."""
    before = os.environ.pop("AO_RUN_TOKEN", None)
    if token is not None:
        os.environ["AO_RUN_TOKEN"] = token
    try:
        served = Served(*words)
    finally:
        os.environ.pop("AO_RUN_TOKEN", None)
        if before is not None:
            os.environ["AO_RUN_TOKEN"] = before
    try:
        yield served
    finally:
        served.close()


def monitor(served: Served, process: str, **headers: str) -> httpx.Response:
    """Monitor a process without a signed item."""
    told = {**JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return served.http.post(f"{served.urls['mu']}/monitor/{process}", content=b"{}", headers=told)


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def test_beyond_loopback_without_a_token() -> None:
    """It answers at its address and at home; what is signed and reads go; what nobody signed is off: 403."""
    address = outside()
    with serving("--host", address) as served:
        assert served.urls["mu"].startswith(f"http://{address}:")
        port = served.urls["gateway"].rpartition(":")[2]
        for host in (address, "127.0.0.1"):
            assert httpx.get(f"http://{host}:{port}/healthcheck", trust_env=False).text == "OK"
        process = served.spawn("A = 1")
        item = message(process)
        assert served.send(item).status_code == 202
        assert "Output" in served.result(process, item.id)
        for unit in ("mu", "su"):
            other = served.http.post(f"{served.urls[unit]}?process-id={process}&assign={item.id}")
            assert (other.status_code, "needs a token" in other.json()["error"]) == (403, True)
        answer = monitor(served, process)
        assert (answer.status_code, "needs a token" in answer.json()["error"]) == (403, True)
        assert "access-control-allow-origin" not in answer.headers
        # A token that somebody makes up is none.
        assert monitor(served, process, **bearer(TOKEN)).status_code == 403
        # What is signed is taken from anywhere.
        assert served.http.post(f"{served.urls['mu']}/monitor/{process}", content=bytes(item)).status_code == 200


def test_beyond_loopback_with_a_token() -> None:
    """Only who has it may; the rules for Host, Origin and the body hold all the same."""
    with serving("--host", outside(), token=TOKEN) as served:
        process = served.spawn("A = 1")
        item = message(process)
        assert served.send(item).status_code == 202
        wrong = [
            {},
            bearer(TOKEN[:-1]),
            bearer(TOKEN + "="),
            bearer(TOKEN.upper()),
            {"Authorization": "Bearer"},
            {"Authorization": TOKEN},
            {"Authorization": f"Basic {TOKEN}"},
        ]
        for headers in wrong:
            answer = monitor(served, process, **headers)
            assert (answer.status_code, answer.headers.get("www-authenticate")) == (401, "Bearer"), headers
            assert "access-control-allow-origin" not in answer.headers
            other = served.http.post(f"{served.urls['mu']}?process-id={process}&assign={item.id}", headers=headers)
            assert other.status_code == 401
        for headers in ({"Origin": "https://somewhere.example"}, {"Host": "somewhere.example"}):
            assert monitor(served, process, **bearer(TOKEN), **headers).status_code == 403
        assert monitor(served, process, **bearer(TOKEN)).text == "Monitoring process"
        assert (
            served.http.post(
                f"{served.urls['mu']}?process-id={process}&assign={item.id}", headers=bearer(TOKEN)
            ).status_code
            == 202
        )


def test_the_token_is_told_nowhere(tmp_path: Path) -> None:
    """Not in the log, the ready line, the metrics, the folder, an answer, or a `repr`."""
    with serving(str(tmp_path / "net"), token=TOKEN) as served:
        process = served.spawn("A = 1")
        assert monitor(served, process).status_code == 401
        answers = [
            monitor(served, process, **bearer(TOKEN)),
            served.get("gateway", "/metrics"),
            served.get("gateway", "/info"),
        ]
        texts = [served.log, str(served.ready), *(f"{answer.headers}{answer.text}" for answer in answers)]
        files = [path.read_bytes() for path in (tmp_path / "net").rglob("*") if path.is_file()]
    assert len(files) > 1
    assert [text for text in texts if TOKEN in text] == []
    assert [data for data in files if TOKEN.encode() in data] == []
    assert TOKEN not in repr(Access(True, TOKEN))


def test_a_token_on_ones_own_machine() -> None:
    """It is needed for what changes something; an assignment is anybody's, as on the network."""
    with serving(token=TOKEN) as served:
        process = served.spawn("A = 1")
        item = message(process)
        assert served.send(item).status_code == 202
        assert monitor(served, process).status_code == 401
        assert monitor(served, process, **bearer(TOKEN)).status_code == 200
        assert served.http.post(f"{served.urls['mu']}?process-id={process}&assign={item.id}").status_code == 202


def test_everywhere_and_by_a_name() -> None:
    """0.0.0.0 is every address; the first --name stands in URLs, and a Host may say it, and no other name."""
    with serving("--host", "0.0.0.0", "--name", "Town.example", token=TOKEN) as served:
        port = served.urls["mu"].rpartition(":")[2]
        assert served.urls["mu"] == f"http://town.example:{port}"
        assert httpx.get(f"http://{outside()}:{port}/healthcheck", trust_env=False).text == "OK"
        told = {**JSON, **bearer(TOKEN)}

        def status(host: str) -> int:
            url = f"http://127.0.0.1:{port}/monitor/{'p' * 42}A"
            headers = {**told, "Host": f"{host}:{port}"}
            return httpx.post(url, content=b"{}", headers=headers, trust_env=False).status_code

        assert [status(host) for host in ("town.example", "localhost", "other.example")] == [400, 400, 403]


def test_ports_of_all_kinds() -> None:
    """Loopback stays what it is; ::1 and localhost are no exposure."""
    for host in (None, "localhost", "127.0.0.1", "::1"):
        found = listen(0, host=host)
        try:
            assert not found.is_exposed
            assert {str(one.getsockname()[0]) for one in found.sockets} <= {"127.0.0.1", "::1"}
        finally:
            found.close()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--host", "somewhere.example"], "must be an address of this machine"),
        (["--host", "203.0.113.77", "--port", "0"], "cannot be listened on"),
        (["--name", "a b"], "must be a name"),
        (["--token", "short"], "16 to 512"),
        (["--token", "with a space in it, see"], "16 to 512"),
    ],
)
def test_options_that_make_no_sense(words: list[str], problem: str) -> None:
    """An error for people; a token is not shown in it."""
    ran = ao_run("serve", *words)
    assert (ran.code != 0, ran.out) == (True, "")
    assert problem in ran.err
    if words[0] == "--token":
        assert words[1] not in ran.err

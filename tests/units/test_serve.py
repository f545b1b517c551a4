"""`ao-run serve` as people start it: the ready line, folders, ports, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ao_runtime import Network
from tests.cli.running import ao_run, ao_run_outside

from .serving import ALICE, Served, eventually, message

Serving = Callable[..., Served]


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Starts servers, which end with the test."""
    started: list[Served] = []

    def start(*arguments: str, port: int = 0) -> Served:
        started.append(Served(*arguments, port=port))
        return started[-1]

    yield start
    for one in started:
        one.close()


def free(count: int = 6) -> int:
    """The first of so many ports in a row that nobody has."""
    for first in range(21_000, 30_000, 10):
        try:
            for port in range(first, first + count):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports")


def test_where_everything_is(serving: Serving) -> None:
    """One line of JSON on stdout; the gateway has the port that was asked for, and the units the five after it."""
    port = free()
    served = serving(port=port)
    names = ("gateway", "uploader", "mu", "su", "cu", "ur")
    assert served.urls == {name: f"http://localhost:{port + index}" for index, name in enumerate(names)}
    assert list(served.ready) == ["urls", "addresses", "modules", "folder", "pid"]
    assert (served.ready["folder"], served.ready["pid"]) == (None, served.process.pid)
    assert {len(one) for one in (*served.ready["addresses"].values(), *served.ready["modules"])} == {43}
    assert served.get("mu", "/").text == "ao messenger unit"
    assert served.stop() == 0
    assert "mu GET / 200 " in served.log


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told(serving: Serving, tmp_path: Path, sign: int) -> None:
    """Exit code 0; what was taken is there when the folder is served again, with the same addresses."""
    served = serving(str(tmp_path))
    process = served.spawn("N = 0")
    id = served.message(process, "Eval", "N = N + 1 return N")
    before, addresses = served.result(process, id), served.ready["addresses"]
    assert served.stop(sign) == 0
    again = serving(str(tmp_path))
    assert again.ready["addresses"] == addresses
    assert again.result(process, id) == before
    assert str(again.eval(process, "N = N + 1 return N")) == "2"
    assert again.stop() == 0


def test_what_was_acknowledged_survives_a_kill(serving: Serving, tmp_path: Path) -> None:
    """A message is durable before it is acknowledged; after kill -9 it is there, in its order, with its result."""
    served = serving(str(tmp_path))
    process = served.spawn("N = 0")
    ids = [served.message(process, "Eval", "N = N + 1 return N") for _ in range(20)]
    served.process.kill()
    served.process.wait()
    again = serving(str(tmp_path))
    edges = again.get("su", f"/{process}").json()["edges"]
    assert [edge["node"]["message"]["id"] for edge in edges] == [process, *ids]
    assert [str(again.result(process, id)["Output"]["data"]) for id in ids] == [str(number + 1) for number in range(20)]
    assert str(again.eval(process, "return N")) == "20"


def test_requests_are_answered_before_it_ends(serving: Serving) -> None:
    """SIGTERM while a message is evaluated: its sender has an answer."""
    served = serving()
    process = served.spawn()
    item = message(process, "for i = 1, 2e7 do end return 'done'", Action="Eval")
    with served.http.stream("POST", served.urls["mu"], content=bytes(item)) as answer:
        served.process.send_signal(signal.SIGTERM)
        assert (answer.status_code, "id" in answer.read().decode()) == (202, True)
    assert served.process.wait(30) == 0


def test_every_network_has_its_own_keys(serving: Serving) -> None:
    """Two servers have other addresses: nobody knows the other one's keys."""
    first, second = serving(), serving()
    assert not set(first.ready["addresses"].values()) & set(second.ready["addresses"].values())


def test_a_new_beginning(serving: Serving, tmp_path: Path) -> None:
    """--reset deletes the network in a folder, and no other file there; never what is no network."""
    served = serving(str(tmp_path / "net"))
    process = served.spawn()
    assert served.stop() == 0
    (tmp_path / "net" / "mine.txt").write_text("mine")
    again = serving(str(tmp_path / "net"), "--reset")
    assert again.get("su", f"/processes/{process}").status_code == 400
    assert (tmp_path / "net" / "mine.txt").read_text() == "mine"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "processes").mkdir()
    ran = ao_run_outside("serve", str(tmp_path / "other"), "--reset", "--port", "0")
    assert (ran.code, "holds no network: nothing is deleted" in ran.err) == (2, True)
    assert (tmp_path / "other" / "processes").is_dir()


def test_a_folder_is_served_once(serving: Serving, tmp_path: Path) -> None:
    """Whoever comes second is told so, and ends."""
    serving(str(tmp_path))
    ran = ao_run_outside("serve", str(tmp_path), "--port", "0")
    assert (ran.code, ran.out) == (5, "")


def test_a_port_is_served_once(serving: Serving) -> None:
    """A port that is taken is an error in words."""
    port = free()
    serving(port=port)
    ran = ao_run_outside("serve", "--port", str(port))
    assert (ran.code, ran.out) == (1, "")
    assert f"port {port} cannot be listened on" in ran.err


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    """Each is refused in words, before anything is listened on."""
    for arguments, words in (
        (("--port", "-1"), "must be 0, or a port up to 65530"),
        (("--port", "65535"), "must be 0, or a port up to 65530"),
        (("--port", "6665"), "browsers and Node refuse port 6665"),
        (("--port", "4044"), "browsers and Node refuse port 4045"),
        (("--reset",), "there is nothing to delete"),
        (("--port", "0", "--module", "x"), "must be ID=PATH"),
        (("--port", "0", "--module", "x=2.0.6"), "is no id"),
        (("--port", "0", "--module", "x" * 43 + "=nothing.wasm"), "is no module"),
    ):
        ran = ao_run("serve", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err


def test_a_module_of_ones_own(serving: Serving) -> None:
    """--module makes a dialect, or a file, known under an id; the gateway has it."""
    id = "M" * 43
    served = serving("--module", f"{id}=2.0.3")
    process = served.spawn(Module=id)
    assert "2.0" in str(served.eval(process, "return require('.process')._version"))
    assert id in served.ready["modules"]
    assert served.http.head(f"{served.urls['gateway']}/{id}").headers["type"] == "Module"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_dry_run_that_does_not_end_holds_nothing(serving: Serving) -> None:
    """It is evaluated in a copy of the server: when that is killed, its ports are free, and clients know at once."""
    port = free()
    served = serving("--workers", "0", port=port)
    process = served.spawn()
    body = {"Tags": [{"name": "Action", "value": "Eval"}], "Owner": ALICE.address, "Data": "while true do end"}
    text = json.dumps(body).encode()
    head = f"POST /dry-run?process-id={process} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(text)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port + 4), timeout=5) as one:
        one.sendall(head.encode() + text)
        eventually(lambda: children(served.process.pid))
        served.process.kill()
        served.process.wait()
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(1) == b""
    assert serving(port=port).get("mu", "/").text == "ao messenger unit"


def children(pid: int) -> list[str]:
    """The processes that this one has started."""
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.split()


def test_a_folder_of_which_nothing_is_signed(tmp_path: Path) -> None:
    """Clients could read nothing of it: it is refused in words, and stays as it is."""
    with Network.open(tmp_path) as net:
        process = net.spawn(code="N = 1", owner="a").id
    ran = ao_run("serve", str(tmp_path), "--port", "0")
    assert (ran.code, "holds a network in which nothing is signed" in ran.err) == (2, True)
    with Network.open(tmp_path) as net:
        assert net.process(process).get("N") == 1


def test_a_folder_of_ao_run_net(serving: Serving, tmp_path: Path) -> None:
    """What `ao-run net` has made is served; what came over HTTP is there for `ao-run net` afterwards."""
    folder = str(tmp_path / "town")
    assert ao_run("net", "init", folder, "--signed", "--real-clock").code == 0
    code = 'N = 5 Handlers.add("Set", "Set", function(msg) N = msg.Data end)'
    made = ao_run("net", "spawn", folder, "--code", code, "--name", "five", "--json")
    process = json.loads(made.out)["process"]
    served = serving(folder)
    assert served.get("su", f"/processes/{process}").json()["process_id"] == process
    item = message(process, "six", Action="Set")
    assert served.send(item).status_code == 202
    assert served.stop() == 0
    assert json.loads(ao_run("net", "get", folder, "five", "N").out) == "six"
    assert ao_run("net", "verify", folder).code == 0


def test_code_that_nothing_can_interrupt(serving: Serving) -> None:
    """A hostile pattern is ended at its limit, the server answers meanwhile, and the process goes on as before."""
    served = serving("--limit-seconds", "2", "--workers", "1")
    process = served.spawn("N = 7")
    item = message(process, "return (('a'):rep(60)):match(('a?'):rep(60) .. ('a'):rep(61))", Action="Eval")
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(served.send, item)
        waits = 0
        while not sent.done():
            begun = time.monotonic()
            assert httpx.get(served.urls["gateway"] + "/healthcheck", trust_env=False).text == "OK"
            assert time.monotonic() - begun < 1.5
            waits += 1
            time.sleep(0.1)
        assert (sent.result().status_code, waits > 3) == (202, True)
    assert "time limit of 2.0 seconds reached" in served.result(process, item.id)["Error"]
    assert str(served.eval(process, "return N")) == "7"


def test_without_children(serving: Serving, tmp_path: Path) -> None:
    """--workers 0 evaluates in the server; a folder can be served either way."""
    served = serving(str(tmp_path), "--workers", "0")
    process = served.spawn("N = 1")
    assert served.stop() == 0
    again = serving(str(tmp_path), "--workers", "2")
    assert str(again.eval(process, "N = N + 1 return N")) == "2"
    assert again.stop() == 0
    ran = ao_run("serve", "--port", "0", "--workers", "-1")
    assert (ran.code, "must be a number, 0 to 64" in ran.err) == (2, True)

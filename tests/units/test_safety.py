"""A server on somebody's own machine: what strangers, and pages in the user's browser, cannot do."""

from __future__ import annotations

import gzip
import re
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from ao_runtime.items import DataItem

from .serving import ALICE, Served, message


def port(server: Served, unit: str = "gateway") -> int:
    """The port of a unit."""
    found = urlsplit(server.urls[unit]).port
    assert found is not None
    return found


def talk(server: Served, data: bytes, unit: str = "gateway", seconds: float = 30) -> tuple[bytes, float]:
    """Send raw bytes; all that comes back until the server closes, and how long that took."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port(server, unit)), timeout=seconds) as one:
        answer = b""
        # What the server did not read is in the way of a polite end.
        with suppress(ConnectionError):
            one.sendall(data)
            while part := one.recv(65536):
                answer += part
    return answer, time.monotonic() - begun


def test_it_listens_on_this_machine_only(server: Served) -> None:
    """127.0.0.1 and ::1 answer, for every unit; no other address of the machine does."""
    for unit in server.urls:
        assert httpx.get(f"http://127.0.0.1:{port(server, unit)}/healthcheck", trust_env=False).text == "OK"
    others = {str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r".*"):
            socket.create_connection((address, port(server)), timeout=2).close()


def test_it_listens_on_ipv6_as_well(server: Served) -> None:
    """`localhost` is ::1 for many clients."""
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"this machine has no ::1: {error}")
    assert httpx.get(f"http://[::1]:{port(server, 'cu')}/healthcheck", trust_env=False).text == "OK"


def test_any_page_may_read_and_send_what_is_signed(server: Served, ping: str) -> None:
    """Every such answer, errors too, is for any origin; a preflight is 204 with what was asked for."""
    headers = {"Origin": "https://somewhere.example"}
    item = message(ping, Action="Ping")
    answers = [
        server.http.post(server.urls["mu"], content=bytes(item), headers=headers),
        server.http.get(f"{server.urls['cu']}/result/{item.id}", params={"process-id": ping}, headers=headers),
        server.http.get(server.urls["cu"] + "/nothing", headers=headers),
        server.http.post(server.urls["mu"], content=b"x", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [202, 200, 404, 400]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}
    asked = {
        **headers,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, accept",
    }
    answer = server.http.options(server.urls["mu"], headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE"
    assert answer.headers["access-control-allow-headers"] == "content-type, accept"


def monitor(server: Served, process: str, **headers: str) -> httpx.Response:
    """Monitor a process without a signed item."""
    told = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return server.http.post(f"{server.urls['mu']}/monitor/{process}", content=b"{}", headers=told)


def test_what_nobody_has_signed_is_for_the_user_alone(server: Served) -> None:
    """A foreign `Origin` or `Host`, or a body that a form could send, changes nothing; no page reads the answer."""
    process = server.spawn()
    own = server.urls["mu"]
    for headers in (
        {"Origin": "https://somewhere.example"},
        {"Origin": "null"},
        {"Origin": own.replace("http:", "https:")},
        {"Host": "somewhere.example"},
        {"Host": f"somewhere.example:{port(server, 'mu')}"},
    ):
        answer = monitor(server, process, **headers)
        assert answer.status_code == 403, headers
        assert "access-control-allow-origin" not in answer.headers
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert monitor(server, process, Content_Type=kind).status_code == 400
    answer = monitor(server, process, Origin=own)
    assert (answer.status_code, answer.text) == (200, "Monitoring process")
    assert "access-control-allow-origin" not in answer.headers
    assert monitor(server, process).json() == {"error": "Process already being monitored"}


def test_a_monitor_must_be_signed(server: Served) -> None:
    """A data item whose signature is another's monitors nothing."""
    process = server.spawn()
    wrong = bytearray(bytes(message(process)))
    wrong[5] ^= 1
    assert server.http.post(f"{server.urls['mu']}/monitor/{process}", content=bytes(wrong)).status_code == 400
    assert monitor(server, process).text == "Monitoring process"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript"])
def test_stored_data_runs_nowhere(server: Served, kind: str) -> None:
    """What a browser would run is a download; nothing is guessed, and all of it is in a sandbox."""
    item = DataItem.create("<script>alert(1)</script>", tags={"Content-Type": kind}, wallet=ALICE)
    assert server.http.post(server.urls["uploader"] + "/tx", content=bytes(item)).status_code == 200
    headers = server.get("gateway", f"/{item.id}").headers
    assert headers["content-disposition"] == f'attachment; filename="{item.id}"'
    assert headers["content-security-policy"].startswith("sandbox")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "id", ["..%2f..%2fnetwork.json", "%2e%2e", "a" * 42, "a" * 44, "a" * 42 + "%00", "a" * 42 + "!", "é" * 43]
)
@pytest.mark.parametrize(
    "path", ["/{}", "/raw/{}", "/data/{}", "/cu/result/{}", "/cu/state/{}", "/su/{}", "/su/processes/{}"]
)
def test_only_ids_reach_files_and_tables(server: Served, path: str, id: str) -> None:
    """Anything else is 400, or no path at all."""
    answer = server.http.get(server.urls["gateway"] + path.format(id), params={"process-id": "p" * 43})
    assert answer.status_code in (400, 404)


def test_nothing_is_unpacked(server: Served, ping: str) -> None:
    """A body with a Content-Encoding is 415 on every route, however small it is."""
    body = gzip.compress(bytes(message(ping)))
    for url in (
        server.urls["mu"],
        server.urls["su"],
        server.urls["cu"] + "/dry-run",
        server.urls["gateway"] + "/graphql",
    ):
        assert server.http.post(url, content=body, headers={"Content-Encoding": "gzip"}).status_code == 415


def test_bodies_have_an_end(server: Served) -> None:
    """More than 10 MB is 413 with JSON: told before, and found out on the way; a message of 1 MB is fine."""
    answer = server.http.post(server.urls["mu"], content=b"x" * ((10 << 20) + 1))
    assert (answer.status_code, list(answer.json())) == (413, ["error"])

    def parts() -> object:
        for _ in range(11):
            yield b"x" * (1 << 20)

    answer = server.http.post(server.urls["mu"], content=parts())  # type: ignore[arg-type]
    assert (answer.status_code, list(answer.json())) == (413, ["error"])
    told = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\nConnection: close\r\n\r\n"
    assert talk(server, told, "mu")[0].split(b"\r\n")[0].split()[1] in (b"413", b"400")


def test_a_head_must_come_in_time(server: Served) -> None:
    """Ten seconds for a head that comes slowly, or not at all; others are answered meanwhile."""
    with (
        socket.create_connection(("127.0.0.1", port(server)), timeout=30) as slow,
        socket.create_connection(("127.0.0.1", port(server)), timeout=30) as silent,
    ):
        begun = time.monotonic()
        slow.settimeout(1)
        ended = False
        slow.sendall(b"GET / HTTP/1.1\r\n")
        while not ended and time.monotonic() - begun < 25:
            try:
                slow.sendall(b"X-A: b\r\n")
                ended = slow.recv(1) == b""
            except TimeoutError:
                assert server.get("gateway", "/healthcheck").text == "OK"
            except OSError:
                ended = True
        assert ended
        assert 8 < time.monotonic() - begun < 15
        assert silent.recv(1) == b""


def test_a_body_must_come_in_time(server: Served) -> None:
    """Ten seconds: 408, and the connection is closed."""
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nsome"
    answer, seconds = talk(server, head, "mu")
    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 408 Request Timeout"
    assert b'{"error":"the body did not come within 10 seconds"}' in answer
    assert 8 < seconds < 15


def test_connections_have_an_end(server: Served) -> None:
    """The thousand and first is sent away at once; when some have gone, others may come."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip(f"this machine lets a program open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    connections = []
    try:
        # Those that the client keeps open are some of the thousand.
        for _ in range(1001):
            connections.append(socket.create_connection(("127.0.0.1", port(server)), timeout=30))
        connections[-1].settimeout(8)
        assert over(connections[-1])
        connections[0].sendall(b"GET /healthcheck HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connections[0].recv(100).startswith(b"HTTP/1.1 200")
    finally:
        for one in connections:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    time.sleep(0.5)
    with socket.create_connection(("127.0.0.1", port(server)), timeout=30) as one:
        one.sendall(b"GET /healthcheck HTTP/1.1\r\nHost: a\r\n\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 200")


def over(connection: socket.socket) -> bool:
    """Whether the other side has ended it, sooner than for want of a request."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" * 2 + b"x\r\n\r\n",
    ],
)
def test_what_is_no_http_ends_nothing(server: Served, data: bytes) -> None:
    """It is refused, and the next one is answered."""
    talk(server, data)
    assert server.get("gateway", "/healthcheck").text == "OK"


def test_methods_that_are_none(server: Served) -> None:
    """A wrong method is 405 or 404 with JSON, on every unit."""
    for unit in server.urls:
        answer = server.http.put(server.urls[unit] + "/", content=b"x")
        assert (answer.status_code, "error" in answer.json()) == (405, True)
        answer = server.http.request("PURGE", server.urls[unit] + "/a/b/c/d")
        assert (answer.status_code, "error" in answer.json()) == (404, True)


def test_methods_that_nobody_knows(server: Served) -> None:
    """400, and the connection is closed, as by Node's own parser."""
    answer, _ = talk(server, b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "mu")
    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 400 Bad Request"


def test_an_upgrade_is_none(server: Served) -> None:
    """Who asks for another protocol (Java's client does: h2c) is answered in this one, body and next request too."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
    one = b"GET /healthcheck HTTP/1.1\r\nHost: a\r\n" + upgrade + b"\r\n"
    item = b"POST / HTTP/1.1\r\nHost: a\r\n" + upgrade + b"Content-Length: 4\r\n\r\nsome"
    last = b"GET /healthcheck HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer, _ = talk(server, one + item + one + last, "mu")
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"400", b"200", b"200"]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthcheck HTTP/1.1\r\n\r\n",
        b"GET /healthcheck HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nsomex",
        b"GET /healthcheck HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /healthcheck HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n",
        b"GET /healthcheck HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        b"GET /healthcheck HTTP/1.1\nHost: a\nX: " + b"y" * (1 << 20),
    ],
)
def test_heads_that_two_may_read_differently(server: Served, head: bytes) -> None:
    """No Host or two, two lengths, lengths and chunks, spaces before a colon, folded lines, zeros, no end: 400."""
    answer, _ = talk(server, head, "mu")
    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 400 Bad Request"
    assert b"connection: close" in answer


def test_what_is_counted_names_nobody(server: Served, ping: str) -> None:
    """Metrics hold routes, statuses and numbers; no id is in them."""
    server.message(ping, "Ping")
    text = server.get("gateway", "/metrics").text
    assert 'ao_requests_total{unit="mu",route="/",method="POST",status="202"}' in text
    assert "ao_request_seconds_bucket" in text
    assert ping not in text
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(len(line.split("} " if "}" in line else " ")) == 2 for line in samples)

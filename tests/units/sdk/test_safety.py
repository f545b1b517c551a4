"""What pages in the user's browser, and strangers' bytes, cannot do to the endpoints."""

from __future__ import annotations

from random import Random
from urllib.parse import urlsplit

import httpx
import pytest

from tests.units.serving import Served, message
from tests.units.test_fuzz import answers, mutated, talk

from .api import Api

UNSIGNED = [
    ("POST", "/process", b'{"module": {"lua": ""}}'),
    ("POST", "/message", b'{"to": "%s"}'),
    ("POST", "/message", b'{"to": "%s", "read_only": true}'),
    ("POST", "/scheduler", b'{"process-id": "%s", "assign": "%s"}'),
    ("POST", "/messenger", b'{"message_id": "%s", "target_process": "%s"}'),
    ("POST", "/messenger/monitor/%s", b"{}"),
    ("DELETE", "/messenger/monitor/%s", b"{}"),
    ("POST", "/cron/%s", b"{}"),
    ("DELETE", "/process/%s", b"{}"),
]


def ask(api: Api, method: str, path: str, body: bytes, process: str, **headers: str) -> httpx.Response:
    """A request with headers of its own."""
    told = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    content = body.replace(b"%s", process.encode())
    return api.server.http.request(method, api.url + path.replace("%s", process), content=content, headers=told)


@pytest.mark.parametrize(("method", "path", "body"), UNSIGNED)
@pytest.mark.parametrize("prefix", ["", "/api"])
def test_what_nobody_has_signed_is_for_the_user_alone(
    api: Api, pinged: str, method: str, path: str, body: bytes, prefix: str
) -> None:
    """Foreign `Origin` or `Host` is 403, what a form can send 415; no page may read the answer, nothing has happened."""
    before = api.get(f"/process/{pinged}").json()
    port = urlsplit(api.url).port
    for headers in (
        {"Origin": "https://somewhere.example"},
        {"Origin": "null"},
        {"Origin": api.url.replace("http:", "https:")},
        {"Host": "somewhere.example"},
        {"Host": f"somewhere.example:{port}"},
    ):
        answer = ask(api, method, prefix + path, body, pinged, **headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), headers
        assert "access-control-allow-origin" not in answer.headers
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = ask(api, method, prefix + path, body, pinged, Content_Type=kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), kind
        assert "access-control-allow-origin" not in answer.headers
    assert api.get(f"/process/{pinged}").json() == before


def test_the_servers_own_pages_may_ask(api: Api) -> None:
    """The server's own `Origin` is taken, and its answer has no CORS header."""
    answer = ask(api, "POST", "/process", b'{"module": {"lua": ""}}', "", Origin=api.url)
    assert answer.status_code == 201
    assert "access-control-allow-origin" not in answer.headers


def test_any_page_may_read_and_send_what_is_signed(api: Api, pinged: str) -> None:
    """As on the units: reads and signed items are for any origin, their errors too."""
    headers = {"Origin": "https://somewhere.example", "Content-Type": "application/octet-stream"}
    item = bytes(message(pinged, Action="Ping"))
    found = [
        api.server.http.post(api.url + "/message", content=item, headers=headers),
        api.server.http.post(api.url + "/message", content=b"x", headers=headers),
        api.server.http.get(f"{api.url}/process/{pinged}", headers=headers),
        api.server.http.get(f"{api.url}/message/{'x' * 43}", headers=headers),
        api.server.http.post(f"{api.url}/compute/{pinged}/message/latest", headers=headers),
        api.server.http.get(f"{api.url}/openapi.json", headers=headers),
    ]
    assert [answer.status_code for answer in found] == [202, 400, 200, 404, 200, 200]
    assert {answer.headers["access-control-allow-origin"] for answer in found} == {"*"}


def test_an_item_that_is_not_signed_does_nothing(api: Api, pinged: str) -> None:
    """Wrong signatures and foreign targets leave nothing, whichever endpoint takes them."""
    wrong = bytearray(bytes(message(pinged, Action="Ping")))
    wrong[5] ^= 1
    other = message("A" * 43)
    count = len(api.get(f"/scheduler/{pinged}").json())
    for path in ("/process", "/message", "/scheduler", "/messenger", f"/messenger/monitor/{pinged}"):
        assert api.post_item(path, wrong).status_code == 400, path
    assert api.delete(f"/process/{pinged}", wrong).status_code == 400
    assert api.post_item(f"/messenger/monitor/{pinged}", other).status_code == 400
    told = api.get(f"/process/{pinged}").json()
    assert (told["status"], told["monitored"]) == ("running", False)
    assert len(api.get(f"/scheduler/{pinged}").json()) == count


@pytest.mark.parametrize(
    "id", ["..%2f..%2fnetwork.json", "%2e%2e", "a" * 42, "a" * 44, "a" * 42 + "%00", "a" * 42 + "%0a", "é" * 43]
)
@pytest.mark.parametrize(
    "path",
    [
        "/process/{}",
        "/message/{}",
        "/scheduler/{}",
        "/compute/{}/message/latest",
        "/compute/" + "p" * 43 + "/message/{}",
        "/cron/{}",
    ],
)
def test_only_ids_reach_files_and_tables(api: Api, path: str, id: str) -> None:
    """Anything else is 400, or no path at all."""
    assert api.server.http.get(api.url + path.format(id)).status_code in (400, 404)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "-1"},
        {"to": "1e3"},
        {"from": "9" * 16},
        {"from": "٣"},
        {"limit": "0"},
        {"limit": "9" * 400},
        {"limit": " 5"},
        {"limit": "0x5"},
        {"limit": ""},
        {"nothing": "1"},
    ],
)
def test_ranges_that_make_no_sense(api: Api, pinged: str, query: dict[str, str]) -> None:
    """400, on both endpoints that have ranges."""
    for path in (f"/scheduler/{pinged}", f"/cron/{pinged}"):
        assert api.server.http.get(api.url + path, params=query).status_code == 400
    assert api.server.http.get(f"{api.url}/scheduler/{pinged}?limit=1&limit=2").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"null",
        b"{",
        b'{"to": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe{}",
        b'{"to": "\\ud800"}',
        b'{"module": {"lua": "\\ud800"}}',
        b'{"to": "a", "to": "b"}',
        b'{"item": "!!"}',
        b'{"item": "YWJj"}',
        b'{"item": "YWJj", "to": "x"}',
        b'{"item": 5}',
    ],
)
def test_bodies_that_make_no_sense(api: Api, body: bytes) -> None:
    """400 with the reason, on every endpoint that takes a body."""
    for path in ("/process", "/message", "/scheduler", "/messenger"):
        answer = ask(api, "POST", path, body, "")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), path


def test_what_a_process_writes_stays_text(api: Api) -> None:
    """Names, tags and errors of strangers come back in JSON that no browser takes for a page."""
    evil = "<script>alert(1)</script>\u2028\x1b[31m"
    item = api.server.process_item("error('" + "<img onerror=x>" + "')", Name=evil)
    answer = api.post_item("/process", item)
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert api.get(f"/process/{item.id}").json()["name"] == evil
    told = ask(api, "POST", "/process", b'{"module": {"lua": ""}, "\\u001b[31m<b>": 1}', "")
    assert (told.status_code, "\x1b" in told.json()["error"]) == (400, False)


def requests(server: Served, process: str) -> list[bytes]:
    """Requests that the endpoints understand, as raw bytes."""
    host = urlsplit(server.urls["gateway"]).netloc
    item = bytes(message(process, "hello", Action="Ping"))

    def send(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    id = process.encode()
    return [
        send("POST", "/process", b'{"module": {"lua": "N = 1"}, "tags": {"A": "b"}, "compute_limit": "1000"}'),
        send("POST", "/process", item, "application/octet-stream"),
        send("GET", f"/process/{process}?to=1795737727938"),
        send("POST", "/message", b'{"to": "' + id + b'", "action": "Ping", "data_base64": "YWJj", "wait": true}'),
        send("POST", "/message", b'{"to": "' + id + b'", "read_only": true, "tags": [{"name": "a", "value": "b"}]}'),
        send("POST", "/message", item, "application/octet-stream"),
        send("GET", f"/message/{process}?process-id={process}"),
        send("POST", "/scheduler", item, "application/octet-stream"),
        send("POST", "/scheduler", b'{"process-id": "' + id + b'", "assign": "' + id + b'", "exclude": ["Data"]}'),
        send("GET", f"/scheduler/{process}?from=1&to={process}&limit=3"),
        send("POST", f"/compute/{process}/message/latest"),
        send("GET", f"/compute/{process}/message/{process}"),
        send("POST", "/messenger", b'{"message_id": "' + id + b'", "target_process": "' + id + b'"}'),
        send("POST", f"/messenger/monitor/{process}", b"{}"),
        send("DELETE", f"/messenger/monitor/{process}", item, "application/octet-stream"),
        send("GET", f"/cron/{process}?from=5&limit=2"),
        send("POST", f"/cron/{process}", b'{"index": 0, "push": true}'),
        send("DELETE", f"/process/{process}", b'{"item": "YWJj"}'),
        send("GET", "/api/openapi.json"),
    ]


def check(server: Served, count: int) -> None:
    """So many broken requests: no 5xx, no traceback, and the server is as well as before."""
    random = Random(11)
    process = server.spawn(
        'Handlers.add("Ping", "Ping", function(msg) msg.reply({ Data = msg.Data }) end)',
        **{"Cron-Interval": "1-hour"},
    )
    port = urlsplit(server.urls["gateway"]).port or 0
    chosen = requests(server, process)
    for number in range(count):
        data = chosen[number % len(chosen)]
        head, mark, body = data.partition(b"\r\n\r\n")
        if number % 3 and body:
            body = mutated(body, random)
            lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
            sent = b"\r\n".join(lines) + b"\r\nContent-Length: %d" % len(body) + mark + body
        else:
            sent = mutated(data, random)
        for status, text in answers(talk(port, sent)):
            assert status < 500, (sent, status, text)
    assert server.get("gateway", "/healthcheck").text == "OK"
    id = server.message(process, "Ping", "last")
    assert server.result(process, id)["Messages"][0]["Data"] == "last"
    assert "Traceback" not in server.log


def test_broken_requests(server: Served) -> None:
    """No status is 5xx, nothing ends the server, no traceback is in its log."""
    check(server, 400)


@pytest.mark.long
def test_many_broken_requests(server: Served) -> None:
    """The same, ten thousand times."""
    check(server, 10_000)

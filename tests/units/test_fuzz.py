"""Requests and items that somebody has broken on purpose: each is answered, none does harm."""

from __future__ import annotations

import json
import re
import socket
from random import Random
from urllib.parse import urlsplit

import pytest

from .serving import Served, message

SHORT, LONG = 600, 20_000
#: What a 500 may say: those that the real units have.
NAMED = (
    "Error Encountered when loading message",
    "TransactionNotFound: Process",
    "'processId': Required.",
    "Error: Process not found",
    "'exclude': Expected boolean",
    "Process already being monitored",
    "Process monitor not found",
)


def mutated(data: bytes, random: Random) -> bytes:
    """The same with some bytes changed, left out, doubled, or moved."""
    found = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(found) + 1)
        kind = random.randrange(6)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            found[at : at + random.randint(1, 20)] = b""
        elif kind == 2:
            found[at:at] = random.randbytes(random.randint(1, 20))
        elif kind == 3:
            found[at:at] = found[: random.randint(1, 40)]
        elif kind == 4:
            found[at : at + 8] = random.choice((b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7))
        else:
            found = found[: at + 1]
    return bytes(found)


def requests(server: Served, process: str) -> list[tuple[str, bytes]]:
    """A unit, and a request that it understands."""
    item = bytes(message(process, "hello", Action="Ping"))
    id = server.message(process, "Ping", "first")
    dry = json.dumps({"Tags": [{"name": "Action", "value": "Ping"}], "Data": "x", "Owner": "me"}).encode()
    query = json.dumps(
        {"query": "query ($a: [ID!]) { transactions(ids: $a) { edges { node { id } } } }", "variables": {"a": [id]}}
    )
    cursor = json.dumps({"timestamp": 1, "ordinate": "1", "sort": "ASC"}).encode().hex()

    # What changes something is let through for the server's own name alone.
    own = urlsplit(server.urls["gateway"]).netloc
    part = json.dumps(
        {"data_root": "A" * 43, "data_size": "9", "data_path": "A" * 86, "offset": "8", "chunk": "AAAA"}
    ).encode()

    def get(path: str, host: str = "localhost") -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode()

    def post(path: str, body: bytes, kind: str = "application/json", method: str = "POST") -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    return [
        ("mu", post("/", item, "application/octet-stream")),
        ("mu", post(f"/?process-id={process}&assign={id}", b"")),
        ("mu", post(f"/monitor/{process}", item, "application/octet-stream")),
        ("mu", post(f"/monitor/{process}", item, "application/octet-stream", "DELETE")),
        ("su", post("/", item, "application/octet-stream")),
        ("su", get(f"/{process}?process-id={process}&from=1&to=9&limit=3")),
        ("su", get(f"/{id}?process-id={process}")),
        ("su", get(f"/processes/{process}")),
        ("cu", get(f"/result/{id}?process-id={process}")),
        ("cu", get(f"/results/{process}?from={cursor}&sort=DESC&limit=5")),
        ("cu", get(f"/cron/{process}?from=5")),
        ("cu", post(f"/dry-run?process-id={process}", dry)),
        ("gateway", post("/graphql", query.encode())),
        ("gateway", get(f"/tx/{id}/data")),
        ("gateway", get("/block/height/12")),
        ("gateway", get("/chunk/12")),
        ("gateway", get(f"/tx/{id}/status")),
        ("gateway", get(f"/tx/{id}/owner")),
        ("gateway", get(f"/wallet/{id}/balance")),
        ("gateway", get(f"/mint/{id}/12", own)),
        ("gateway", get("/mine/3", own)),
        ("gateway", post("/chunk", part)),
        ("gateway", get(f"/explorer/process/{process}?before=5")),
        ("gateway", get(f"/explorer/process/{process}/state?k=s.Inbox&k=i.1&first=3")),
        ("gateway", get(f"/explorer/process/{process}/1")),
        ("gateway", get("/explorer/search?q=Action%3DPing&before=3")),
        ("uploader", post("/tx", item, "application/octet-stream")),
    ]


def talk(port: int, data: bytes) -> bytes:
    """What is answered to raw bytes, until the server closes or has said it all."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
        try:
            one.sendall(data)
            one.shutdown(socket.SHUT_WR)
            answer = b""
            while part := one.recv(65536):
                answer += part
        except OSError:
            return b""
        return answer


def check(server: Served, process: str, count: int) -> None:
    """So many broken requests; their answers are looked at, and the server is as well as before."""
    random = Random(7)
    chosen = requests(server, process)
    ports = {unit: urlsplit(url).port or 0 for unit, url in server.urls.items()}
    for number in range(count):
        unit, data = chosen[number % len(chosen)]
        head, mark, body = data.partition(b"\r\n\r\n")
        if number % 3 and body:
            # The body alone: a head that is broken is refused before anybody sees it.
            body = mutated(body, random)
            head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length"))
            sent = head + b"\r\nContent-Length: %d" % len(body) + mark + body
        else:
            sent = mutated(data, random)
        answer = talk(ports[unit], sent)
        for status, text in answers(answer):
            assert status < 500 or (status == 500 and unit in ("mu", "cu") and text.startswith(NAMED)), (sent, answer)
    assert server.get("gateway", "/healthcheck").text == "OK"
    id = server.message(process, "Ping", "last")
    assert server.result(process, id)["Messages"][0]["Data"] == "last"
    assert "Traceback" not in server.log


def answers(data: bytes) -> list[tuple[int, str]]:
    """Status and error of each answer."""
    found = []
    # An answer may repeat what was asked: only a status makes it another one.
    for part in re.split(rb"HTTP/1\.1 (?=\d{3} )", data)[1:]:
        _, _, body = part.partition(b"\r\n\r\n")
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        text = told.get("error") if isinstance(told, dict) else None
        found.append((int(part[:3]), text if isinstance(text, str) else ""))
    return found


def test_broken_requests(server: Served, ping: str) -> None:
    """No status is 5xx but where the real units have it, nothing ends the server, no traceback is in its log."""
    check(server, ping, SHORT)


@pytest.mark.long
def test_many_broken_requests(server: Served, ping: str) -> None:
    """The same, twenty thousand times."""
    check(server, ping, LONG)

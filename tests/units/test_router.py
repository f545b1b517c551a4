"""ur on its own: each process has its host, and no host but the listed ones is ever asked."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.units.routing import Routing, Told, cyrb53
from tests.cli.running import ao_run
from tests.differential.fetch import OracleMissingError, node

from .serving import ALICE, BOB, Served, message

P, Q = "p" * 42 + "A", "q" * 42 + "A"
#: What cyrb53 as its author wrote it gives in JavaScript.
VECTORS = {
    "": 3338908027751811,
    "a": 7929297801672961,
    "b": 8684336938537663,
    "revenge": 4051478007546757,
    "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s": 5285913241546525,
    "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA": 6439713582313866,
    "é😀": 402108947828814,
}
JAVASCRIPT = """
const cyrb53 = (str, seed = 0) => {
  let h1 = 0xdeadbeef ^ seed, h2 = 0x41c6ce57 ^ seed
  for (let i = 0, ch; i < str.length; i++) {
    ch = str.charCodeAt(i)
    h1 = Math.imul(h1 ^ ch, 2654435761)
    h2 = Math.imul(h2 ^ ch, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return 4294967296 * (2097151 & h2) + (h1 >>> 0)
}
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(one => cyrb53(one))))
"""


class Host:
    """A unit that notes what it is asked, and answers with its name."""

    def __init__(self, name: str) -> None:
        self.asked: list[tuple[str, str, bytes, dict[str, str]]] = []
        #: What it answers to a path in place of its name: status, headers, body.
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {key.lower(): value for key, value in self.headers.items()}
                host.asked.append((self.command, self.path, body, headers))
                status, told, content = host.answers.get(self.path, (200, {}, name.encode()))
                self.send_response(status)
                for key, value in told.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_DELETE = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """So many hosts."""
    found = [Host(f"host {number}") for number in range(count)]
    try:
        yield found
    finally:
        for one in found:
            one.close()


@contextmanager
def router(found: list[Host], *words: str) -> Iterator[Served]:
    """A router in front of them."""
    listed = ["--hosts", ",".join(one.url for one in found)] if found else []
    served = Served("--unit", "ur", *listed, *words)
    try:
        yield served
    finally:
        served.close()


def test_the_hash_is_javascripts() -> None:
    """The recorded numbers; and, where there is node, those that it gives for any texts."""
    assert {text: cyrb53(text) for text in VECTORS} == VECTORS
    texts = [*VECTORS, *("x" * size for size in range(0, 90, 7)), "\ud83d", "\x00\xff"]
    try:
        command = [node(), "-e", JAVASCRIPT, "--", json.dumps(texts)]
    except OracleMissingError as missing:
        pytest.skip(str(missing))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [cyrb53(text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.text("abcXYZ019_-", min_size=43, max_size=43), st.integers(1, 9))
def test_every_host_is_tried_once_beginning_with_the_hash(process: str, count: int) -> None:
    """The order is that of the list from `cyrb53(id) mod n` on; a map names one host alone."""
    urls = tuple(f"http://host{number}" for number in range(count))
    first = cyrb53(process) % count
    assert [*Routing(urls).ordered(process)] == [*urls[first:], *urls[:first]]
    mapped = Routing(urls, {process: "http://map"}, {"owner": "http://owner"})
    told = Told("owner", "module")
    assert [*mapped.ordered(process, told)] == ["http://map"]
    maps = {"owner": "http://owner"}, {"module": "http://module"}
    assert [*Routing(urls, {}, *maps).ordered(process, told)] == ["http://owner"]
    assert [*Routing(urls, {}, *maps).ordered(process, Told("other", "module"))] == ["http://module"]
    assert len([*Routing(urls, {}, *maps).ordered(process, Told("other"))]) == len(urls)


def test_a_proxy_to_compute_units() -> None:
    """Every route of a cu, with its query and body as it is, at the host of its process; answers as they are."""
    with hosts(3) as found, router(found) as served:
        mine = found[cyrb53(P) % 3]
        paths = [
            f"/result/{Q}?process-id={P}&no-busy=1",
            f"/results/{P}?from=1&to=2&limit=5",
            f"/state/{P}",
            f"/cron/{P}",
        ]
        for path in paths:
            assert served.http.get(served.urls["ur"] + path).text == f"host {found.index(mine)}"
        mine.answers[f"/dry-run?process-id={P}"] = (418, {"X-Max-Age": "60", "Content-Type": "text/plain"}, b"\x00\xff")
        answer = served.http.post(
            served.urls["ur"] + f"/dry-run?process-id={P}",
            content=b'{"Id":"1234"}',
            headers={"Content-Type": "application/json", "Authorization": "Bearer x", "Cookie": "a=b"},
        )
        assert (answer.status_code, answer.content, answer.headers["x-max-age"]) == (418, b"\x00\xff", "60")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert [one[1] for one in mine.asked] == [*paths, f"/dry-run?process-id={P}"]
        method, _, body, headers = mine.asked[-1]
        assert (method, body, headers["content-type"]) == ("POST", b'{"Id":"1234"}', "application/json")
        # What is a secret between client and router is not told.
        assert {"authorization", "cookie"} & set(headers) == set()
        assert headers["host"] == mine.url.removeprefix("http://")
        assert [one.asked for one in found if one is not mine] == [[], []]


def test_a_redirect() -> None:
    """307 to the host with path and query as they came; nobody is asked."""
    with hosts(2) as found, router(found, "--strategy", "redirect") as served:
        path = f"/result/{Q}?process-id={P}&x=%2F%0d%0aSet-Cookie:%20a"
        answer = served.http.get(served.urls["ur"] + path)
        mine = found[cyrb53(P) % 2]
        assert (answer.status_code, answer.headers["location"]) == (307, mine.url + path)
        assert "set-cookie" not in answer.headers
        assert [one.asked for one in found] == [[], []]


def test_a_messengers_items() -> None:
    """By the target of a message, the id of a process, the query of an assignment, the path of a monitor."""
    with hosts(4) as found, router(found, "--routes", "mu") as served:

        def at(process: str) -> str:
            return f"host {cyrb53(process) % 4}"

        url = served.urls["ur"]
        item = message(P)
        assert served.http.post(url, content=bytes(item)).text == at(P)
        started = served.process_item()
        assert served.http.post(url, content=bytes(started)).text == at(started.id)
        assert served.http.post(f"{url}?process-id={Q}&assign={P}").text == at(Q)
        assert served.http.post(f"{url}/monitor/{Q}", content=bytes(message(Q))).text == at(Q)
        assert served.http.request("DELETE", f"{url}/monitor/{P}", content=bytes(message(P))).text == at(P)
        bad = served.http.post(url, content=b"no item")
        assert (bad.status_code, list(bad.json())) == (422, ["error"])
        unsigned = served.http.post(f"{url}/monitor/{P}", json={})
        assert (unsigned.status_code, list(unsigned.json())) == (403, ["error"])


def test_without_a_process() -> None:
    """404 with the network's words; 400 for what is no id; nobody is asked."""
    with hosts(1) as found, router(found) as served:
        url = served.urls["ur"]
        answers = [served.http.get(f"{url}/result/{Q}"), served.http.post(f"{url}/dry-run", content=b"{}")]
        for answer in answers:
            assert (answer.status_code, answer.json()) == (404, {"error": "Process id not found on request"})
        for path in (f"/results/{'x' * 42}", "/state/..%2f..", f"/result/{Q}?process-id=http://other"):
            assert served.http.get(url + path).status_code in (400, 404)
        assert found[0].asked == []
        assert served.http.get(f"{url}/healthcheck").text == "OK"


def test_the_router_of_a_whole_network_says_the_same(server: Served, ping: str) -> None:
    """404 without a process and 422 for a bad item, where the units themselves have 500 and 400."""
    told = {"error": "Process id not found on request"}
    for unit, status in (("ur", 404), ("cu", 500)):
        for answer in (
            server.get(unit, f"/result/{Q}"),
            server.http.post(server.urls[unit] + "/dry-run", content=b"{}"),
        ):
            assert (answer.status_code, answer.json() == told) == (status, unit == "ur")
    for unit, status in (("ur", 422), ("mu", 400)):
        answer = server.http.post(server.urls[unit], content=b"x")
        assert (answer.status_code, answer.json()["error"][:7]) == (status, "'body':")


def test_the_next_host_where_one_cannot_be_reached() -> None:
    """A failed connection goes on to the next; an answer, whatever its status, does not; 502 where all are gone."""
    with hosts(2) as found, router(found) as served:
        mine, other = found[cyrb53(P) % 2], found[(cyrb53(P) + 1) % 2]
        path = f"/state/{P}"
        mine.answers[path] = (500, {}, b"its own error")
        answer = served.http.get(served.urls["ur"] + path)
        assert (answer.status_code, answer.text) == (500, "its own error")
        mine.close()
        assert served.http.get(served.urls["ur"] + path).text == f"host {found.index(other)}"
        other.close()
        answer = served.http.get(served.urls["ur"] + path)
        assert (answer.status_code, answer.json()) == (
            502,
            {"error": "none of the hosts of this process can be reached"},
        )


def test_maps() -> None:
    """A process's own host first, then its owner's, then that of the module that has spawned it; else the hash.

    The scheduler unit is asked for a process once.
    """
    with hosts(5) as found:
        su, one, two, three, rest = found
        child, module = "s" * 43, "m" * 43
        for process, owner in ((P, ALICE.address), (Q, BOB.address), (child, ALICE.address)):
            tags = [{"name": "From-Module", "value": module}] if process == child else []
            told = {"process_id": process, "owner": {"address": owner, "key": ""}, "tags": tags}
            body = json.dumps(told).encode()
            su.answers[f"/processes/{process}"] = (200, {}, body)
        other = "r" * 43
        su.answers[f"/processes/{other}"] = (400, {}, b'{"error":"Not Found"}')
        words = ["--su", su.url, "--process-host", f"{P}={one.url}", "--owner-host", f"{BOB.address}={two.url}"]
        words += ["--from-module-host", f"{module}={three.url}"]
        with router([rest], *words) as served:
            url = served.urls["ur"]
            for _ in range(2):
                answers = [served.http.get(f"{url}/state/{process}").text for process in (P, Q, child, other)]
                assert answers == ["host 1", "host 2", "host 3", "host 4"]
        # A process with a host of its own needs no owner; who is not there may come.
        assert [path for _, path, _, _ in su.asked] == [
            f"/processes/{Q}",
            f"/processes/{child}",
            f"/processes/{other}",
            f"/processes/{other}",
        ]


def test_a_host_cannot_lead_elsewhere() -> None:
    """Its redirect is handed on to the client: the router follows none."""
    with hosts(2) as found:
        found[0].answers[f"/state/{P}"] = (302, {"Location": found[1].url + "/secret"}, b"")
        with router([found[0]]) as served:
            answer = served.http.get(f"{served.urls['ur']}/state/{P}")
            assert (answer.status_code, answer.headers["location"]) == (302, found[1].url + "/secret")
            assert found[1].asked == []


def test_a_real_network_behind_it(server: Served, ping: str) -> None:
    """A message through a mu router and its result through a cu router are those of the network."""
    with (
        router([], "--hosts", server.urls["cu"]) as reads,
        router([], "--hosts", server.urls["mu"], "--routes", "mu") as sends,
    ):
        item = message(ping, "hello", Action="Ping")
        answer = sends.http.post(sends.urls["ur"], content=bytes(item))
        assert (answer.status_code, answer.json()["id"]) == (202, item.id)
        path = f"/result/{item.id}?process-id={ping}"
        assert reads.http.get(reads.urls["ur"] + path).json() == server.http.get(server.urls["cu"] + path).json()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--unit", "ur"], "a router needs hosts"),
        (["--unit", "ur", "--hosts", "ftp://x"], "must be an http or https URL"),
        (["--unit", "ur", "--hosts", "http://user:pass@x"], "must be an http or https URL"),
        (["--unit", "ur", "--hosts", "http://x", "--owner-host", "a=http://y"], "--su URL"),
        (["--unit", "ur", "--hosts", "http://x", "--process-host", "a=http://y"], "an id of 43 characters"),
        (["some-folder", "--unit", "ur", "--hosts", "http://x", "--reset"], "FOLDER is not for --unit ur"),
        (["--unit", "ur", "--hosts", "http://x", "--gateway", "http://y"], "--gateway is not for --unit ur"),
        (["--hosts", "http://x"], "--hosts is for --unit"),
    ],
)
def test_options_that_make_no_sense(words: list[str], problem: str) -> None:
    """Exit code 2, and what to do; nothing is served."""
    ran = ao_run("serve", *words)
    assert (ran.code, ran.out) == (2, "")
    assert problem in ran.err

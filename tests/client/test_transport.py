"""What is sent again and what is not, redirects, and answers that are none: a server that does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ao_runtime import HttpError
from tests.units.serving import ALICE

from .both import Connect

ID = "A" * 43
Script = list[tuple[int, str, dict[str, str]] | None]


class Scripted:
    """A server that gives the answers of a script in turn; None hangs up without one."""

    def __init__(self) -> None:
        self.script: Script = []
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                outer.asked.append((self.command, self.path))
                told = outer.script.pop(0) if outer.script else (200, "{}", {})
                self.close_connection = True
                if told is None:
                    return
                status, body, headers = told
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = do_DELETE = _answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server that does as it is told."""
    one = Scripted()
    yield one
    one.close()


def test_reads_are_asked_again(scripted: Scripted, connecting: Connect) -> None:
    """Without an answer, and where a unit is busy; at last the answer counts."""
    scripted.script = [None, (503, "busy", {}), (429, "slowly", {}), (200, '{"Output": "there"}', {})]
    with connecting(scripted.url) as ao:
        assert ao.result(ID, ID).output == "there"
    assert len(scripted.asked) == 4


def test_it_gives_up(scripted: Scripted, connecting: Connect) -> None:
    """After so many retries the last answer is the error; without any, that there was none."""
    scripted.script = [(503, "busy", {})] * 3
    with connecting(scripted.url, retries=1) as ao:
        with pytest.raises(HttpError, match="busy") as caught:
            ao.result(ID, ID)
        assert (caught.value.status, caught.value.body, len(scripted.asked)) == (503, "busy", 2)
        scripted.script = [None, None]
        with pytest.raises(HttpError, match="did not answer") as caught:
            ao.result(ID, ID)
        assert (caught.value.status, caught.value.unit) == (None, "cu")


def test_an_item_is_sent_again(scripted: Scripted, connecting: Connect) -> None:
    """Its id is one: that it is there already is what was wanted; but not where it was sent once."""
    there = (400, '{"error": "Message already exists"}', {})
    with connecting(scripted.url, wallet=ALICE) as ao:
        scripted.script = [None, there]
        assert len(ao.message(ID, Action="Hi")) == 43
        scripted.script = [there]
        with pytest.raises(HttpError, match="already exists"):
            ao.message(ID, Action="Hi")
        scripted.script = [None, (500, '{"error": "Process already being monitored"}', {})]
        assert len(ao.monitor(ID)) == 43


def test_an_assignment_is_not_sent_again(scripted: Scripted, connecting: Connect) -> None:
    """Whether it has arrived is not known, and a second one would be another one."""
    scripted.script = [None]
    with connecting(scripted.url) as ao, pytest.raises(HttpError, match="did not answer"):
        ao.assign(ID, ID)
    assert len(scripted.asked) == 1


def test_nobody_is_asked_who_was_not_given(scripted: Scripted, connecting: Connect) -> None:
    """A redirect to a unit that was given is followed, with the body; one to anybody else is an error."""
    path = f"/cu/result/{ID}?process-id={ID}"
    scripted.script = [(307, "", {"Location": f"{scripted.url}{path}&again"}), (200, '{"Output": "there"}', {})]
    with connecting(scripted.url, wallet=ALICE) as ao:
        assert ao.result(ID, ID).output == "there"
        assert scripted.asked == [("GET", path), ("GET", path + "&again")]
        scripted.script = [(307, "", {"Location": "http://localhost:1/"})]
        with pytest.raises(HttpError, match="leads to a host that was not given: http://localhost:1/"):
            ao.result(ID, ID)
        scripted.script = [(307, "", {"Location": scripted.url + path})] * 5
        with pytest.raises(HttpError, match="leads round in circles"):
            ao.result(ID, ID)
        scripted.script = [(307, "", {"Location": scripted.url + "/other"}), (202, "{}", {})]
        ao.message(ID, Action="Hi")
        assert scripted.asked[-1] == ("POST", "/other")


def test_where_nobody_listens(connecting: Connect) -> None:
    """It cannot be reached; the error says what and where."""
    with (
        connecting("http://127.0.0.1:1", retries=0) as ao,
        pytest.raises(HttpError, match="cannot be reached") as caught,
    ):
        ao.result(ID, ID)
    assert (caught.value.unit, caught.value.status) == ("cu", None)
    assert caught.value.url.startswith("http://127.0.0.1:1/cu/result/")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "null",
        '{"error": "no"}',
        '{"Messages": 5}',
        "[" * 100_000,
        '{"edges": [5]}',
        '{"edges": [{"node": 5}]}',
    ],
)
def test_answers_that_are_none(scripted: Scripted, connecting: Connect, body: str) -> None:
    """`HttpError`, whatever a stranger's unit says."""
    with connecting(scripted.url, retries=0) as ao:
        scripted.script = [(200, body, {})]
        with pytest.raises(HttpError):
            ao.results(ID)
        if "edges" not in body:
            scripted.script = [(200, body, {})]
            with pytest.raises(HttpError):
                ao.result(ID, ID)


def test_a_gateway_that_says_nothing_of_itself(scripted: Scripted, connecting: Connect) -> None:
    """On the real network scheduler and authority are legacynet's."""
    module = '{"data": {"transactions": {"edges": [{"node": {"tags": [{"name": "Type", "value": "Module"}]}}]}}}'
    scripted.script = [(200, '{"network": "arweave.N.1"}', {}), (200, module, {}), (202, "{}", {})]
    with connecting(mu=scripted.url + "/m", cu=scripted.url, gateway=scripted.url, wallet=ALICE) as ao:
        assert len(ao.spawn()) == 43
    assert scripted.asked == [("GET", "/info"), ("POST", "/graphql"), ("POST", "/m")]

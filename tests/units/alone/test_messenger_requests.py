"""Requests of strangers to a messenger on its own: nothing that is not signed gets through, and all of it is answered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ao_runtime.items import DataItem

from ..serving import ALICE, Served, eventually, message
from .schedulers import refused
from .strangers import Strangers, id_of, outbox, post

P, Q = id_of("P"), id_of("Q")


@pytest.fixture(scope="module")
def units() -> Iterator[Strangers]:
    """Somebody else's units, with two processes."""
    made = Strangers()
    made.process("P"), made.process("Q")
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def served(units: Strangers) -> Iterator[Served]:
    """A messenger among them."""
    made = Served("-q", *units.options)
    try:
        yield made
    finally:
        made.close()


def test_hostile_items_leave_nothing(units: Strangers, served: Served) -> None:
    """Whatever byte of an item is another one, whatever is cut off or added: 400, and the scheduler is not asked."""
    good = bytes(message(P, "x" * 40, A="b"))
    before = [*units.asked]
    for at in range(0, len(good), 5):
        bad = bytearray(good)
        bad[at] ^= 0x41
        answer = served.http.post(served.urls["mu"], content=bytes(bad))
        assert (answer.status_code, list(answer.json())) == (400, ["error"]), at
    for body in (b"", b"\x00", good[:-1], good + b"x", good[:70], b"{}", os.urandom(300), b"\xff" * 2000):
        assert served.http.post(served.urls["mu"], content=body).status_code == 400
    for size, status in ((10 << 20, 400), ((10 << 20) + 1, 413)):
        assert served.http.post(served.urls["mu"], content=b"x" * size).status_code == status
    unsigned = DataItem.create(" ", target=P, tags=message(P).tags, wallet=ALICE)
    forged = bytearray(bytes(unsigned))
    forged[2:66] = bytes(64)
    assert served.http.post(served.urls["mu"], content=bytes(forged)).status_code == 400
    assert units.asked == before


def test_hostile_paths(units: Strangers, served: Served) -> None:
    """What is no id is 400 before anybody is asked; unknown routes are 404, other methods 405."""
    before = [*units.asked]
    url = served.urls["mu"]
    quote = "'; DROP TABLE carried; --"
    for bad in (quote, "../" * 14 + "x", "x" * 42, "x" * 44, P + "\n", "é" * 43, "x" * 5000):
        for query in ({"process-id": bad, "assign": P}, {"process-id": P, "assign": bad}):
            assert served.http.post(url, params=query).status_code == 400, bad
    for path in (f"/monitor/{'x' * 42}", f"/monitor/{P}%00", f"/monitor/{'é' * 43}"):
        assert served.http.post(url + path, content=bytes(message(P))).status_code == 400, path
    for path in ("/monitor", "/monitor/a/b", "/../messenger.db", "/a/b/c/d"):
        assert served.http.post(url + path).status_code in (404, 405), path
    assert served.http.request("PATCH", url).status_code == 405
    assert served.http.get(url + "/healthcheck").text == "OK"
    assert units.asked == before


def test_monitors_of_other_origins(units: Strangers, served: Served) -> None:
    """Without a signature only the user of this machine: no page of another origin, no other name, no form."""
    url = f"{served.urls['mu']}/monitor/{P}"
    own = served.urls["mu"].removeprefix("http://")
    json_body = {"Content-Type": "application/json"}
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{own}"},
        {"Host": "evil.example"},
    ):
        for method in ("POST", "DELETE"):
            answer = served.http.request(method, url, content=b"{}", headers={**json_body, **headers})
            assert (answer.status_code, list(answer.json())) == (403, ["error"]), headers
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = served.http.post(url, content=b"{}", headers={"Content-Type": kind, "Origin": "null"})
        assert answer.status_code == 400
    assert "ao_monitored 0\n" in served.get("mu", "/metrics").text
    answer = served.http.post(url, content=b"{}", headers={**json_body, "Origin": f"http://{own}"})
    assert (answer.status_code, answer.text) == (200, "Monitoring process")
    assert served.http.request("DELETE", url, content=b"{}", headers=json_body).text == "Process deleted"
    nobody = f"{served.urls['mu']}/monitor/{id_of('nobody')}"
    answer = served.http.post(nobody, content=b"{}", headers=json_body)
    assert (answer.status_code, "there is no process" in answer.json()["error"]) == (400, True)


def test_what_is_signed_names_whoever_it_likes(units: Strangers, served: Served) -> None:
    """A wallet's own From-Process, Pushed-For and Owner tags are tags: the scheduler has the item as it was signed."""
    names = {"From-Process": Q, "From-Module": Q, "Pushed-For": Q, "Owner": Q, "Assignments": f'["{Q}"]'}
    item = message(P, **names)
    units.results[item.id] = outbox(post(Q, "on", [{"name": "Pushed-For", "value": P}]))
    assert served.send(item).status_code == 202
    eventually(lambda: [one for one in units.items.values() if one.target == Q])
    assert bytes(units.items[item.id]) == bytes(item)
    [sent] = [one for one in units.items.values() if one.target == Q]
    tags = [(tag.name, tag.value) for tag in sent.tags]
    assert [value for name, value in tags if name == "From-Process"] == [P]
    assert [value for name, value in tags if name == "Pushed-For"] == [P, item.id]


def test_beyond_this_machine(units: Strangers) -> None:
    """Without a token assignments and unsigned monitors are off; with one they need it; what is signed needs none."""
    token = "t" * 20
    query, body = {"process-id": P, "assign": Q}, {"content": b"{}", "headers": {"Content-Type": "application/json"}}
    for words, status in (([], 403), (["--token", token], 401)):
        served = Served("-q", "--host", "0.0.0.0", *words, *units.options)
        try:
            url = served.urls["mu"].replace("0.0.0.0", "127.0.0.1")
            monitor = f"{url}/monitor/{P}"
            answers = [httpx.post(url, params=query, trust_env=False), httpx.post(monitor, **body, trust_env=False)]
            answers.append(httpx.request("DELETE", monitor, **body, trust_env=False))
            assert [one.status_code for one in answers] == [status] * 3
            assert httpx.post(url, content=bytes(message(P)), trust_env=False).status_code == 202
            if words:
                headers = {"Authorization": f"Bearer {token}"}
                assert httpx.post(url, params=query, headers=headers, trust_env=False).status_code == 202
            assert (token in served.log, token in str(served.ready)) == (False, False)
        finally:
            served.close()


def test_options_that_make_no_sense(units: Strangers, tmp_path: Path) -> None:
    """Each is told with what is missing or wrong; nothing is served, and no folder is made."""
    url = units.urls["su"]
    whole = {"--su": url, "--cu": url, "--gateway": url}

    def options(**more: str) -> list[str]:
        given = {**whole, **{f"--{name}": value for name, value in more.items()}}
        return ["--unit", "mu", *(word for pair in given.items() for word in pair if pair[1])]

    folder = str(tmp_path / "new")
    for words, problem in (
        (["--unit", "mu", "--su", url], "a messenger needs --cu, --gateway"),
        (options(cu="ftp://x"), "cu: must be an http or https URL, found 'ftp://x'"),
        (options(su="http://u:p@x"), "su: must be an http or https URL"),
        (options(gateway="http://x?y"), "gateway: must be an http or https URL"),
        (options(uploader=url), "--uploader is not for --unit mu"),
    ):
        ran = refused(folder, *words)
        assert (ran.code, problem in ran.err) == (2, True), ran.err
    assert "always new" in refused(*options(), "--reset").err
    assert not (tmp_path / "new").exists()


def test_refusals_that_are_long(units: Strangers, served: Served) -> None:
    """Of what a scheduler says, a wallet is told the beginning, as JSON."""
    units.change = lambda unit, method, path, right: (400, b"<script>" + b"x" * 10**6) if method == "POST" else right
    try:
        answer = served.send(message(P))
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json; charset=utf-8")
        assert answer.json() == {"error": "Error: 400: <script>" + "x" * 992}
    finally:
        units.change = None

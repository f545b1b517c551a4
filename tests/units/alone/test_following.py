"""cu on its own among units that are wrong, hostile, or not there: nothing wrong is evaluated, and nothing is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest

from tests.units.serving import ALICE, Served, message

from .between import Answer, Between

CODE = 'Count = 0 Handlers.add("Ping", "Ping", function(msg) Count = Count + 1 msg.reply({ Data = Count .. "" }) end)'
OTHER = "o" * 42 + "A"
FAILED = "Error Encountered when loading message from Scheduler Unit: "


class Setting:
    """A compute unit that reaches scheduler and gateway only through servers that may lie."""

    def __init__(self, whole: Served) -> None:
        self.whole = whole
        self.su, self.gateway = Between(whole.urls["su"]), Between(whole.urls["gateway"])
        self.cu = Served("--unit", "cu", "--su", self.su.url, "--gateway", self.gateway.url)

    def close(self) -> None:
        """End all but the network."""
        self.cu.close()
        self.su.close()
        self.gateway.close()

    def ask(self, process: str, message: str) -> tuple[int, Any]:
        """Status and body of a result."""
        answer = self.cu.get("cu", f"/result/{message}", **{"process-id": process})
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def setting(whole: Served) -> Iterator[Setting]:
    """One for all tests here."""
    made = Setting(whole)
    try:
        yield made
    finally:
        made.close()


def edited(edit: Callable[[dict[str, Any]], None]) -> Callable[[str, Answer], Answer]:
    """Pages of messages, changed."""

    def change(path: str, answer: Answer) -> Answer:
        page = json.loads(answer[2])
        if "edges" not in page:
            return answer
        edit(page)
        return answer[0], answer[1], json.dumps(page).encode()

    return change


def retagged(at: int, name: str, value: str) -> Callable[[dict[str, Any]], None]:
    """A tag of one of the assignments says something else."""

    def edit(page: dict[str, Any]) -> None:
        for tag in page["edges"][at]["node"]["assignment"]["tags"]:
            if tag["name"] == name:
                tag["value"] = value

    return edit


def dropped(at: int) -> Callable[[dict[str, Any]], None]:
    """One message is left out."""

    def edit(page: dict[str, Any]) -> None:
        del page["edges"][at]

    return edit


def replaced(at: int, path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Something in a node is something else."""

    def edit(page: dict[str, Any]) -> None:
        place = page["edges"][at]["node"]
        *names, last = path.split(".")
        for name in names:
            place = place[name]
        place[last] = value

    return edit


#: What is wrong, and status and text of the answer.
WRONG: list[tuple[Callable[[dict[str, Any]], None], int, str]] = [
    (retagged(1, "Hash-Chain", OTHER), 422, "HashChain invalid on message "),
    (replaced(1, "assignment.id", OTHER), 422, "HashChain invalid on message "),
    (retagged(2, "Nonce", "1"), 422, "Nonce 2 is missing: the scheduler gave message "),
    (dropped(1), 422, "Nonce 1 is missing: the scheduler gave message "),
    (dropped(0), 422, "Nonce 0 is missing: the scheduler gave message "),
    (retagged(2, "Timestamp", "5"), 422, "Timestamp 5 of message "),
    (retagged(1, "Process", OTHER), 500, FAILED + "assignment.tags: is of another process"),
    (retagged(1, "Message", OTHER), 500, FAILED + "assignment.tags: names another message"),
    (retagged(1, "Nonce", "-1"), 500, FAILED),
    (retagged(1, "Timestamp", "9" * 30), 500, FAILED),
    (replaced(1, "message.id", "short"), 500, FAILED + "message.id: is no id"),
    (replaced(1, "message.tags", {"name": "x"}), 500, FAILED),
    (replaced(1, "message.tags", [{"name": "x", "value": 1}]), 500, FAILED),
    (replaced(1, "message.data", ["no text"]), 500, FAILED + "message.data: must be text"),
    (replaced(1, "message.owner", None), 500, FAILED),
    (replaced(1, "assignment.tags", None), 500, FAILED),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_orders(whole: Served, setting: Setting, number: int) -> None:
    """What does not follow upon what came before is refused, with its message; the right answer comes later."""
    edit, status, words = WRONG[number]
    process = whole.spawn(CODE)
    last = [whole.message(process, "Ping") for _ in range(2)][-1]
    setting.su.change = edited(edit)
    try:
        found = setting.ask(process, last)
        assert (found[0], found[1]["error"][: len(words)]) == (status, words)
    finally:
        setting.su.change = None
    assert setting.ask(process, last)[1]["Messages"][0]["Data"] == "2"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {}, b"no JSON"), "the answer is no JSON"),
        ((200, {}, b"[" * 100_000), "the answer is no JSON"),
        ((200, {}, b'{"edges": 5}'), "is no page of messages"),
        ((200, {}, b'{"edges": [{"node": 5}], "page_info": {}}'), "holds no node"),
        ((403, {}, b'{"error": "not for you"}'), '403: {"error": "not for you"}'),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""), "leads to a host that was not given"),
        (None, "did not answer"),
    ],
)
def test_no_scheduler(whole: Served, setting: Setting, answer: Answer | None, words: str) -> None:
    """Garbage, refusals and redirects to anybody else are 500, a broken connection 502: the text says what it was."""
    process = whole.spawn(CODE)
    setting.su.change = lambda path, _: answer
    try:
        status, told = setting.ask(process, process)
    finally:
        setting.su.change = None
    assert (status, told["error"].startswith(FAILED), words in told["error"]) == (
        502 if answer is None else 500,
        True,
        True,
    )


def test_more_of_nothing(whole: Served, setting: Setting) -> None:
    """A scheduler that always has more, and gives nothing, or the same again, is left."""
    process = whole.spawn(CODE)
    first = json.loads(whole.http.get(f"{whole.urls['su']}/{process}").content)
    for edges, status in (([], 500), (first["edges"], 422)):
        told = deepcopy(first) | {"edges": edges, "page_info": {"has_next_page": True}}
        setting.su.change = lambda path, _, told=told: (200, {}, json.dumps(told).encode())  # type: ignore[misc]
        try:
            assert setting.ask(process, OTHER)[0] == status
        finally:
            setting.su.change = None


def test_many_pages(whole: Served, setting: Setting) -> None:
    """Pages that hold fewer messages than they might are read one after the other; none twice."""
    process = whole.spawn(CODE)
    ids = [whole.message(process, "Ping") for _ in range(7)]

    def few(page: dict[str, Any]) -> None:
        if len(page["edges"]) > 3:
            del page["edges"][3:]
            page["page_info"]["has_next_page"] = True

    setting.su.change = edited(few)
    before = len(setting.su.asked)
    try:
        assert setting.ask(process, ids[-1])[1]["Messages"][0]["Data"] == "7"
        assert len(setting.su.asked) - before == 3
    finally:
        setting.su.change = None


@pytest.mark.parametrize("answer", [None, (503, {}, b"later"), (302, {"Location": "http://127.0.0.1:1/"}, b"")])
def test_no_gateway(whole: Served, setting: Setting, answer: Answer | None) -> None:
    """Data that the gateway does not give just now is not taken for data that is not there: 502, and then the answer."""
    data = message(OTHER, "the data", Type="Data")
    assert whole.http.post(whole.urls["uploader"] + "/tx", content=bytes(data)).status_code == 200
    process = whole.spawn(f"local file = io.open('/data/{data.id}') Found = file and file:read('a') or 'nothing'")
    id = whole.message(process, "Eval", "return Found")
    setting.gateway.change = lambda path, told: answer if path.startswith("/raw/") else told
    try:
        status, told = setting.ask(process, id)
        assert (status, "the gateway failed" in told["error"]) == (502, True)
        assert setting.cu.get("cu", f"/results/{process}").json()["edges"] == []
    finally:
        setting.gateway.change = None
    assert setting.ask(process, id)[1]["Output"]["data"] == "the data"


def test_an_assigned_message_that_is_not_there(whole: Served, setting: Setting) -> None:
    """A message that only the gateway has: unknown there, another one, or in a wrong form is an error; then the answer."""
    first, second = whole.spawn(CODE), whole.spawn(CODE + "ao.addAssignable('all', function() return true end)")
    item = message(first, " ", ALICE, Action="Ping")
    assert whole.send(item).status_code == 202
    told = whole.http.post(whole.urls["mu"], params={"process-id": second, "assign": item.id}).json()
    nodes: list[Any] = [[], [{"node": 5}], [{"node": {"id": OTHER, "owner": {}, "tags": []}}], None]
    for edges in nodes:
        body = json.dumps({"data": {"transactions": {"edges": edges}}}).encode()
        setting.gateway.change = lambda path, _, body=body: (200, {}, body)  # type: ignore[misc]
        try:
            status, answer = setting.ask(second, told["id"])
            assert (status, "error" in answer) == (404 if edges == [] else 502, True)
        finally:
            setting.gateway.change = None
    assert setting.ask(second, told["id"])[1]["Messages"][0]["Data"] == "1"


def test_another_unit_of_memory(whole: Served, setting: Setting) -> None:
    """An order that has changed after it was evaluated is not taken for the one that was."""
    process = whole.spawn(CODE)
    first = whole.message(process, "Ping")
    assert setting.ask(process, first)[0] == 200
    second = whole.message(process, "Ping")
    setting.su.change = edited(replaced(0, "assignment.id", OTHER))
    try:
        # Its own id is in the link of the next one: that is found when the next one comes.
        assert setting.ask(process, second)[0] == 200
        third = whole.message(process, "Ping")
        setting.su.change = None
        assert setting.ask(process, third)[0] == 422
    finally:
        setting.su.change = None


def test_a_slow_gateway(whole: Served, setting: Setting) -> None:
    """Processes that wait for the gateway keep no other one waiting, however many they are."""
    slow = [whole.spawn(f"local file = io.open('/data/{chr(97 + n) * 42}A') Found = file ~= nil") for n in range(8)]
    other = whole.spawn(CODE)
    id = whole.message(other, "Ping")

    def change(path: str, told: Answer) -> Answer:
        if path.startswith("/raw/"):
            time.sleep(4)
        return told

    setting.gateway.change = change
    try:
        with ThreadPoolExecutor(len(slow)) as threads:
            waiting = [threads.submit(setting.ask, process, process) for process in slow]
            time.sleep(1)
            began = time.monotonic()
            assert setting.ask(other, id)[1]["Messages"][0]["Data"] == "1"
            assert time.monotonic() - began < 2
            assert not any(one.done() for one in waiting)
            assert [one.result()[0] for one in waiting] == [200] * len(slow)
    finally:
        setting.gateway.change = None


def test_data_without_an_end(whole: Served, setting: Setting) -> None:
    """Data of more than 100 MB is not there for a process: it can hold back nobody by asking for it."""
    process = whole.spawn(f"local file = io.open('/data/{OTHER}') Found = file ~= nil")
    id = whole.message(process, "Eval", "return tostring(Found)")
    setting.gateway.change = lambda path, told: (200, {}, b"x" * (101 << 20)) if path.startswith("/raw/") else told
    try:
        assert setting.ask(process, id)[1]["Output"]["data"] == "false"
    finally:
        setting.gateway.change = None

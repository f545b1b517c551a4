"""mu on its own among units that lie, stall, or are gone: what can be carried is carried, once, and nobody else waits."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ao_runtime.items import DataItem
from ao_runtime.units.alone import carrying
from ao_runtime.units.alone.directory import Directory
from ao_runtime.units.alone.effects import Effects
from ao_runtime.units.alone.messaging import AloneMessaging
from ao_runtime.units.alone.others import Others
from ao_runtime.units.answers import Refusal

from ..serving import ALICE, message
from .gateways import raw_server
from .messengers import WALLET, count, idle, impatient, messenger, until
from .strangers import NOTHING, Answer, Change, Strangers, holding, id_of, outbox, post


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> Iterator[Strangers]:
    """Somebody else's units, and messengers that try again at once."""
    impatient(monkeypatch)
    made = Strangers()
    try:
        yield made
    finally:
        made.close()


def lies(unit: str, begins: str, *answers: Answer | None) -> Change:
    """To requests that begin so: these answers one after the other, and then the right one."""
    left = [*answers]

    def change(who: str, method: str, path: str, answer: Answer) -> Answer | None:
        return left.pop(0) if left and who == unit and f"{method} {path}".startswith(begins) else answer

    return change


async def refused(messaging: AloneMessaging, item: DataItem) -> tuple[int, str]:
    """What a wallet is told."""
    with pytest.raises(Refusal) as told:
        await messaging.take(item)
    return told.value.status, told.value.text


def sent(units: Strangers, target: str) -> list[bytes]:
    """The data of what was placed for a process."""
    return [units.items[id].data for id in units.placed if units.items[id].target == target]


# ── what a compute unit says ───────────────────────────────────────────────────────────────────────────────────

P, Q = id_of("P"), id_of("Q")
#: Outboxes, and the data of what arrives of them at Q.
OUTBOXES: list[tuple[str, Any, list[bytes]]] = [
    ("Messages is an object", {"Messages": {"Target": Q}}, []),
    ("Messages is text", {"Messages": "abc"}, []),
    ("what is in it is no message", outbox(None, 1, [], "x", {}, {"Target": 5}, post(Q, "good")), [b"good"]),
    ("tags that are no text", outbox(post(Q, "n", [{"name": "a", "value": 1}]), post(Q, "good")), [b"good"]),
    ("tags that are no list", outbox(post(Q, "n", Tags={"name": "a"}), post(Q, "n", Tags=None)), []),
    ("tags without a name", outbox(post(Q, "n", [{"value": "1"}]), post(Q, "n", [None])), []),
    ("data that is no text", outbox(post(Q, 5), post(Q, {"a": []}), post(Q, None)), [b" "]),
    ("lone surrogates", outbox(post(Q, "a\ud800b", [{"name": "n\udfff", "value": "v\ud800"}])), [b"a\xef\xbf\xbdb"]),
    ("a target of lone surrogates", outbox(post("\ud800" * 43), post(Q, "good")), [b"good"]),
    ("an anchor of another length", outbox(post(Q, Anchor="x"), post(Q, Anchor="\ud800" * 32)), []),
    ("targets that lead elsewhere", outbox(post("../../x?y=" + "z" * 33), post(Q + "/.."), post(Q + "\n")), []),
    ("too many tags", outbox(post(Q, "n", [{"name": "a", "value": "b"}] * 10_000), post(Q, "good")), [b"good"]),
    ("tags that are too long", outbox(post(Q, "n", [{"name": "a" * 5000, "value": ""}]), post(Q, "good")), [b"good"]),
    ("an assignment of what is no id", outbox(Assignments=[{"Processes": ["/../x"], "Message": "?a=b"}]), []),
    ("assignments that are none", outbox(post(Q), Assignments=[{"Processes": Q, "Message": P}]), []),
    ("a spawn without an anchor", outbox(post(Q), Spawns=[{"Tags": []}]), []),
    ("a spawn that is none", outbox(post(Q), Spawns=[5]), []),
    ("nesting that can be read", outbox(post(Q, "good"), Output=json.loads("[" * 400 + "]" * 400)), [b"good"]),
    ("an error, and messages", outbox(post(Q), Error="it failed"), []),
    ("numbers without end", outbox(post(Q, "good"), GasUsed=float("inf"), Output=float("nan")), [b"good"]),
]


@pytest.mark.parametrize(("result", "arrives"), [pytest.param(*one, id=name) for name, *one in OUTBOXES])
def test_results_of_any_form(units: Strangers, result: Any, arrives: list[bytes]) -> None:
    """What can be carried of a result arrives; of the rest nothing, and it keeps nothing up that comes later."""

    async def run() -> None:
        units.process("P"), units.process("Q")
        bad, good = message(P), units.sends(P, post(Q, "later"))
        units.results[bad.id] = result
        async with messenger(units) as messaging:
            await messaging.take(bad)
            await messaging.take(good)
            await idle(messaging)
        assert sent(units, Q) == [*arrives, b"later"]
        assert (units.assigned, units.mail) == ([], [])

    asyncio.run(run())


#: Answers that are no results.
NO_RESULTS: list[Answer | None] = [
    (200, b""),
    (200, b"<html>It works!</html>"),
    (200, b"[" * 100_000),
    (200, b"[]"),
    (200, b"{}"),
    (200, b'{"error": "what?"}'),
    (200, b'{"Messages": [' + b"9" * 5000 + b"]}"),
    (200, b"\xff\xfe\x00"),
    (302, b"http://127.0.0.1:1/elsewhere"),
    (307, b"/cu/result/round"),
    (500, b'{"error": "for now"}'),
    (503, b""),
    None,
]


def test_what_is_no_result_is_asked_for_again(units: Strangers) -> None:
    """Garbage, redirects to anybody else and in circles, refusals that may pass, broken connections: then the result."""

    async def run() -> None:
        units.process("P"), units.process("Q")
        for number, answer in enumerate(NO_RESULTS):
            # A redirect in a circle is followed five times.
            times = 5 if answer and answer[0] == 307 else 9 if answer and answer[0] != 503 else 2
            units.change = lies("cu", "GET /result/", *[answer] * times)
            async with messenger(units) as messaging:
                await messaging.take(units.sends(P, post(Q, f"{number}")))
                await idle(messaging)
        assert sent(units, Q) == [f"{number}".encode() for number in range(len(NO_RESULTS))]

    asyncio.run(run())


def test_a_unit_behind_another_that_is_gone(units: Strangers, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a compute unit has no scheduler just now is no reason to give up, however long it takes."""
    monkeypatch.setattr(carrying, "_ATTEMPTS", 2)

    async def run() -> None:
        units.process("P"), units.process("Q")
        # The client of HTTP tries four times for each attempt.
        units.change = lies("cu", "GET /result/", *[(502, b'{"error": "no scheduler"}')] * 12)
        async with messenger(units) as messaging:
            await messaging.take(units.sends(P, post(Q, "late")))
            await idle(messaging)
        assert sent(units, Q) == [b"late"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "times"), [((500, b'{"error": "never"}'), 10), ((200, b"no JSON"), 10), ((404, b'{"error": "no"}'), 1)]
)
def test_a_result_that_never_comes(
    units: Strangers, caplog: pytest.LogCaptureFixture, answer: Answer, times: int
) -> None:
    """Given up after ten attempts, or at once where it is the question that is wrong; told, and counted."""
    other, slow = units.process("other"), units.process("P")
    never = units.sends(slow, post(Q))
    units.change = lambda unit, method, path, right: answer if never.id in path and unit == "cu" else right
    units.process("Q")

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.take(never)
            await messaging.take(units.sends(slow, post(Q, "after")))
            await messaging.take(units.sends(other, post(Q, "other")))
            await idle(messaging, lost=1)
        assert len([path for path in units.asked if never.id in path]) == times
        assert (sorted(sent(units, Q))) == [b"after", b"other"]

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    [lost] = [one for one in caplog.messages if "is lost" in one]
    assert lost.startswith(f"a message for {slow} is lost: ")
    assert "Traceback" not in caplog.text


def test_who_waits_for_a_compute_unit_keeps_nobody_waiting(units: Strangers) -> None:
    """It stalls for a hundred processes: what wallets send has its place at once, and mail goes on."""
    ended = threading.Event()
    processes = [units.process(number) for number in range(100)]
    mail = units.process("mail")

    def change(unit: str, method: str, path: str, answer: Answer) -> Answer:
        if unit == "cu" and b"quick" not in answer[1]:
            ended.wait(60)
        return answer

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.take(units.sends(mail, post(ALICE.address), Output="quick"))
            await idle(messaging)
            units.change = change
            await asyncio.gather(*(messaging.take(message(process)) for process in processes))
            await until(lambda: sum("GET cu" in one for one in units.asked) >= 64)
            began = time.monotonic()
            await messaging.take(message(processes[0]))
            assert time.monotonic() - began < 5
            ended.set()
            await idle(messaging)

    try:
        asyncio.run(run())
    finally:
        ended.set()


@pytest.mark.parametrize("many", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_huge_outbox(units: Strangers, many: int) -> None:
    """It is taken over while requests are answered all the while; what has arrived of it then has arrived in its order."""
    units.process("P"), units.process("Q")
    item = units.sends(P, *(post(Q, f"{number}") for number in range(many)))

    async def run() -> float:
        longest = 0.0
        async with messenger(units) as messaging:
            await messaging.take(item)
            while len(units.placed) < 200:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - before)
            assert many - 300 < count(messaging, "pending") <= many
        return longest

    longest = asyncio.run(run())
    assert sent(units, Q)[:199] == [f"{number}".encode() for number in range(199)]
    assert longest < 2 + many / 20_000


def test_an_assignment_to_very_many(units: Strangers) -> None:
    """Each of them has it; and so often as they are named, not more often."""
    processes = [units.process(number) for number in range(300)]
    units.process("P")
    item = units.sends(P, Assignments=[{"Processes": [*processes, *processes], "Message": Q}])

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.take(item)
            await idle(messaging)

    asyncio.run(run())
    assert units.assigned == [(process, Q) for process in processes]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([P, Q, ALICE.address, "", "a" * 32, "Target", "\ud800"])
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "Target Anchor Data Tags name value Processes Message Messages Spawns Assignments Error Module".split()
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=24,
)
_ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "Target": st.sampled_from([P, Q, ALICE.address, ""]) | _JSON,
        "Anchor": st.just("a" * 32) | _JSON,
        "Tags": st.lists(st.fixed_dictionaries({"name": st.text(), "value": st.text()}), max_size=3) | _JSON,
        "Data": st.text(st.characters(), max_size=9) | _JSON,
        "Processes": st.lists(st.just(P)) | _JSON,
        "Message": st.just(Q) | _JSON,
    },
)
_RESULT = (
    st.fixed_dictionaries({}, optional={name: st.lists(_ENTRY) | _JSON for name in NOTHING if name != "Output"}) | _JSON
)


def test_any_json(units: Strangers) -> None:
    """Whatever a result is: nothing is raised, what is made of it is signed and can be kept, and twice it is the same."""
    units.process("P")
    loop = asyncio.new_event_loop()
    others = Others(units.urls)
    effects = Effects(WALLET, Directory(others))

    def of(result: Any) -> Any:
        return loop.run_until_complete(effects.of(P, result, Q))

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(_RESULT)
    def check(result: Any) -> None:
        rows, whole = of(result)
        assert (rows == []) or whole
        for row in rows:
            assert all(
                part.isascii() for part in (row.sender, row.process, row.message, row.pushed_for or "", row.more)
            )
            if row.kind != "assignment":
                DataItem.parse(row.raw).check()
        assert of(result)[0] == rows

    try:
        check()
    finally:
        loop.run_until_complete(others.close())
        loop.close()


@pytest.mark.parametrize("chunk", [b" ", b"x" * (1 << 20)])
def test_answers_without_end(chunk: bytes) -> None:
    """An answer that trickles has its time, and one that never ends its length: both end as if nobody had answered."""

    def chunks() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"
        while True:
            if len(chunk) == 1:
                time.sleep(0.05)
            yield chunk

    async def run(url: str) -> str:
        seconds = 0.5 if len(chunk) == 1 else 60
        async with Others({"cu": url}, timeout=seconds, retries=0) as others:
            with pytest.raises(Exception) as told:  # noqa: PT011
                await others.get("cu", "/result/x")
        return f"{type(told.value).__name__}: {told.value}"

    with raw_server(chunks) as found:
        began = time.monotonic()
        words = asyncio.run(run(found.url))
        assert words.startswith("HttpError: ")
        assert ("did not answer within 0.5 seconds" if len(chunk) == 1 else "the answer is too long") in words
        assert time.monotonic() - began < 30


# ── what a scheduler says ──────────────────────────────────────────────────────────────────────────────────────

#: Answers to an item, whether it was placed or not, and what a wallet is told.
NO_PLACES: list[tuple[Answer | None, int, str]] = [
    ((200, b"{}"), 502, "names another message"),
    ((200, json.dumps({"id": id_of("another")}).encode()), 502, "names another message"),
    ((200, b'{"id": {"a": []}}'), 502, "names another message"),
    ((200, b"<html>"), 502, "is no JSON"),
    ((302, b"http://127.0.0.1:1/elsewhere"), 502, "leads to a host that was not given"),
    ((500, b'{"error": "\xe2\x80\xae busy"}'), 502, "busy"),
    ((400, b'{"error": "whatever"}'), 400, 'Error: 400: {"error": "whatever"}'),
    ((403, b"<html>"), 400, "Error: 403: <html>"),
    ((400, b'{"error": "Message already exists"}'), 400, "already exists"),
]


@pytest.mark.parametrize(("answer", "status", "words"), NO_PLACES)
def test_a_scheduler_that_gives_no_place(units: Strangers, answer: Answer, status: int, words: str) -> None:
    """What it says is told; where it may have placed the item nevertheless, that is found out, and it is carried on."""
    units.process("P"), units.process("Q")

    async def run() -> None:
        item = units.sends(P, post(Q, "on"))
        units.change = lies("su", "POST /", answer)
        async with messenger(units) as messaging:
            told = await refused(messaging, item)
            assert (told[0], words in told[1], "\u202e" in told[1]) == (status, True, False), told
            await idle(messaging)
        assert sent(units, Q) == ([b"on"] if status == 502 else [])

    asyncio.run(run())


@pytest.mark.parametrize(("answer", "status", "words"), NO_PLACES)
def test_what_a_process_sends_and_a_scheduler_refuses(
    units: Strangers, answer: Answer, status: int, words: str
) -> None:
    """A yes that is none and a refusal that may pass are tried again; any other one is the end of that message alone."""
    units.process("P"), units.process("Q")

    async def run() -> None:
        async with messenger(units) as messaging:
            item = units.sends(P, post(Q, "first"), post(Q, "second"))
            units.change = after(item.id, answer)
            await messaging.take(item)
            await idle(messaging, lost=int(status == 400))
        # The scheduler has placed it all, whatever it said.
        assert sent(units, Q) == [b"first", b"second"]

    asyncio.run(run())


def after(id: str, answer: Answer) -> Change:
    """Once, to the first item that is sent after that one."""
    state = {"before": True, "lied": False}

    def change(unit: str, method: str, path: str, right: Answer) -> Answer:
        if unit != "su" or method != "POST" or state["lied"]:
            return right
        if state["before"]:
            state["before"] = id.encode() not in right[1]
            return right
        state["lied"] = True
        return answer

    return change


def test_results_are_asked_for_in_the_order_of_places(units: Strangers) -> None:
    """What a wallet sends is carried on after what came before to that process, and may have its place already."""
    units.process("P"), units.process("Q")
    held = threading.Event()
    lie = [(500, b'{"error": "placed, in truth"}')]

    def change(unit: str, method: str, path: str, right: Answer) -> Answer:
        if unit == "su" and method == "POST":
            if lie:
                return lie.pop()
            if right[0] == 400:
                held.wait(30)
        return right

    async def run() -> None:
        units.change = change
        async with messenger(units) as messaging:
            assert (await refused(messaging, units.sends(P, post(Q, "first"))))[0] == 502
            await messaging.take(units.sends(P, post(Q, "second")))
            await messaging.assign(P, id_of("third"))
            units.results[id_of((P, id_of("third")))] = outbox(post(Q, "third"))
            await asyncio.sleep(0.1)
            assert sent(units, Q) == []
            held.set()
            await idle(messaging)
        assert sent(units, Q) == [b"first", b"second", b"third"]
        assert units.assigned == [(P, id_of("third"))]

    asyncio.run(run())


def test_everything_exists_already(units: Strangers) -> None:
    """A scheduler that says so of everything: refused to wallets, given up of processes; nobody asks without end."""
    units.process("P"), units.process("Q")

    async def run() -> None:
        item = units.sends(P, post(Q), post(Q))
        async with messenger(units) as messaging:
            await messaging.take(item)
            units.change = lambda unit, method, path, right: (
                (400, b'{"error": "Message already exists"}') if unit == "su" and method == "POST" else right
            )
            assert await refused(messaging, message(P)) == (400, 'Error: 400: {"error": "Message already exists"}')
            await until(lambda: count(messaging, "pending") == 0)

    asyncio.run(run())


def test_assignments_are_made_once(units: Strangers) -> None:
    """No answer came to one, or none that names it: the scheduler is asked whether it has it, before another is made."""
    units.process("P"), units.process("Q")
    answers: list[Answer | None] = [None, (200, b"{}"), (502, b""), (200, b'{"id": 5}')]

    async def run() -> None:
        for number, answer in enumerate(answers):
            what = id_of(f"message {number}")
            units.change = lies("su", "POST /?", answer)
            async with messenger(units) as messaging:
                with pytest.raises(Refusal) as told:
                    await messaging.assign(Q, what)
                assert told.value.status == 502
                await idle(messaging)
            units.change = lies("su", "POST /?", answer)
            async with messenger(units) as messaging:
                await messaging.take(units.sends(P, Assignments=[{"Processes": [Q], "Message": id_of(what)}]))
                await idle(messaging)
        wanted = [id_of(f"message {number}") for number in range(len(answers))]
        assert units.assigned == [(Q, one) for what in wanted for one in (what, id_of(what))]

    asyncio.run(run())


def test_a_scheduler_that_is_gone_for_a_while(units: Strangers, caplog: pytest.LogCaptureFixture) -> None:
    """Wallets are told; what processes send waits, is there afterwards in its order, and that is said once."""
    processes = [units.process(number) for number in range(5)]
    units.process("Q")

    async def run() -> None:
        async with messenger(units) as messaging:
            items = [
                units.sends(process, *(post(Q, f"{at} {number}") for number in range(20)))
                for at, process in enumerate(processes)
            ]
            # Whom they write to is known by then.
            for process in processes:
                await messaging.take(units.sends(process, post(Q)))
            await idle(messaging)
            held = threading.Event()
            units.change = holding("cu", held)
            for item in items:
                await messaging.take(item)
            units.change = lambda unit, method, path, right: None if unit == "su" else right
            held.set()
            await until(lambda: count(messaging, "pending") == 100)
            assert (await refused(messaging, message(processes[0])))[0] == 502
            units.close()
            await asyncio.sleep(0.3)
            units.change = None
            units.again()
            await idle(messaging)
        for at in range(5):
            of_one = [data for data in sent(units, Q) if data.startswith(b"%d " % at)]
            assert of_one == [f"{at} {number}".encode() for number in range(20)]

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert 1 <= sum("is tried again" in one for one in caplog.messages) <= 10


def test_what_could_not_be_written_is_not_lost(units: Strangers) -> None:
    """The disk refuses just when something has been placed: it is written later, and nothing is placed again."""
    units.process("P"), units.process("Q")
    refusing: list[str] = []

    async def run() -> None:
        async with messenger(units) as messaging:
            writer = messaging._writer._database.writer

            def change(unit: str, method: str, path: str, right: Answer) -> Answer:
                if unit == "su" and method == "POST" and len(refusing) < 2 and units.change is change:
                    writer.execute("PRAGMA query_only = ON")
                    threading.Timer(0.2, lambda: writer.execute("PRAGMA query_only = OFF")).start()
                    refusing.append(path)
                return right

            item = units.sends(
                P, post(Q, "a"), post(Q, "b"), Assignments=[{"Processes": [Q], "Message": id_of("assigned")}]
            )
            held = threading.Event()
            units.change = holding("cu", held)
            await messaging.take(item)
            units.change = change
            held.set()
            await idle(messaging)
            await asyncio.sleep(0.3)

    asyncio.run(run())
    assert (sent(units, Q), units.assigned) == ([b"a", b"b"], [(Q, id_of("assigned"))])
    assert len(refusing) == 2


# ── what a gateway says ────────────────────────────────────────────────────────────────────────────────────────


def test_a_gateway_that_is_gone_for_a_while(units: Strangers) -> None:
    """Mail waits, and arrives in its order; messages between processes go on meanwhile, also of who has sent mail."""
    units.process("P"), units.process("Q")
    units.change = lambda unit, method, path, right: None if unit == "gateway" else right

    async def run() -> None:
        async with messenger(units) as messaging:
            mail = [post(ALICE.address, f"mail {number}") for number in range(3)]
            await messaging.take(units.sends(P, mail[0], post(Q, "one"), mail[1], post(Q, "two"), mail[2]))
            await until(lambda: sent(units, Q) == [b"one", b"two"])
            await until(lambda: count(messaging, "pending") == 3)
            units.change, units.mail = None, []
            await idle(messaging)
        assert [one.data for one in units.mail] == [b"mail 0", b"mail 1", b"mail 2"]

    asyncio.run(run())


def test_a_gateway_that_refuses(units: Strangers) -> None:
    """A refusal is the end of that mail, and of no other."""
    units.process("P")
    units.change = lies("gateway", "POST /tx", (400, b"no"))

    async def run() -> None:
        async with messenger(units) as messaging:
            await messaging.take(units.sends(P, post(ALICE.address, "a"), post(ALICE.address, "b")))
            await idle(messaging, lost=1)

    asyncio.run(run())


# ── who sends very much ────────────────────────────────────────────────────────────────────────────────────────


def test_a_flood_to_one_process_delays_no_other(units: Strangers) -> None:
    """Hundreds of messages to a process whose results take long: another one's are there at once."""
    slow, other = units.process("P"), units.process("other")
    units.process("Q")

    def change(unit: str, method: str, path: str, right: Answer) -> Answer:
        if unit == "cu" and f"process-id={slow}" in path:
            time.sleep(0.01)
        return right

    async def run() -> None:
        units.change = change
        async with messenger(units) as messaging:
            await asyncio.gather(*(messaging.take(message(slow)) for _ in range(150)))
            await messaging.take(units.sends(other, post(Q)))
            await until(lambda: sent(units, Q))
            assert count(messaging, "pending") > 50
            await idle(messaging)

    asyncio.run(run())

"""What an executor does when it is asked: the same as the commands on one machine."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ao_runtime import InputError, Process
from ao_runtime.executor.cutting import verify_parts
from ao_runtime.executor.functions import FUNCTIONS
from ao_runtime.executor.results import INLINE, digest_of
from ao_runtime.models import Limits
from ao_runtime.state import digest_of as state_digest
from ao_runtime.state import written
from ao_runtime.store import Store
from tests.cli.running import ROOT

from .conftest import Run
from .running import ENVIRONMENT, FIRST, counts, results

ASKED = {"process": "counter", "first": 0, "environment": ENVIRONMENT}


def journal(file: Path, messages: list[dict[str, Any]], *, states: int = 0) -> Path:
    """A journal of the counter, with so many states on the way."""
    with Process.open(file, ENVIRONMENT) as process:
        process.handle(FIRST)
        size = max(1, len(messages) // (states + 1))
        for at in range(0, len(messages), size):
            process.handle_many(messages[at : at + size])
            if states:
                assert process._state.disk is not None
                process._state.disk._put(process._state.settled())
    return file


# ── evaluate ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_on_a_journal_and_on_a_snapshot(run: Run, tmp_path: Path) -> None:
    """The results are those of a process that handles the messages itself, on a journal as on a snapshot."""
    messages = [FIRST, *counts(3), *counts(1, "Break"), *counts(2)]
    with Process(ENVIRONMENT) as process:
        expected = [written(result).decode() for result in process.handle_many(messages)]
        state = state_digest(process._state)
    on_journal = run("evaluate", messages=messages, state={"journal": "a.ao"}, **ASKED)
    pure = run("evaluate", messages=[json.dumps(message) for message in messages], **ASKED)
    assert on_journal["results"] == pure["results"] == results(tmp_path / "data/a.ao") == expected
    assert on_journal["digest"] == pure["digest"] == digest_of(text.encode() for text in expected)
    assert on_journal["gas"] == pure["gas"]
    data = (tmp_path / "data" / pure["state"]["snapshot"]).read_bytes()
    assert pure["state"] == {
        "snapshot": f"states/{sha256(data).hexdigest()}.state",
        "count": 7,
        "sha256": sha256(data).hexdigest(),
    }
    with Process.restore(data, sources={}, files={}) as process:
        assert (process.count, state_digest(process._state)) == (7, state)


def test_a_chain_of_snapshots(run: Run) -> None:
    """A job takes up the state of the one before it, and two attempts at it leave the same bytes."""
    first = run("evaluate", messages=[FIRST, *counts(2)], **ASKED)
    more = {"process": "counter", "first": 3, "messages": counts(2), "state": "in"}
    once, twice = (run("evaluate", input=[first], **more) for _ in range(2))
    assert once["state"] == twice["state"] != first["state"]
    assert [json.loads(text)["Messages"][0]["Data"] for text in once["results"]] == ["3", "4"]
    with pytest.raises(InputError, match="the job before has left no state"):
        run("evaluate", input=[{"state": 1}], **more)
    with pytest.raises(InputError, match="state: is after 3 messages, and the job begins at 4"):
        run("evaluate", input=[first], **{**more, "first": 4})


def test_a_chain_on_a_journal(run: Run, tmp_path: Path) -> None:
    """A job that takes up the journal of the one before it is held to the messages that were there then."""
    first = run("evaluate", messages=[FIRST, *counts(2)], state={"journal": "a.ao"}, job="1", **ASKED)
    more = {"process": "counter", "first": 3, "messages": counts(2), "state": "in"}
    assert run("evaluate", input=[first], job="2", **more)["state"]["count"] == 5
    (tmp_path / "data/a.ao").unlink()
    journal(tmp_path / "data/a.ao", counts(2, "Break"))
    with pytest.raises(InputError, match="the journal has other messages than are meant"):
        run("evaluate", input=[first], job="2", **more)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=6))
def test_any_order_of_deliveries(run: Run, tmp_path: Path, more_often: list[tuple[int, int]]) -> None:
    """However often jobs come, and however much too early or too late, each is in the journal once, in its place."""
    order = [0, 1, 2, 3]
    for place, number in more_often:
        order.insert(place, number)
    file = f"{len(list((tmp_path / 'data').iterdir()))}.ao"
    jobs = [[FIRST, *counts(1)], counts(2), counts(1, "Break") + counts(1), counts(3)]
    starts = [0, 2, 4, 6]
    written_: list[int] = []
    answers: dict[int, dict[str, Any]] = {}
    for number in order:
        more: dict[str, Any] = {**ASKED, "first": starts[number], "state": {"journal": file}, "job": f"job {number}"}
        if number not in written_ and number != len(written_):
            with pytest.raises(InputError, match="out of order"):
                run("evaluate", messages=jobs[number], **more)
            continue
        output = run("evaluate", messages=jobs[number], **more)
        output.pop("seconds")
        assert answers.setdefault(number, output) == output
        written_ += [number] if number not in written_ else []
    assert written_ == [0, 1, 2, 3]
    lines = results(tmp_path / "data" / file)
    assert lines == [text for number in written_ for text in answers[number]["results"]]
    assert len(lines) == 9


def test_many_results_are_a_file(run: Run, tmp_path: Path) -> None:
    """Results that are too long for an output are a file of the shared folder, named by its SHA-256."""
    texts = [{"From": "bob", "Action": "Eval", "Owner": "alice", "Data": "return ('x'):rep(9e4)"}] * 12
    messages = [FIRST, *({**text, "From": "alice"} for text in texts)]
    output = run("evaluate", messages=messages, **ASKED)
    assert len(json.dumps(output)) < INLINE
    lines = (tmp_path / "data" / output["results"]["ref"]).read_bytes().splitlines()
    assert len(lines) == 13
    assert output["digest"] == output["results"]["sha256"] == digest_of(lines)


def test_binary_data_and_large_numbers(run: Run) -> None:
    """Messages as JSON texts come through a colony as they are, also bytes and numbers that no float is."""
    text = '{"From":"alice","Owner":"alice","Tags":{"Action":"Eval"},"Data":"return #ao.msg.Raw","Raw":"\\udcff"}'
    messages = [
        FIRST,
        text.replace("ao.msg.Raw", "'\\udcff\\udcfe'"),
        '{"From":"bob","Action":"Count","Timestamp":9007199254740993}',
    ]
    output = run("evaluate", messages=messages, **ASKED)
    assert json.loads(output["results"][1])["Output"]["data"] == "2"


# ── verify ─────────────────────────────────────────────────────────────────────────────────────────────────────


def parts_of(run: Run, file: Path, count: int, **more: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The outputs of all parts of a journal, and what they say together."""
    with Store.open(file, write=False) as store:
        parts = verify_parts(store, count)
    outputs = [run("verify", journal=file.name, **part.kwargs, **more) for part in parts]
    return outputs, run("verify", journal=file.name, parts=len(parts), input=outputs)


def test_parts_say_what_the_whole_says(run: Run, tmp_path: Path) -> None:
    """A verify in parts compares each message once, and each part ends in the state that the next begins from."""
    file = journal(tmp_path / "data/a.ao", [*counts(20), *counts(3, "Break"), *counts(40)], states=20)
    whole = run("verify", journal="a.ao")
    outputs, together = parts_of(run, file, 6)
    assert len(outputs) > 2
    assert sum(output["compared"] for output in outputs) == 64
    told = {name: together[name] for name in ("from", "to", "messages", "compared", "same", "difference", "digest")}
    assert told == {name: whole[name] for name in told}
    assert whole["same"]
    assert whole["difference"] is None


def test_without_states_it_is_one_part(tmp_path: Path) -> None:
    """A journal that keeps no state is not cut, and an empty one is one part, too."""
    with Store.open(journal(tmp_path / "a.ao", counts(9)), write=False) as store:
        (part,) = verify_parts(store, 8)
        assert part.kwargs == {"from": 0, "to": 10, "history": store.history(10).hex()}
    with Process.open(tmp_path / "b.ao", ENVIRONMENT):
        pass
    with Store.open(tmp_path / "b.ao", write=False) as store:
        assert [(part.first, part.stop) for part in verify_parts(store, 8)] == [(0, 0)]


def forged(file: Path, nonce: int) -> None:
    """Write another result into a journal, with digests that go with it: as somebody would who means it."""
    with Store.open(file, write=False) as old:
        assert old.genesis is not None
        genesis, entries = old.genesis, list(old.entries())
        kept = [(count, old.snapshot(count)) for count in old.snapshot_counts()]
    changed = entries[nonce].result.replace(b'"Data":"', b'"Data":"9').replace(b'"Spawns":[]', b'"Spawns":[1]')
    entries[nonce].result = changed
    file.unlink()
    with Store.open(file) as new:
        new.begin(genesis)
        new.append(entries)
        for count, found in kept:
            assert found is not None
            new.put_snapshot(count, found[1])


@pytest.mark.parametrize("nonce", [3, 30, 60])
def test_a_result_that_was_changed(run: Run, tmp_path: Path, nonce: int) -> None:
    """A recorded result that is not what comes out is found by the part that has it, and told by all together."""
    file = journal(tmp_path / "data/a.ao", counts(63), states=20)
    forged(file, nonce)
    outputs, together = parts_of(run, file, 6)
    assert [output["same"] for output in outputs].count(False) == 1
    difference = together["difference"]
    assert (together["same"], difference["nonce"]) == (False, nonce)
    assert json.loads(difference["recorded"])["Messages"][0]["Data"] == f"9{nonce}"
    assert json.loads(difference["replayed"])["Messages"][0]["Data"] == f"{nonce}"


def test_a_state_that_was_changed(run: Run, tmp_path: Path) -> None:
    """A kept state that is not where the messages lead is found, though every part that begins from it is as recorded."""
    file = journal(tmp_path / "data/a.ao", counts(63), states=20)
    with Store.open(file, write=False) as store:
        count = min(part.first for part in verify_parts(store, 6) if part.first)
    with Process(ENVIRONMENT) as process:
        process.handle(FIRST)
        process.eval("Secret = 1")
        process.handle_many(counts(count - 2))
        process.eval(f"Count = {count - 1}")
        settled = process._state.settled()
        state = settled.state
    from ao_runtime.state.journal import Checkpoint
    from ao_runtime.state.snapshot import Moment, write_snapshot

    with Store.open(file) as store:
        base = Checkpoint(count, state, settled.timestamp, settled.height, False)
        store.put_snapshot(count, write_snapshot(Moment({}, base, [], [])))
    outputs, together = parts_of(run, file, 6)
    assert together["same"] is False
    assert together["difference"]["nonce"] == count
    assert set(together["difference"]["state"]) == {"expected", "found"}
    assert next(output for output in outputs if output["to"] == count)["compared"] == count


def test_another_journal_than_was_cut(run: Run, tmp_path: Path) -> None:
    """A part of a journal that is another one at the executor's is refused, and so are parts that are no whole."""
    file = journal(tmp_path / "data/a.ao", counts(63), states=20)
    with Store.open(file, write=False) as store:
        parts = verify_parts(store, 4)
    outputs = [run("verify", journal="a.ao", **part.kwargs) for part in parts]
    file.unlink()
    journal(file, counts(63, "Break"), states=20)
    with pytest.raises(InputError, match="the journal is another one here"):
        run("verify", journal="a.ao", **parts[0].kwargs)
    with pytest.raises(InputError, match=f"{len(parts) - 1} of {len(parts)} parts have come in"):
        run("verify", parts=len(parts), input=outputs[1:])
    with pytest.raises(InputError, match="no part says anything of message"):
        run("verify", parts=len(parts), input=[outputs[0], *outputs[:-1]])
    with pytest.raises(InputError, match="what has come in is no part of a verify"):
        run("verify", parts=1, input=[{"from": 0}])


# ── replay, conform, fuzz ──────────────────────────────────────────────────────────────────────────────────────


def test_replay(run: Run, tmp_path: Path) -> None:
    """The results of a part of a journal, as they stand there."""
    file = journal(tmp_path / "data/a.ao", counts(63), states=20)
    output = run("replay", journal="a.ao", **{"from": 5, "to": 9.0})
    assert (output["first"], output["count"], output["results"]) == (5, 4, results(file)[5:9])
    with pytest.raises(InputError, match="the journal holds 64 messages: from 0 to 65 makes no sense"):
        run("replay", journal="a.ao", to=65)


def test_conform(run: Run, tmp_path: Path) -> None:
    """Scenarios beside their recorded answers, and a difference where one was changed."""
    assert run("conform")["totals"] == run("conform", dialect="2.0.6")["totals"]
    source = sorted((ROOT / "tests/vectors").glob("*.json"))[0]
    scenario = json.loads(source.read_text())
    (tmp_path / "data/same.json").write_text(json.dumps(scenario))
    scenario["steps"][-1]["result"]["Output"] = {"data": "another"}
    (tmp_path / "data/scenarios").mkdir()
    (tmp_path / "data/scenarios/other.json").write_text(json.dumps(scenario))
    assert run("conform", scenarios="same.json")["same"] is True
    output = run("conform", scenarios="scenarios")
    assert (output["same"], output["totals"]["different"]) == (False, 1)
    assert json.loads(output["report"])["scenarios"][0]["scenario"] == "other"


def test_fuzz_put_together() -> None:
    """Parts of a fuzz are added up; a seed that is missing, or is there twice, is none of it."""
    from ao_runtime.executor.functions.fuzz import put_together

    def part(first: int, stop: int, findings: int = 0) -> dict[str, Any]:
        report = [] if not findings else ["[]"]
        return {
            "seeds": [first, stop], "messages": 100 * (stop - first), "processes": stop - first,
            "explained": {"a": 1}, "findings": findings, "reports": report, "seconds": 1.0,
        }  # fmt: skip

    found = put_together("job", [part(3, 5, 1), part(1, 3)], 2, (1, 5))
    told = {name: found[name] for name in ("seeds", "messages", "processes", "explained", "findings", "same", "parts")}
    assert told == {
        "seeds": [1, 5], "messages": 400, "processes": 4, "explained": {"a": 2}, "findings": 1, "same": False, "parts": 2,
    }  # fmt: skip
    assert put_together("job", [part(1, 2)], 1, (1, 2))["same"] is True
    assert put_together("job", [part(1, 2)], 1, (1, 2), strict=True)["same"] is False
    for parts in ([part(1, 3)], [part(1, 3), part(4, 5)], [part(1, 3), part(1, 5)], [1, 2], [{}, {}]):
        with pytest.raises(InputError):
            put_together("job", parts, 2, (1, 5))


@pytest.mark.long
def test_fuzz(run: Run, tmp_path: Path, published: Path) -> None:
    """Each seed says what `ao-run conform --fuzz` says with that seed, whichever part it is in."""
    from ao_runtime.conformance import LIMITS, MODULE_LIMITS, OurLua, Published, fuzz

    module = published / "aos2_0_6.wasm"
    (tmp_path / "data/m.wasm").write_bytes(module.read_bytes())
    given = {"module": "m.wasm", "messages": 40}
    outputs = [run("fuzz", seeds=seeds, **given) for seeds in ([1, 2], [2, 4])]
    together = run("fuzz", seeds=[1, 4], parts=2, input=outputs, **given)
    alone = [fuzz(40, str(n), OurLua(limits=LIMITS), Published(module, limits=MODULE_LIMITS)) for n in (1, 2, 3)]
    assert together["messages"] == sum(one.messages for one in alone) == 120
    assert together["findings"] == sum(len(one.findings) for one in alone)
    assert sum(together["explained"].values()) == sum(sum(one.explained.values()) for one in alone)


# ── what strangers say ─────────────────────────────────────────────────────────────────────────────────────────

GOOD = {"process": "counter", "first": 0, "messages": [FIRST], "environment": ENVIRONMENT}
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("evaluate", {"first": 0, "messages": [FIRST]}, "process: is missing"),
    ("evaluate", {**GOOD, "mesages": []}, "mesages: there is no such argument"),
    ("evaluate", {**GOOD, "first": -1}, "first: must be a whole number from 0 on, found -1"),
    ("evaluate", {**GOOD, "first": True}, "first: must be a whole number"),
    ("evaluate", {**GOOD, "first": 1.5}, "first: must be a whole number"),
    ("evaluate", {**GOOD, "messages": []}, "messages: must be a list of messages"),
    ("evaluate", {**GOOD, "messages": {"ref": "../x"}}, r"messages: '\.\./x' is outside of the shared folder"),
    ("evaluate", {**GOOD, "messages": [FIRST, 5]}, r"messages\[1\]: is no message"),
    ("evaluate", {**GOOD, "messages": ["{"]}, r"messages\[0\]: is no JSON"),
    ("evaluate", {**GOOD, "messages": [{"Tags": 5}]}, r"messages\[0\]\.Tags"),
    ("evaluate", {**GOOD, "job": "a\nb"}, "job: must be up to 200 characters that can be printed"),
    ("evaluate", {**GOOD, "job": "j" * 201}, "job: must be up to 200 characters"),
    ("evaluate", {**GOOD, "state": {"journal": "/etc/passwd"}}, "is outside of the shared folder"),
    ("evaluate", {**GOOD, "state": {"journal": "no/such/a.ao"}}, "there is no folder for"),
    ("evaluate", {**GOOD, "state": {"journal": "text"}}, "is no journal"),
    (
        "evaluate",
        {**GOOD, "state": {"journal": "a.ao", "snapshot": "b"}},
        r"state\.snapshot: there is no such argument",
    ),
    (
        "evaluate",
        {**GOOD, "state": {"journal": "a.ao", "sha256": "0" * 64}},
        r"state\.sha256: there is no such argument",
    ),
    (
        "evaluate",
        {**GOOD, "state": {"journal": "a.ao", "count": 5}},
        "state: is after 5 messages, and the job begins at 0",
    ),
    ("evaluate", {**GOOD, "state": {"journal": "begun.ao", "digest": "00"}}, r"state\.digest: the journal has other"),
    ("evaluate", {**GOOD, "state": {"snapshot": "text"}}, "is no snapshot of ao-runtime"),
    ("evaluate", {**GOOD, "state": {"snapshot": "text", "sha256": "0" * 64}}, "has another SHA-256 here"),
    ("evaluate", {**GOOD, "state": {"snapshot": "pipe"}}, "cannot be read: it is no plain file"),
    ("evaluate", {**GOOD, "state": {"snapshot": "out"}}, "is outside of the shared folder"),
    (
        "evaluate",
        {**GOOD, "state": {"snapshot": "https://example.com/a", "sha256": "0" * 64}},
        "nothing is fetched from",
    ),
    ("evaluate", {**GOOD, "state": {"snapshot": "https://example.com/a"}}, "its SHA-256 must be said"),
    ("evaluate", {**GOOD, "state": {"snapshot": "file:///etc/passwd", "sha256": "0" * 64}}, "nothing is fetched from"),
    ("evaluate", {**GOOD, "state": 5}, "state: must be an object"),
    ("evaluate", {**GOOD, "environment": "[]"}, "environment: must be an object"),
    ("evaluate", {**GOOD, "environment": {"Process": {"Id": "other"}}}, "the state is of the process"),
    ("evaluate", {**GOOD, "dialect": "9"}, "there is no dialect"),
    ("evaluate", {**GOOD, "module": "text"}, "module: must be a published module"),
    ("evaluate", {**GOOD, "module": "fake.wasm"}, "fake.wasm"),
    ("evaluate", {**GOOD, "module": "../x.wasm"}, "is outside of the shared folder"),
    ("evaluate", {**GOOD, "limits": {"hard": False}}, "limits: may be instructions, memory, seconds"),
    ("evaluate", {**GOOD, "limits": {"seconds": "x"}}, r"limits\.seconds"),
    ("verify", {"journal": "none.ao"}, "there is no 'none.ao' here"),
    ("verify", {"journal": "text"}, "text: is no journal"),
    ("verify", {"journal": "folder"}, "is a folder, not a journal"),
    ("verify", {"journal": "wasm.ao"}, "module: '/etc/secret.wasm' is outside of the shared folder"),
    ("replay", {"journal": ["a.ao"]}, "journal: must be a path in the shared folder"),
    ("conform", {"scenarios": "text"}, "text:1: is no JSON"),
    ("conform", {"scenarios": "folder"}, "holds 0 scenarios"),
    ("conform", {"scenarios": "leads"}, "is outside of the shared folder"),
    ("fuzz", {"seeds": [5, 1], "messages": 1, "module": "text"}, "seeds: must be in order"),
    ("fuzz", {"seeds": [1, 10**9], "messages": 1, "module": "text"}, "not too many"),
    ("fuzz", {"seeds": "1-5", "messages": 1, "module": "text"}, "seeds: must be two numbers"),
]


@pytest.mark.parametrize(("function", "kwargs", "says"), BAD)
def test_jobs_that_make_no_sense(run: Run, tmp_path: Path, function: str, kwargs: dict[str, Any], says: str) -> None:
    """Each is refused with the argument and the reason, reads nothing outside of the folder, and leaves nothing."""
    data = tmp_path / "data"
    (data / "text").write_text("text")
    (data / "fake.wasm").write_text("text")
    (data / "folder").mkdir()
    (data / "leads").mkdir()
    (data / "out").symlink_to("/etc/passwd")
    (data / "leads/a.json").symlink_to("/etc/passwd")
    os.mkfifo(data / "pipe")
    with Process.open(data / "begun.ao", ENVIRONMENT):
        pass
    with Store.open(data / "wasm.ao") as store:
        store.begin({"engine": "wasm", "wasm": {"path": "/etc/secret.wasm", "sha256": "0" * 64, "format": None}})
    before = sorted(path.name for path in data.iterdir())
    with pytest.raises(InputError, match=says):
        run(function, **kwargs)
    assert sorted(path.name for path in data.iterdir()) == before


def test_hostile_code(run: Run) -> None:
    """Code that never ends, or takes all memory, is a message that failed; the executor's limits hold, not the job's."""
    evals = [
        "while true do end",
        "string.rep('x', 1e9):find('(.-)-y')",
        "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end",
        "return 1",
    ]
    messages = [
        FIRST,
        *({"From": "alice", "Owner": "alice", "Tags": {"Action": "Eval"}, "Data": code} for code in evals),
    ]
    most = Limits(instructions=10**6, memory="64MB", seconds=0.5)
    output = run("evaluate", messages=messages, most=most, limits={"instructions": 10**12, "seconds": 600}, **ASKED)
    found = [json.loads(text) for text in output["results"]]
    assert ["Error" in result for result in found] == [False, True, True, True, False]
    assert "instruction limit of 1000000" in found[1]["Error"]


def test_every_function_says_what_it_takes() -> None:
    """What is registered names every argument that the function knows, once, with a description."""
    assert list(FUNCTIONS) == ["evaluate", "replay", "verify", "conform", "fuzz"]
    for function in FUNCTIONS.values():
        assert len(set(function.names)) == len(function.names)
        assert all(text.endswith(".") or "]" in text for _, _, text, _ in function.arguments)
        assert function.description.endswith(".")

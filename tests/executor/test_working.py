"""What an executor says while it works, and what it does when others do not keep to the rules."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.colonies import gen_hash, gen_id
from ao_runtime.executor import Settings, Submitter, wait

from .colony import FAILED, NAME, RUNNING, SUCCESS, WAITING, Colony
from .running import ENVIRONMENT, FIRST, Running, check_whole, counts, evaluation, spec, submit
from .test_docs import working


def test_progress_and_log(colony: Colony, tmp_path: Path) -> None:
    """The channel tells how far it is at most twice a second, and that it has ended; the log begins and ends."""
    key = colony.member()
    entries: list[tuple[float, str, str]] = []

    def before(kind: str, payload: dict[str, Any], signer: str) -> None:
        if kind == "channelappendmsg":
            text = base64.b64decode(payload["payload"]).decode()
            entries.append((time.monotonic(), payload.get("payloadtype", ""), text))

    colony.before = before
    with working(colony, tmp_path):
        work = [FIRST, *counts(600, "Work", Loops=60_000)]
        (job,) = submit(colony, key, evaluation("job", 0, work))
        colony.until(job, SUCCESS)
    *told, (_, kind, text) = entries
    assert (kind, text) == ("end", "")
    assert {one for _, one, _ in told} == {""}
    said = [json.loads(text) for _, _, text in told]
    assert said[-1] == {"done": 601, "of": 601}
    assert all(one["of"] == 601 for one in said)
    done = [one["done"] for one in said]
    assert done == sorted(set(done))
    # What is told at the very end does not wait.
    times = [at for at, _, _ in told[:-1]]
    assert all(later - sooner > 0.4 for sooner, later in itertools.pairwise(times))
    assert [log["message"] for log in colony.logs] == ["begins: evaluate job", "ends"]


def test_how_far_it_is(colony: Colony, tmp_path: Path) -> None:
    """Whoever waits is told how much of all messages is done, never less than before, and all of it in the end."""
    settings = Settings(colony.url, NAME, colony.member(), data=tmp_path)
    told: list[tuple[int, int]] = []
    with working(colony, tmp_path), settings.client() as client:
        messages: list[dict[str, Any]] = [FIRST, *counts(400, "Work", Loops=40_000)]
        submitted = Submitter(settings, client).evaluate("counter", messages, None, batch=150, environment=ENVIRONMENT)
        outputs = wait(client, submitted, progress=lambda done, of: told.append((done, of)))
    assert [output["count"] for output in outputs] == [150, 150, 101]
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert all(one <= of for one, of in told)
    assert told[-1][0] == told[-1][1]


def test_the_answer_to_assign_is_lost(colony: Colony, tmp_path: Path) -> None:
    """A job that was assigned by a call whose answer never came is taken up."""
    key = colony.member()
    lost: list[str] = []

    def after(kind: str, payload: dict[str, Any], signer: str) -> bool:
        if (
            kind == "assignprocessmsg"
            and not lost
            and any(one["state"] == RUNNING for one in colony.processes.values())
        ):
            lost.append(signer)
            return False
        return True

    colony.after = after
    with working(colony, tmp_path) as said:
        (job,) = submit(colony, key, evaluation("job", 0, [FIRST, *counts(3)], 600))
        assert colony.until(job, SUCCESS)["retries"] == 0
        assert len(lost) == 1
        assert any("no answer from" in line for line in said)
        check_whole(colony, tmp_path / "counter.ao", {job: (0, 4)})


def test_a_strangers_job_comes_with_a_sign_of_life(colony: Colony, tmp_path: Path) -> None:
    """A job that asks for no processor, and so comes in the middle of another one, is done after it."""
    key = colony.member()
    with working(colony, tmp_path, sign_of_life=0.2):
        (job,) = submit(colony, key, evaluation("job", 0, [FIRST, *counts(8, "Work", Loops=6_000_000)], 600))
        colony.until(job, RUNNING)
        strange = evaluation("next", 9, counts(2), 600)
        strange.conditions.cpu = ""
        (next_,) = submit(colony, key, strange)
        colony.until(next_, RUNNING)
        assert colony.processes[job]["state"] == RUNNING
        colony.until(next_, SUCCESS)
        check_whole(colony, tmp_path / "counter.ao", {job: (0, 9), next_: (9, 2)})


def test_the_same_process_again_in_the_middle(colony: Colony, tmp_path: Path) -> None:
    """A process that lapses and comes back with a sign of life ends the attempt before it, and is done once."""
    key = colony.member()
    with working(colony, tmp_path, sign_of_life=0.2) as said:
        strange = evaluation("job", 0, [FIRST, *counts(10, "Work", Loops=10_000_000)], 600)
        strange.conditions.cpu = ""
        (job,) = submit(colony, key, strange)
        colony.until(job, RUNNING)
        time.sleep(0.3)
        with colony.changed:
            # The server takes it back before its time, and gives it to whoever asks next: the same executor.
            process = colony.processes[job]
            process.update(state=WAITING, isassigned=False, assignedexecutorid="", retries=1)
            colony.changed.notify_all()
        colony.until(job, SUCCESS, 60)
        check_whole(colony, tmp_path / "counter.ao", {job: (0, 11)})
        colony.wait(lambda: any("is done" in line for line in said))
    assert any("it was assigned to this executor once more" in line for line in said)


def test_trouble_of_a_machine_fails_nothing(colony: Colony, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a disk cannot be written the job is left to others: to fail it would be for ever."""
    from ao_runtime.errors import StateError
    from ao_runtime.executor import Data

    def full(*_: object) -> None:
        raise StateError("cannot be written: No space left on device", file="states/x")

    monkeypatch.setattr(Data, "keep", full)
    key = colony.member()
    with working(colony, tmp_path) as said:
        given = {"process": "counter", "first": 0, "messages": [FIRST], "environment": ENVIRONMENT}
        (job,) = submit(colony, key, spec("evaluate", "job", 2, 0, **given))
        assert colony.until(job, FAILED)["errors"] == ["Maximum execution time limit exceeded"]
    assert any("is left to others: trouble of this machine: states/x: cannot be written" in line for line in said)


def test_two_results_of_one_job(colony: Colony, tmp_path: Path) -> None:
    """Where the attribute of an earlier attempt says another digest, that is an alarm, and nothing is closed."""
    key = colony.member()
    with working(colony, tmp_path) as said:

        def before(kind: str, payload: dict[str, Any], signer: str) -> None:
            if kind == "addattributemsg":
                given = payload["attribute"]
                process = colony.processes[given["targetid"]]
                if not process["attributes"]:
                    id = gen_hash(f"{given['targetid']}{given['key']}{given['attributetype']}")
                    process["attributes"].append({**given, "value": "f" * 64, "attributeid": id})

        colony.before = before
        once = evaluation("job", 0, [FIRST, *counts(3)], 3)
        once.maxretries = 0
        (job,) = submit(colony, key, once)
        colony.until(job, FAILED)
        assert job not in colony.closed
    assert any("ALARM: two attempts have come to different results (ffffffff" in line for line in said)


@pytest.mark.long
def test_a_published_module(colony: Colony, tmp_path: Path, published: Path) -> None:
    """A process of a published module is evaluated on its journal and verified, by its file in the shared folder."""
    shutil.copy(published / "aos2_0_6.wasm", tmp_path / "m.wasm")
    key = colony.member()
    with working(colony, tmp_path):
        first = evaluation("begin", 0, [FIRST, *counts(3)], module="m.wasm")
        second = evaluation("more", 4, counts(3))
        ids = []
        for one in (first, second, spec("verify", "check", journal="counter.ao")):
            (id,) = submit(colony, key, one)
            ids.append(id)
            colony.until(id, SUCCESS, 120)
        check_whole(colony, tmp_path / "counter.ao", {ids[0]: (0, 4), ids[1]: (4, 3)})
        assert colony.processes[ids[2]]["out"][0]["same"] is True


def test_keys_are_nowhere(colony: Colony, tmp_path: Path) -> None:
    """Neither what an executor says nor what it tells the server holds a key; nor does its command line."""
    key = colony.member()
    sent: list[str] = []
    colony.before = lambda kind, payload, signer: sent.append(json.dumps(payload))
    with Running(colony, tmp_path, "one") as one:
        (job,) = submit(colony, key, evaluation("job", 0, [FIRST], 600))
        colony.until(job, SUCCESS)
        if os.path.isdir("/proc"):
            line = Path(f"/proc/{one.process.pid}/cmdline").read_bytes().decode()
            assert one.key not in line
            assert colony.owner not in line
    for secret in (one.key, colony.owner, key):
        assert secret not in one.said + "".join(sent)
    assert gen_id(one.key) in "".join(sent)

"""`ao-run colony`: jobs for executors, their answers, and how a colony is doing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Process
from ao_runtime.colonies import gen_prvkey
from ao_runtime.process import replay
from ao_runtime.store import Store
from tests.differential.fetch import OracleMissingError, folder
from tests.executor.colony import NAME, WAITING, Colony
from tests.executor.running import Running, results

from .kept import MESSAGES, TOKEN, transfer
from .running import Ran, ao_run


class Place:
    """A colony with two executors, which share a folder with whoever submits."""

    def __init__(self, colony: Colony, data: Path) -> None:
        self.colony, self.data = colony, data
        self.key = colony.member()
        self.env = {
            "COLONIES_URL": colony.url,
            "COLONIES_COLONY_NAME": NAME,
            "COLONIES_PRVKEY": self.key,
            "COLONIES_DATA": str(data),
        }

    def run(self, *args: str, **more: str) -> Ran:
        """`ao-run colony`."""
        return ao_run("colony", *args, env={**self.env, **more})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """It, for all tests of the file: executors take a while to begin."""
    data = tmp_path_factory.mktemp("data")
    with Colony() as colony, Running(colony, data, "one"), Running(colony, data, "two"):
        made = Place(colony, data)
        colony.wait(lambda: len(colony.functions) == 10)
        yield made


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Place]:
    """A colony without executors."""
    (tmp_path / "data").mkdir()
    with Colony() as colony:
        yield Place(colony, tmp_path / "data")


def messages(file: Path, given: list[dict[str, Any]]) -> str:
    """A file of messages."""
    file.write_text(json.dumps(given))
    return str(file)


def test_evaluate_on_a_journal(place: Place, tmp_path: Path) -> None:
    """The results of a process that begins in a colony, and goes on, are those of `ao-run handle --state`, in jobs of any size."""
    file = messages(tmp_path / "m.json", MESSAGES)
    begin = ["submit", "evaluate", "--journal", "points.ao", "--wait", "--json"]
    first = place.run(*begin, "-p", TOKEN, "--owner", "alice", "--batch", "2", file)
    second = place.run(*begin, "--batch", "3", file)
    assert (first.code, second.code) == (1, 1), (first, second)
    here = tmp_path / "points.ao"
    with Process.spawn(TOKEN, owner="alice", state=here) as process:
        process.handle_many(MESSAGES * 2)
    assert first.out + second.out == "".join(f"{line}\n" for line in results(here))
    assert results(place.data / "points.ao") == results(here)
    with Store.open(place.data / "points.ao", write=False) as store:
        assert all(one.same for one in replay(store))


def test_evaluate_for_people(place: Place, tmp_path: Path) -> None:
    """Without --json results are shown as `ao-run handle` shows them; what failed is told on stderr."""
    file = messages(tmp_path / "m.json", MESSAGES)
    there = place.run("submit", "evaluate", "-p", TOKEN, "--owner", "alice", "--wait", file)
    here = ao_run("handle", "-p", TOKEN, "--owner", "alice", file)
    _, _, answers = there.out.partition("── 1")
    assert answers[answers.index("\n") :].splitlines()[1:4] == here.out.splitlines()[1:4]
    assert "(failed)" in there.out
    assert "message 2, Transfer from alice" in there.err


def test_sent_again(place: Place, tmp_path: Path) -> None:
    """The same messages for the same place in a journal are one job: sent again they are answered from the journal."""
    file = messages(tmp_path / "m.json", MESSAGES)
    args = ["submit", "evaluate", "--journal", "again.ao", "-p", TOKEN, "--owner", "alice", "--first", "0", file]
    once, twice = (place.run(*args, "--wait", "--json") for _ in range(2))
    assert once.out == twice.out
    assert len(results(place.data / "again.ao")) == 5
    assert place.run(*args[:-1], messages(tmp_path / "n.json", [transfer("1")]), "--wait").code == 6


def test_evaluate_without_waiting(idle: Place, tmp_path: Path) -> None:
    """Without --wait the id is printed; large work is a chain, in which each job begins where the last one ends."""
    file = messages(tmp_path / "m.json", [transfer("1")] * 10)
    ran = idle.run(
        "submit", "evaluate", "--journal", "p.ao", "-p", TOKEN, "--batch", "4", "--job", "mine", file, "--json"
    )
    document = json.loads(ran.out)
    graph = idle.colony.graphs[document["id"]]
    made = {process["spec"]["label"]: process for process in idle.colony.processes.values()}
    assert sorted(graph["processids"]) == sorted(document["processes"].values())
    assert list(made) == ["mine/0", "mine/1", "mine/2"]
    assert [process["spec"]["kwargs"]["first"] for process in made.values()] == [0, 4, 8]
    assert [len(process["spec"]["kwargs"]["messages"]) for process in made.values()] == [4, 4, 3]
    assert ["environment" in process["spec"]["kwargs"] for process in made.values()] == [True, False, False]
    assert [len(process["parents"]) for process in made.values()] == [0, 1, 1]
    for process in made.values():
        spec = process["spec"]
        told = spec["maxexectime"], spec["maxretries"], spec["conditions"]["cpu"], spec["channels"]
        assert told == (900, 3, "1m", ["progress"])
    shown = idle.run("status", document["id"])
    assert shown.out.splitlines()[1:] == [f"  evaluate mine/{n}  waiting" for n in range(3)]


def test_many_messages_are_a_file(idle: Place, tmp_path: Path) -> None:
    """Messages that are too many for a job stand in a file of the shared folder, named by its SHA-256."""
    file = messages(tmp_path / "m.json", [{"From": "a", "Action": "Ping", "Data": "x" * 1000}] * 300)
    assert idle.run("submit", "evaluate", "--id", "me", file).code == 0
    (process,) = idle.colony.processes.values()
    given = process["spec"]["kwargs"]["messages"]
    assert given["count"] == 300
    assert len((idle.data / given["ref"]).read_bytes().splitlines()) == 300


def journal(file: Path, count: int) -> Path:
    """A journal of a token that keeps states on the way."""
    with Process.spawn(TOKEN, owner="alice", state=file) as process:
        for _ in range(count // 50):
            process.handle_many([transfer("1")] * 50)
            assert process._state.disk is not None
            process._state.disk._put(process._state.settled())
    return file


def test_verify(place: Place) -> None:
    """All parts together say what `ao-run verify` says of the journal, by name or by path."""
    file = journal(place.data / "verify.ao", 1000)
    there = place.run("submit", "verify", "verify.ao", "--wait", "--json")
    document = json.loads(there.out)
    here = json.loads(ao_run("verify", "--json", str(file)).out)
    assert document.pop("parts") > 2
    assert (there.code, document) == (0, here)
    assert place.run("submit", "verify", str(file), "--wait").out == "1001 messages, all as recorded\n"


def test_verify_what_differs(place: Place) -> None:
    """A difference is shown as `ao-run verify` shows it, and the exit code is the same."""
    from tests.executor.test_functions import forged

    file = journal(place.data / "other.ao", 1000)
    forged(file, 400)
    there, here = place.run("submit", "verify", "other.ao", "--wait"), ao_run("verify", str(file))
    assert (there.code, there.out) == (here.code, here.out)
    assert there.code == 1
    there, here = place.run("submit", "verify", "other.ao", "--wait", "--json"), ao_run("verify", "--json", str(file))
    assert json.loads(there.out)["difference"] == json.loads(here.out)["difference"]


def test_conform(place: Place) -> None:
    """Scenarios are compared as `ao-run conform` compares them."""
    there, here = place.run("submit", "conform", "--wait", "--json"), ao_run("conform", "--json")
    assert (there.code, json.loads(there.out)) == (here.code, json.loads(here.out))
    assert " equal, 0 explained, 0 different" in place.run("submit", "conform", "--wait").out


def test_fuzz(idle: Place) -> None:
    """Seeds are shared: each in one part, with a job that puts them together."""
    (idle.data / "m.wasm").write_bytes(b"\0asm")
    ran = idle.run(
        "submit", "fuzz", "--module", "m.wasm", "--messages", "50", "--seeds", "1-8", "--parts", "3", "--json"
    )
    specs = [process["spec"] for process in idle.colony.processes.values()]
    assert [spec["kwargs"]["seeds"] for spec in specs] == [[1, 3], [3, 6], [6, 9], [1, 9]]
    assert [spec["kwargs"].get("parts") for spec in specs] == [None, None, None, 3]
    assert specs[3]["conditions"]["dependencies"] == ["0", "1", "2"] == sorted(json.loads(ran.out)["processes"])[:3]
    wrong = idle.run("submit", "fuzz", "--module", "m.wasm", "--messages", "50", "--seeds", "8-1")
    assert (wrong.code, wrong.err) == (2, "error: --seeds: '8-1' is no range of seeds (1-8)\n")


@pytest.mark.long
def test_fuzz_what_differs(place: Place) -> None:
    """Differences that executors find are shown with both results, made small, and the exit code is 1."""
    try:
        module = folder() / "modules/aos2_0_6.wasm"
    except OracleMissingError as error:
        pytest.skip(str(error))
    (place.data / "m.wasm").write_bytes(module.read_bytes())
    args = ["submit", "fuzz", "--module", "m.wasm", "--messages", "3", "--seeds", "1-2", "--parts", "2", "--wait"]
    ran = place.run(*args, "--dialect", "1")
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == (
        "6 generated messages to 6 processes (seeds 1 to 2): 6 differences, 0 more explained"
    )
    assert ran.out.count("── fuzz-1-") == ran.out.count("── fuzz-2-") == 3
    document = json.loads(place.run(*args, "--json").out)
    assert (document["same"], document["messages"], document["findings"]) == (True, 6, [])


def test_a_job_that_fails(place: Place, tmp_path: Path) -> None:
    """What an executor says of a job that can never be done is the error, without a traceback; exit code 6."""
    (place.data / "bad.wasm").write_text("no module")
    ran = place.run(
        "submit", "fuzz", "--module", "bad.wasm", "--messages", "5", "--seeds", "1-4", "--parts", "2", "--wait"
    )
    assert ran.code == 6
    assert ran.err.startswith("error: the job fuzz-")
    assert "bad.wasm" in ran.err
    graph = list(place.colony.graphs)[-1]
    assert place.run("status", graph).code == 1
    document = json.loads(place.run("status", graph, "--json").out)
    assert (document["state"], {one["state"] for one in document["processes"]} >= {"failed"}) == ("failed", True)


def test_status(place: Place) -> None:
    """The executors with what they offer, and how many jobs are in which state."""
    document = json.loads(place.run("status", "--json").out)
    ours = [one for one in document["executors"] if one["type"] == "ao-runtime"]
    assert sorted(one["name"] for one in ours) == ["one", "two"]
    assert all(one["functions"] == ["conform", "evaluate", "fuzz", "replay", "verify"] for one in ours)
    lines = place.run("status").out.splitlines()
    assert lines[0].startswith(f"{NAME}: 0 waiting, 0 running, ")
    assert any(line.startswith("one ") and "approved  conform, evaluate" in line for line in lines)


WRONG: list[tuple[list[str], dict[str, str], int, str]] = [
    (["status"], {"COLONIES_PRVKEY": ""}, 2, "key: there is no private key to sign with (set COLONIES_PRVKEY, or give"),
    (["status"], {"COLONIES_PRVKEY": "xyz"}, 2, "prvkey: is no private key"),
    (["status"], {"COLONIES_COLONY_NAME": ""}, 2, "colony: is not named"),
    (["status", "--colony", "beta"], {}, 6, "Colony with name <beta> does not exists"),
    (["status"], {"COLONIES_PRVKEY": "1" * 64}, 6, "Access denied, not a member of Colony"),
    (["status", "--url", "http://127.0.0.1:1/api"], {}, 6, "no answer from http://127.0.0.1:1/api"),
    (["status", "--url", "nowhere"], {}, 2, "url: "),
    (["status", "f" * 64], {}, 2, "is no process and no workflow"),
    (["status", "--config", "/no/such/file"], {}, 2, "/no/such/file: cannot be read"),
    (["submit", "verify", "none.ao"], {}, 5, "there is no such journal"),
    (["submit", "verify", "/etc/passwd"], {}, 2, "/etc/passwd: is outside of the folder that executors share"),
    (["submit", "evaluate", "none.json"], {}, 2, "none.json: cannot be read"),
    (["submit", "evaluate", "--journal", "a", "--snapshot", "b", "-"], {}, 2, "evaluate on one of them"),
    (["submit", "evaluate", "--journal", "a.ao", TOKEN], {}, 2, "is no JSON"),
    (["executor"], {"COLONIES_PRVKEY": "2" * 64}, 2, "executor: no executor of the colony alpha has this key"),
    (["executor", "--data", "/no/such"], {}, 2, "data: /no/such is no folder"),
    (["executor"], {}, 2, "the executor submitter is of the type people, not ao-runtime"),
    (["executor", "--limit-memory", "lots"], {}, 2, "is no size"),
]


@pytest.mark.parametrize(("args", "env", "code", "says"), WRONG)
def test_what_is_wrong(idle: Place, args: list[str], env: dict[str, str], code: int, says: str) -> None:
    """It is told in a line, with what to do; nobody's key is in it."""
    ran = idle.run(*args, **env)
    assert (ran.code, says in ran.err) == (code, True), ran
    assert idle.key not in ran.err
    assert "Traceback" not in ran.err


def test_an_executor_without_the_owners_key(idle: Place) -> None:
    """An executor that the owner has added must be approved; one that was rejected says so."""
    key = gen_prvkey()
    from ao_runtime.colonies import gen_id

    idle.colony._new_executor(gen_id(key), "new", "ao-runtime")
    ran = idle.run("executor", COLONIES_PRVKEY=key)
    assert (ran.code, ran.err) == (
        2,
        "error: executor: the executor new is not approved in the colony alpha (its owner approves it)\n",
    )
    idle.colony.executors["new"]["state"] = 2
    assert "the executor new was rejected" in idle.run("executor", COLONIES_PRVKEY=key).err
    assert idle.run("executor", "--name", "other", COLONIES_PRVKEY=key).code == 2


def test_registered_once(idle: Place) -> None:
    """An executor that begins again registers nothing twice, and what has changed anew."""
    with Running(idle.colony, idle.data, "one") as one:
        idle.colony.wait(lambda: len(idle.colony.functions) == 5)
    before = dict(idle.colony.functions)
    changed = next(id for id, function in before.items() if function["funcname"] == "verify")
    idle.colony.functions[changed] = {**before[changed], "description": "of old"}
    with Running(idle.colony, idle.data, "one", key=one.key) as again:
        idle.colony.wait(lambda: "takes jobs" in again.said)
    assert sorted(one["funcname"] for one in idle.colony.functions.values()) == [
        "conform", "evaluate", "fuzz", "replay", "verify",
    ]  # fmt: skip
    assert set(before) - set(idle.colony.functions) == {changed}
    arguments = next(one for one in idle.colony.functions.values() if one["funcname"] == "verify")["args"]
    assert {"name", "type", "description", "required"} == set(arguments[0])


def test_a_server_that_comes_later(tmp_path: Path) -> None:
    """An executor waits for a server that is not there, and an unanswered submit is looked for before it is sent again."""
    with Colony() as colony:
        place = Place(colony, tmp_path)
        lost: list[str] = []

        def after(kind: str, payload: dict[str, Any], signer: str) -> bool:
            if kind in ("submitfuncspecmsg", "submitworkflowspecmsg") and not lost:
                lost.append(kind)
                return False
            return True

        colony.after = after
        file = messages(tmp_path / "m.json", [transfer("1")] * 3)
        assert place.run("submit", "evaluate", "--id", "me", file).code == 0
        assert (len(colony.processes), lost) == (1, ["submitfuncspecmsg"])
        lost.clear()
        assert place.run("submit", "evaluate", "--id", "me", "--batch", "1", file).code == 0
        assert (len(colony.processes), lost) == (4, ["submitworkflowspecmsg"])
        assert all(process["state"] == WAITING for process in colony.processes.values())

"""cu on its own: it answers what the cu of a whole network answers, of the scheduler's order alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ao_run
from tests.units.serving import ALICE, BOB, Served, eventually, message

CODE = """
Count = 0
Handlers.add("Ping", "Ping", function(msg) Count = Count + 1 msg.reply({ Action = "Pong", Data = msg.Data }) end)
Handlers.add("Forward", "Forward", function(msg) Send({ Target = msg.Tags.To, Action = "Ping", Data = "on" }) end)
Handlers.add("Fail", "Fail", function() error("it failed") end)
Handlers.add("Seen", "Seen", function(msg) print(require("json").encode(msg)) end)
"""


@pytest.fixture(scope="module")
def alone(whole: Served) -> Iterator[Served]:
    """The unit."""
    served = lone(whole)
    try:
        yield served
    finally:
        served.close()


def lone(whole: Served, *more: str) -> Served:
    """A compute unit that follows a network's scheduler."""
    return Served("--unit", "cu", "--su", whole.urls["su"], "--gateway", whole.urls["gateway"], *more)


def same(whole: Served, alone: Served, path: str, **query: Any) -> Any:
    """What both answer; it is the same."""
    wanted, found = (one.get("cu", path, **query) for one in (whole, alone))
    assert (found.status_code, found.json()) == (wanted.status_code, wanted.json())
    return found.json()


def test_results(whole: Served, alone: Served) -> None:
    """Of a boot, of messages from wallets and from processes, of errors and assignments; pages with their cursors."""
    first, second = whole.spawn(CODE), whole.spawn(CODE)
    ids = [
        whole.message(first, "Ping", "x"),
        whole.message(first, "Fail"),
        whole.message(first, "Forward", To=second),
        whole.message(first, "Seen", b"\xff\xfe", Owner="no", From="nor this"),
        whole.message(first, "Eval", "return Count"),
    ]
    eventually(lambda: len(whole.get("su", f"/{second}").json()["edges"]) == 2)
    assigned = whole.http.post(whole.urls["mu"], params={"process-id": second, "assign": ids[0]}).json()["id"]
    for id in [first, *ids]:
        same(whole, alone, f"/result/{id}", **{"process-id": first})
    for edge in whole.get("su", f"/{second}").json()["edges"]:
        same(whole, alone, f"/result/{edge['node']['assignment']['id']}", **{"process-id": second})
    same(whole, alone, f"/result/{assigned}", **{"process-id": second})
    page = same(whole, alone, f"/results/{first}", limit=2)
    same(whole, alone, f"/results/{first}", **{"from": page["edges"][0]["cursor"]})
    same(whole, alone, f"/results/{first}", sort="DESC")
    wanted, found = (one.get("cu", f"/state/{first}") for one in (whole, alone))
    for name in ("Last-Timestamp", "Last-Ordinate", "Last-Block-Height"):
        assert found.headers[name] == wanted.headers[name]


def test_dry_runs(whole: Served, alone: Served) -> None:
    """They see the last message that the scheduler has, and leave nothing."""
    process = whole.spawn(CODE)
    whole.message(process, "Ping")
    asked = {"Id": "1234", "Owner": ALICE.ao_address, "Tags": [{"name": "Action", "value": "Eval"}], "Data": "x"}
    for code in ("return Count", "Count = 7 return ao.env.Process.Id", "return require('json').encode(Inbox)"):
        found = [
            one.http.post(one.urls["cu"] + "/dry-run", params={"process-id": process}, json={**asked, "Data": code})
            for one in (whole, alone)
        ]
        assert found[0].json() == found[1].json()


def test_questions_about_nothing(whole: Served, alone: Served) -> None:
    """An unknown message, an unknown process, no process at all, no id."""
    process = whole.spawn(CODE)
    unknown = "u" * 43
    same(whole, alone, f"/result/{unknown}", **{"process-id": process})
    same(whole, alone, f"/result/{unknown}", **{"process-id": unknown})
    same(whole, alone, f"/result/{unknown}")
    same(whole, alone, "/result/short", **{"process-id": process})
    same(whole, alone, f"/results/{unknown}")
    same(whole, alone, f"/cron/{unknown}")


def test_it_follows(whole: Served, alone: Served) -> None:
    """What comes later is read later, and only that; pages show what was evaluated here, nothing else."""
    process = whole.spawn(CODE)
    assert alone.get("cu", f"/results/{process}").json()["edges"] == []
    for number in range(3):
        id = whole.message(process, "Ping", f"{number}")
        assert alone.result(process, id)["Messages"][0]["Data"] == f"{number}"
    assert len(alone.get("cu", f"/results/{process}").json()["edges"]) == 4


def test_ticks(whole: Served, alone: Served) -> None:
    """Ticks come where the network's own unit has them, with the heights of the gateway's blocks."""
    crons = (("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Tick"), ("Cron-Interval", "1-block"))
    code = 'Ticks = {} Handlers.add("Tick", function(m) return m.Cron end, function(m) table.insert(Ticks, m) end)'
    process = whole.spawn(code, tags=crons)
    before = whole.message(process, "Eval", "return #Ticks")
    eventually(lambda: len(alone.get("cu", f"/cron/{process}").json()["edges"]) >= 2)
    last = whole.message(process, "Eval", "return require('json').encode(Ticks)")
    for id in (before, last):
        same(whole, alone, f"/result/{id}", **{"process-id": process})
    same(whole, alone, f"/results/{process}")


def test_in_a_folder(whole: Served, tmp_path: Path) -> None:
    """What was evaluated is there again, also after a kill; and no whole network is made of it."""
    process = whole.spawn(CODE)
    folder = str(tmp_path / "cu")
    ids = [whole.message(process, "Ping", f"{number}") for number in range(5)]
    unit = lone(whole, folder)
    first = unit.result(process, ids[-1])
    address = unit.ready["addresses"]
    unit.process.kill()
    unit.close()
    ids.append(whole.message(process, "Ping", "later"))
    again = lone(whole, folder)
    try:
        assert again.ready["addresses"] == address
        assert len(again.get("cu", f"/results/{process}").json()["edges"]) == 6
        assert again.result(process, ids[-2]) == first
        same(whole, again, f"/result/{ids[-1]}", **{"process-id": process})
    finally:
        again.close()
    ran = ao_run("serve", folder, "--port", "0")
    assert (ran.code, f"--unit cu --su {whole.urls['su']}" in ran.err) == (2, True)
    ran = ao_run("net", "send", folder, process, "Ping")
    assert (ran.code, whole.urls["su"] in ran.err) != (0, False)


def test_data_of_the_gateway(whole: Served, alone: Served) -> None:
    """A boot from uploaded code, and what a process reads as /data/ID, come from there."""
    from ao_runtime.items import DataItem

    item = DataItem.create("Booted = 'from afar'", tags={"Content-Type": "text/x-lua"}, wallet=BOB)
    assert whole.http.post(whole.urls["uploader"] + "/tx", content=bytes(item)).status_code == 200
    process = whole.spawn("", **{"On-Boot": item.id})
    id = whole.message(process, "Eval", f"return Booted .. #io.open('/data/{item.id}'):read('a')")
    assert alone.result(process, id)["Output"]["data"] == "from afar20"


def test_a_message_to_another(whole: Served, alone: Served) -> None:
    """Of an assigned message the unit has only the id from the scheduler, and the rest from the gateway."""
    first, second = whole.spawn(CODE), whole.spawn(CODE + "ao.addAssignable('all', function() return true end)")
    item = message(first, "seen by another", Action="Seen", Owner="x")
    assert whole.send(item).status_code == 202
    for exclude in ("", "Data", "Tags,Anchor"):
        told = whole.http.post(
            whole.urls["su"],
            params={"process-id": second, "assign": item.id, **({"exclude": exclude} if exclude else {})},
        ).json()
        same(whole, alone, f"/result/{told['id']}", **{"process-id": second})

"""Every call of the client on a network that is served."""

from __future__ import annotations

import pytest

from ao_runtime import HttpError, InputError
from tests.units.serving import ALICE, BOB, Served, eventually

from .both import Connect

CODE = """
Count = 0
Handlers.add("Add", "Add", function(msg) Count = Count + 1 msg.reply({ Action = "Added", Data = msg.Data .. Count }) end)
Handlers.add("Who", "Who", function(msg) print(msg.From) end)
Handlers.add("Size", "Size", function(msg) print(#msg.Data) end)
"""
BOOT = {"On-Boot": "Data"}


def test_spawn_send_and_read(server: Served, connecting: Connect) -> None:
    """A process starts with its code, takes messages of any shape, and its results are `Result`s."""
    with connecting(server.urls["gateway"], wallet=ALICE) as ao:
        process = ao.spawn(CODE, tags=BOOT)
        id = ao.message(process, Action="Add", Data="a")
        found = ao.result(process, id)
        assert (found.ok, found.messages[0].data, found.messages[0].target) == (True, "a1", ALICE.address)
        assert found.gas_used > 0
        other = ao.message(process, {"Tags": [{"name": "Action", "value": "Add"}], "Data": "b"}, wallet=BOB)
        [answer] = ao.result(process, other).messages
        assert (answer.target, answer.action, answer.data) == (BOB.address, "Added", "b2")
        assert ao.result(process, process).ok
        large = ao.message(process, Action="Size", Data=b"\xff" * (1 << 20))
        assert str(3 << 20) in ao.result(process, large).text


def test_what_the_network_is_told(server: Served, connecting: Connect) -> None:
    """A process has the network's scheduler and messenger in its tags, unless somebody says otherwise."""
    with connecting(server.urls["gateway"], wallet=ALICE) as ao:
        for given, scheduler, authority in (
            ({}, server.scheduler, server.messenger),
            ({"scheduler": BOB.address, "authority": BOB.address}, BOB.address, BOB.address),
        ):
            process = ao.spawn(**given)
            told = server.get("su", f"/processes/{process}").json()
            tags = {tag["name"]: tag["value"] for tag in told["tags"]}
            assert (tags["Scheduler"], tags["Authority"], tags["SDK"]) == (scheduler, authority, "aoconnect")
            assert (told["data"], tags["Content-Type"]) == (" ", "text/plain")


def test_errors_of_a_process_are_results(server: Served, connecting: Connect) -> None:
    """An evaluation that fails gives a `Result` with its error."""
    with connecting(server.urls["gateway"], wallet=ALICE) as ao:
        process = ao.spawn()
        found = ao.result(process, ao.message(process, Action="Eval", Data="error('it failed')"))
        assert (found.ok, "it failed" in found.error) == (False, True)


def test_pages(server: Served, connecting: Connect) -> None:
    """Results page by page, both ways."""
    with connecting(server.urls["gateway"], wallet=ALICE) as ao:
        process = ao.spawn(CODE, tags=BOOT)
        for letter in "abc":
            ao.message(process, Action="Add", Data=letter)

        def texts(page: object) -> list[str]:
            return [one.messages[0].data for one in page.results if one.messages]  # type: ignore[attr-defined]

        first = ao.results(process, limit=2)
        assert (texts(first), first.more) == (["a1"], True)
        rest = ao.results(process, from_=first.edges[-1].cursor)
        assert (texts(rest), rest.more) == (["b2", "c3"], False)
        assert texts(ao.results(process, sort="DESC", limit=2)) == ["c3", "b2"]


def test_dry_runs(server: Served, connecting: Connect) -> None:
    """They answer and leave nothing; they are from the wallet, or from whom the message names."""
    with connecting(server.urls["gateway"], wallet=ALICE) as ao:
        process = ao.spawn(CODE, tags=BOOT)
        for _ in range(2):
            assert ao.dryrun(process, Action="Add", Data="x").messages[0].data == "x1"
        assert ao.dryrun(process, Action="Who").text == ALICE.address
        assert ao.dryrun(process, Action="Who", Owner="somebody").text == "somebody"


def test_assignments_and_monitors(server: Served, connecting: Connect) -> None:
    """A message is evaluated by another process as well; ticks send while they are monitored."""
    with connecting(server.urls["gateway"], wallet=ALICE) as ao:
        one = ao.spawn(CODE, tags=BOOT)
        id = ao.message(one, Action="Add", Data="x")
        other = ao.spawn("ao.addAssignable('any', function() return true end)" + CODE, tags=BOOT)
        assert ao.result(other, ao.assign(other, id)).messages[0].data == "x1"
        code = f"Handlers.add('T', 'T', function() Send({{ Target = '{one}', Action = 'Add', Data = 't' }}) end)"
        cron = ao.spawn(code, tags=[*BOOT.items(), ("Cron-Interval", "1-second"), ("Cron-Tag-Action", "T")])
        assert len(ao.monitor(cron)) == 43
        eventually(lambda: any("t" in r.messages[0].data for r in ao.results(one).results if r.messages))
        assert len(ao.unmonitor(cron)) == 43
        with pytest.raises(HttpError, match="Process monitor not found") as caught:
            ao.unmonitor(cron)
        assert (caught.value.unit, caught.value.status) == ("mu", 500)


def test_what_units_refuse(server: Served, connecting: Connect) -> None:
    """`HttpError` with unit, URL, status and body; and its text says all that."""
    nobody = "A" * 43
    with connecting(server.urls["gateway"], wallet=ALICE, retries=0) as ao:
        process = ao.spawn()
        with pytest.raises(HttpError, match="there is no process") as caught:
            ao.message(nobody, Action="Hi")
        assert (caught.value.unit, caught.value.status) == ("mu", 400)
        assert str(caught.value).startswith(f"mu {server.urls['gateway']}/mu: 400 ")
        with pytest.raises(HttpError, match="Message or Process not found") as caught:
            ao.result(process, nobody)
        assert (caught.value.unit, caught.value.status, list(eval(caught.value.body))) == ("cu", 500, ["error"])
        with pytest.raises(HttpError, match=f"there is no module {nobody}"):
            ao.spawn(module=nobody)
        with pytest.raises(HttpError, match="no message"):
            ao.assign(process, nobody)


def test_what_makes_no_sense_asks_nobody(connecting: Connect) -> None:
    """Ids that are none, nobody who signs, units that were not given: `InputError`, before anything is sent."""
    nowhere, id = "http://localhost:1", "A" * 43
    with connecting(mu=nowhere, cu=nowhere) as ao:
        with pytest.raises(InputError, match="wallet: is needed to sign"):
            ao.message(id, Action="Hi")
        with pytest.raises(InputError, match="process: must be an id"):
            ao.result("../" + id, id)
        with pytest.raises(InputError, match="sort: must be ASC or DESC"):
            ao.results(id, sort="UP")
        with pytest.raises(InputError, match="gateway: was not given"):
            ao.spawn(wallet=ALICE)
        with pytest.raises(InputError, match=r"Tags\[0\].value: must be text"):
            ao.message(id, {"Tags": [{"name": "a", "value": 1}]}, wallet=ALICE)
    for options in (
        {},
        {"url": "localhost:4000"},
        {"mu": "ftp://a"},
        {"url": nowhere, "timeout": 0},
        {"url": nowhere, "retries": -1},
    ):
        with pytest.raises(InputError):
            connecting(**options)

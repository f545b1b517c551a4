"""Pages of results and of ticks: where they begin and end, and how long they are (spec: units, cu)."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.network import Network

from .in_memory import asked

Place = tuple[int, int, str]


def place(cursor: str) -> Place:
    """What a cursor names."""
    told = json.loads(b64decode(cursor))
    return told["timestamp"], int(told["ordinate"]), told.get("cron", "")


def pages(network: Network, *paths: str) -> list[tuple[list[str], bool]]:
    """Cursors, and whether there are more, of each path."""
    found = []
    for answer in asked(network, [("GET", path) for path in paths]):
        assert answer.status_code == 200, answer.text
        told = answer.json()
        found.append(([edge["cursor"] for edge in told["edges"]], told["pageInfo"]["hasNextPage"]))
    return found


def ticking() -> tuple[Network, str]:
    """A process with two intervals, a message, errors, and more ticks that are due after it."""
    network = Network(signed=True)
    code = """
    Handlers.add("Tick", "Tick", function(msg) if msg.Timestamp // 1000 % 7 == 0 then error("no") end end)
    """
    tags = [("Cron-Interval", "1-second"), ("Cron-Tag-Action", "Tick"), ("Cron-Interval", "5-seconds")]
    process = network.spawn(code=code, owner="alice", tags=[*tags, ("Cron-Tag-Action", "Other")])
    network.clock.advance("10s")
    network.wallet("alice").send(process, Action="Between")
    network.clock.advance("995s")
    return network, process.id


@pytest.fixture(scope="module")
def ticked() -> tuple[Network, str]:
    """The same, all of it evaluated."""
    network, id = ticking()
    asked(network, [("GET", f"/cu/cron/{id}?limit=1")])
    return network, id


def test_ticks_are_evaluated_by_who_asks() -> None:
    """`/cron` evaluates what is due by now, `/results` nothing; 500 are given, or up to 1000; always the oldest first."""
    network, id = ticking()
    evaluations = network.compute.unit(id).evaluations
    before, good = len(evaluations), sum(one.result is not None and one.result.ok for one in evaluations)
    [(results, more)] = pages(network, f"/cu/results/{id}?limit=1000")
    assert (len(evaluations), more, len(results), good < before) == (before, False, good, True)
    first, whole, newest = pages(
        network, f"/cu/cron/{id}", f"/cu/cron/{id}?limit=100000", f"/cu/cron/{id}?sort=DESC&limit=3"
    )
    assert (len(first[0]), first[1], len(whole[0]), whole[1]) == (500, True, 1000, True)
    assert (whole[0][:500], whole[0][:3], newest[1]) == (first[0], newest[0], True)
    assert all(place(cursor)[2] in ("0-1-second", "1-5-seconds") for cursor in whole[0])
    [(rest, more)] = pages(network, f"/cu/cron/{id}?from={whole[0][-1]}")
    kept = [one for one in evaluations if one.tick is not None and one.result is not None and one.result.ok]
    assert (len(rest) + 1000, more) == (len(kept), False)
    [(between, _)] = pages(network, f"/cu/cron/{id}?from={whole[0][4]}&to={whole[0][9]}")
    assert between == whole[0][5:10]
    assert {place(cursor)[1] for cursor in (*whole[0], *rest)} == {0, 1}, "the nonce of the message before"


def test_the_order_is_that_of_time_ordinate_and_cron(ticked: tuple[Network, str]) -> None:
    """Two intervals that are due in one second stand in the order of their numbers, before the message of that time."""
    network, id = ticked
    [(cursors, _)] = pages(network, f"/cu/results/{id}?limit=20")
    places = [place(cursor) for cursor in cursors]
    assert places == sorted(places)
    began = places[0][0]
    both = [(one[0] - began) // 1000 for one in places if one[2] == "1-5-seconds"]
    assert both == [5, 10, 15]
    at = places.index((began + 5000, 0, "1-5-seconds"))
    assert places[at - 1] == (began + 5000, 0, "0-1-second")
    message = places.index((began + 10_000, 1, ""))
    assert places[message - 1] == (began + 10_000, 0, "1-5-seconds")
    assert places[message + 1][1:] == (1, "0-1-second")


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 30), st.integers(0, 30), st.sampled_from(["ASC", "DESC"]), st.integers(1, 12), st.sampled_from("cn")
)
def test_from_is_left_out_and_to_is_in(
    ticked: tuple[Network, str], low: int, high: int, sort: str, limit: int, form: str
) -> None:
    """In both orders, whatever lies between, by cursors and by plain timestamps; the order in a cursor wins."""
    network, id = ticked
    [(everything, _)] = pages(network, f"/cu/results/{id}?limit=40")
    places = [place(cursor) for cursor in everything]
    first, last = everything[low], everything[high]
    if form == "n":
        first, last = (str(place(cursor)[0]) for cursor in (first, last))
        wanted = [one for one in places if int(first) < one[0] <= int(last)]
    else:
        first, last = (_sorted(cursor, sort) for cursor in (first, last))
        wanted = [one for one in places if places[low] < one <= places[high]]
    if sort == "DESC":
        wanted.reverse()
    # With cursors the query says the other order: theirs wins.
    said = sort if form == "n" else {"ASC": "DESC", "DESC": "ASC"}[sort]
    path = f"/cu/results/{id}?from={first}&to={last}&sort={said}&limit={limit}"
    [(cursors, more)] = pages(network, path)
    assert ([place(cursor) for cursor in cursors], more) == (wanted[:limit], len(wanted) > limit)
    assert {json.loads(b64decode(cursor))["sort"] for cursor in cursors} <= {sort}


@pytest.mark.parametrize("sort", ["ASC", "DESC"])
def test_page_by_page_each_tick_comes_once(sort: str) -> None:
    """Also those of one second: a dozen intervals of time, and one of blocks, whose names come in another order."""
    network = Network(signed=True)
    every = ["1-second"] * 12 + ["2-blocks"]
    tags = [tag for interval in every for tag in (("Cron-Interval", interval), ("Cron-Tag-Action", "T"))]
    process = network.spawn(code="", owner="alice", tags=tags)
    network.clock.mine(2)
    network.clock.advance("3s")
    asked(network, [("GET", f"/cu/cron/{process}?limit=1")])
    [(whole, _)] = pages(network, f"/cu/results/{process}?limit=1000&sort={sort}")
    places = [place(cursor) for cursor in whole]
    assert (len(places), places) == (38, sorted(places, reverse=sort == "DESC"))
    found: list[Place] = []
    last, more = "", True
    while more:
        # `to` is in: going down, the last one comes again first.
        edge = last and f"&{'from' if sort == 'ASC' else 'to'}={last}"
        [(cursors, more)] = pages(network, f"/cu/results/{process}?limit=5&sort={sort}{edge}")
        found += [place(cursor) for cursor in cursors[1 if found and sort == "DESC" else 0 :]]
        last = cursors[-1]
    assert found == places


def _sorted(cursor: str, sort: str) -> str:
    told: dict[str, Any] = {**json.loads(b64decode(cursor)), "sort": sort}
    return b64encode(json.dumps(told).encode()).decode().replace("+", "%2B")

"""The order that a scheduler alone makes, against that of a whole network's; and what lies in its file."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.errors import JournalError, RefusedError
from ao_runtime.items import DataItem, Wallet
from ao_runtime.network import Assignment, Clock, Item, Scheduler, SignedMaker, item_of_signed
from ao_runtime.network.storage import Storage
from ao_runtime.units.alone.database import Database
from ao_runtime.units.alone.places import SCHEMA, KeptPlaces
from ao_runtime.units.alone.placing import Placing

from ..serving import ALICE

UNIT = Wallet.from_ed25519(b"u" * 32)
ID = "i" * 42 + "A"


def item(number: int, target: str | None = None) -> Item:
    """The same process or message for the same number."""
    tags = {"Data-Protocol": "ao", "Type": "Message" if target else "Process", "Module": ID, "Scheduler": ID}
    return item_of_signed(DataItem.create(str(number), target=target, tags=tags, wallet=ALICE))


PROCESSES = [item(number) for number in range(3)]
MESSAGES = [item(number, PROCESSES[number % 3].id) for number in range(6)]
KNOWN = [*PROCESSES, *MESSAGES]
#: A process or message to be taken; a message to be assigned; time that goes by.
STEPS = st.one_of(
    st.sampled_from(KNOWN).map(lambda one: ("take", one)),
    st.tuples(
        st.just("assign"),
        st.sampled_from(PROCESSES),
        st.sampled_from(KNOWN),
        st.lists(st.sampled_from(("Data", "Tags", "Anchor")), max_size=2, unique=True).map(tuple),
    ),
    st.tuples(st.just("wait"), st.sampled_from((0, 1, 400, 200_000))),
)


class Both:
    """A scheduler of a network and one alone, with one clock and one key; what each says of a step."""

    def __init__(self, file: Path | None = None) -> None:
        self.clock = Clock()
        maker = SignedMaker()
        maker.add(UNIT)
        self.scheduler = Scheduler(UNIT.ao_address, self.clock, maker, Storage())
        self.database = Database(file, SCHEMA)
        self.placing = Placing(UNIT, lambda: (self.clock.now, self.clock.height))

    def step(self, *step: Any) -> tuple[Any, Any]:
        """Do it on both sides."""
        if step[0] == "wait":
            self.clock.advance(step[1] / 1000)
            return None, None
        if step[0] == "assign":
            _, process, message, exclude = step
            # Whether a message is known is asked elsewhere.
            if self.scheduler.message(message.id) is None:
                return None, None
            return (
                said(lambda: self.scheduler.assign(process.id, message.id, exclude)),
                said(lambda: self.placed(lambda c: self.placing.assign(c, process.id, message.id, exclude))),
            )
        one = step[1]
        give = self.scheduler.begin if one.is_process else self.scheduler.accept
        return said(lambda: give(one)), said(lambda: self.placed(lambda c: self.placing.place(c, one)))

    def placed(self, job: Any) -> Assignment:
        """In a transaction of its own."""
        with self.database.writing() as connection:
            given = job(connection)
        assert isinstance(given, Assignment)
        return given


def said(give: Any) -> Any:
    """The place, or that there is none."""
    try:
        return give().to_wire()
    except RefusedError as error:
        # An unknown process has the words of the unit's answer here.
        return "refused" if "process" in error.problem.lower() else error.problem


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25), st.randoms(use_true_random=False))
def test_its_order_is_that_of_a_network(steps: list[Any], chance: random.Random) -> None:
    """The same steps give the same places, to the signature, also after what was remembered is forgotten; so it reads."""
    both = Both()
    try:
        for step in steps:
            if chance.random() < 0.2:
                both.placing.forget()
            expected, found = both.step(*step)
            assert found == expected
        places = KeptPlaces(both.database.writer, UNIT.ao_address)
        for process in PROCESSES:
            if process.id not in both.scheduler:
                assert places.page(process.id, -1, 10**16, 9, by_nonce=True) is None
                continue
            wanted = [one.to_wire() for one in both.scheduler.schedule(process.id).assignments]
            for by_nonce in (True, False):
                page = places.page(process.id, -1, 10**16, 1000, by_nonce=by_nonce)
                assert page is not None
                assert ([one.to_wire() for one in page[0]], page[1]) == (wanted, False)
            edge = [places.first(process.id), places.last(process.id)]
            assert [one and one.to_wire() for one in edge] == [wanted[0], wanted[-1]]
            for one in both.scheduler.schedule(process.id).assignments:
                for id in (one.id, one.item.id):
                    expected_place, found_place = both.scheduler.find(process.id, id), places.find(process.id, id)
                    assert expected_place is not None
                    assert found_place is not None
                    assert found_place.to_wire() == expected_place.to_wire()
    finally:
        both.database.close()


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    """A transaction that breaks off is as if it had not been, also for who remembers the last places."""
    both = Both(tmp_path / "scheduler.db")
    process, message = PROCESSES[0], MESSAGES[0]
    first = both.placed(lambda c: both.placing.place(c, process))

    def broken(connection: sqlite3.Connection) -> None:
        both.placing.place(connection, message)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        both.placed(broken)
    both.placing.forget()
    second = both.placed(lambda c: both.placing.place(c, message))
    assert (first.nonce, second.nonce) == (0, 1)
    both.database.close()
    again = Database(tmp_path / "scheduler.db", SCHEMA)
    kept = KeptPlaces(again.writer, UNIT.ao_address).page(process.id, -1, 9, 9, by_nonce=True)
    assert kept is not None
    assert [one.to_wire() for one in kept[0]] == [first.to_wire(), second.to_wire()]
    again.close()


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 99",
        "CREATE TABLE more (a)",
        "CREATE TRIGGER evil AFTER INSERT ON places BEGIN DELETE FROM places; END",
        "DROP INDEX digests",
    ],
)
def test_a_file_that_is_none_of_ours(tmp_path: Path, change: str) -> None:
    """Other tables, a trigger among ours, a later version: it is not opened."""
    file = tmp_path / "scheduler.db"
    Database(file, SCHEMA).close()
    with sqlite3.connect(file) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(JournalError, match="holds no places"):
        Database(file, SCHEMA)


def test_a_damaged_item_is_told(tmp_path: Path) -> None:
    """What lies in the file is read as carefully as what a stranger sends."""
    both = Both(tmp_path / "scheduler.db")
    both.placed(lambda c: both.placing.place(c, PROCESSES[0]))
    with both.database.writing() as connection:
        connection.execute("UPDATE places SET raw = x'00ff'")
    with pytest.raises(JournalError, match="is damaged: message 0"):
        KeptPlaces(both.database.writer, UNIT.ao_address).first(PROCESSES[0].id)
    both.database.close()

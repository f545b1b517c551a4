"""`Effects`: what a result asks a messenger for, as signed items that are to be carried (spec: units, mu)."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from ...errors import ItemError
from ...items import DataItem, Wallet
from ...models import Result
from ...network import (
    Delivery,
    Evaluation,
    deliveries_of,
    is_id,
    lossy,
    message_parts,
    sender_tail,
    spawn_tags,
    spawned_tags,
    stops_at,
)
from .carried import Carried, Kind
from .directory import Directory

__all__ = ["Effects"]

_OUTBOX = ("Messages", "Spawns", "Assignments")


class Effects:
    """Makes items of outboxes, signed by the messenger's key. The same outbox always gives the same items."""

    def __init__(self, wallet: Wallet, directory: Directory) -> None:
        self._wallet = wallet
        self._directory = directory

    async def of(self, process: str, result: Any, pushed_for: str | None) -> tuple[list[Carried], bool]:
        """What is carried of a result of a process, and whether the result can be carried at all.

        What no messenger can deliver is left out. Raises `HttpError` where the scheduler does not answer.
        """
        told = result if isinstance(result, dict) and not result.get("Error") else {}
        wire = {name: told.get(name) or [] for name in _OUTBOX}
        evaluation = Evaluation(process, 0, 0, Result.of_wire(wire))
        deliveries = deliveries_of(evaluation, pushed_for)
        if evaluation.problem is not None:
            return [], False
        found = []
        for delivery in deliveries:
            if delivery.problem is None:
                row = await self._one(delivery)
                if row is not None:
                    found.append(row)
        return found, True

    async def is_process(self, id: str) -> bool:
        """Whether there is such a process. Raises `HttpError` where the scheduler does not answer."""
        return await self._directory.find(id) is not None

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _one(self, delivery: Delivery) -> Carried | None:
        try:
            if delivery.kind == "spawn":
                return await self._spawn(delivery)
            if delivery.kind == "message":
                return await self._message(delivery)
        except ItemError:
            return None
        if not is_id(delivery.target) or not is_id(delivery.message):
            return None
        return Carried("assignment", delivery.sender, delivery.target, str(delivery.message), None)

    async def _message(self, delivery: Delivery) -> Carried | None:
        sender, target = delivery.sender, delivery.target
        own = await self._directory.find(sender)
        is_process = await self.is_process(target)
        tail = sender_tail(sender, None if own is None else own.module)
        parts = message_parts(delivery, tail, known=is_process or not target)
        if parts is None:
            return None
        anchor, names, values, data = parts
        item = self._item(data, names, values, target, anchor)
        if not is_process:
            return Carried("mail", sender, "", item.id, delivery.pushed_for, bytes(item))
        kind: Kind = "quiet" if stops_at(delivery) else "message"
        return Carried(kind, sender, target, item.id, delivery.pushed_for, bytes(item))

    async def _spawn(self, delivery: Delivery) -> Carried:
        parent = delivery.sender
        own = await self._directory.find(parent)
        if own is None or own.scheduler is None:
            scheduler = await self._directory.address()
        else:
            scheduler = own.scheduler.decode("utf-8", "replace")
        flat = tuple([lossy(part) for part in delivery.flat])
        names, values = spawn_tags(flat, parent, delivery.pushed_for, scheduler)
        child = self._item(lossy(delivery.data or b" "), names, values)
        spawned = self._item(b" ", *spawned_tags(flat, child.id), parent)
        more = json.dumps({"parent": parent, "spawned": b64encode(bytes(spawned)).decode()})
        return Carried("process", parent, child.id, child.id, delivery.pushed_for, bytes(child), more)

    def _item(
        self,
        data: bytes,
        names: tuple[bytes, ...],
        values: tuple[bytes, ...],
        target: str = "",
        anchor: bytes = b"",
    ) -> DataItem:
        tags = list(zip(names, values, strict=True))
        return DataItem.create(data, target=target or None, anchor=anchor or None, tags=tags, wallet=self._wallet)

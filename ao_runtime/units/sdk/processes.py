"""Processes: created, looked at, ended."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ...errors import AoError, InputError, RefusedError
from ...items import DataItem
from ...models import read_crons
from ...network import AOS, Evaluation
from ..answers import Refusal, answer
from ..compute_unit import state_at
from ..hub import Hub
from .bodies import EmptyBody, LuaModule, ProcessBody, StateQuery
from .endpoint import BINARY, JSON, Endpoint, Given, wants
from .places import known, refused
from .shapes import Process, SpawnedProcess, Terminated
from .signing import anchor_of, made, own_tags, user

__all__ = ["ENDPOINTS"]

#: The type of the item by which an owner ends a process: no scheduler takes it, so nobody finds one to send again.
_TERMINATE = "Terminate"


async def create(hub: Hub, given: Given[ProcessBody]) -> Response:
    """Spawn a process: of a signed item, or as the local user's."""
    item = given.item or await _spawned(hub, given.body)
    if item.tags.get("Type") != "Process":
        raise Refusal(400, "the item is no process: its tag Type must be Process")
    module = str(item.tags.get("Module", ""))
    if module not in hub.network.modules:
        raise Refusal(422, f"there is no module {module[:100]}; GET /info names those that there are")
    try:
        evaluation = await hub.receive(item)
    except AoError as error:
        found = refused(error)
        if isinstance(error, RefusedError) and (error.process is not None or "On-Boot" in error.problem):
            # The request makes sense, but no process comes of it: nothing to boot from, or too little memory.
            found.status = 422
        raise found from None
    told = _created(evaluation, module, hub)
    return answer(told, 201, {"Location": f"/process/{item.id}"})


async def state(hub: Hub, given: Given[StateQuery]) -> Response:
    """The state of a process as bytes; what it is where JSON is asked for."""
    id = given.ids["process_id"]
    last = None if given.query.to is None else int(given.query.to)
    if wants(given.request, JSON):
        return answer(await hub.call(lambda: _told(hub, id, last)))

    await hub.call(lambda: known(hub, id))
    data, headers = await hub.beside(id, lambda: state_at(hub.network, id, last))
    return Response(data, headers=headers, media_type=BINARY)


async def terminate(hub: Hub, given: Given[EmptyBody]) -> Response:
    """End a process: its owner's signed item, or the local user's own one."""
    id = given.ids["process_id"]
    item = given.item
    if item is not None and (item.target != id or item.tags.get("Type") != _TERMINATE):
        raise Refusal(401, f"the item must name the process as its target, and have the tag Type={_TERMINATE}")
    who = user(hub).ao_address if item is None else item.ao_address

    def end() -> None:
        known(hub, id)
        if hub.network.scheduler.schedule(id).item.owner != who:
            raise Refusal(401, f"the process {id} is not {who}'s: only its owner can end it")
        if id not in hub.network.scheduler.terminated:
            hub.network.terminate(id)

    await hub.call(end)
    return answer({"process_id": id, "status": "terminated"})


ENDPOINTS = (
    Endpoint(
        "POST", "/process", "createProcess", "processes", "Create a process", create,
        {201: {JSON: SpawnedProcess}}, (401, 409, 422), None, ProcessBody, True, {201: ("Location",)},
    ),
    Endpoint(
        "GET", "/process/{process_id}", "getProcess", "processes", "Get process state", state,
        {200: {BINARY: None, JSON: Process}}, (404,), StateQuery,
    ),
    Endpoint(
        "DELETE", "/process/{process_id}", "terminateProcess", "processes", "Terminate process", terminate,
        {200: {JSON: Terminated}}, (401, 404), None, EmptyBody, True,
    ),
)  # fmt: skip


# ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _spawned(hub: Hub, body: ProcessBody) -> DataItem:
    """The item of a process as the local user signs it."""
    tags = own_tags(body.tags)
    tags += [] if body.name is None else [("Name", body.name)]
    if body.cron_interval is not None:
        tags.append(("Cron-Interval", body.cron_interval))
        tags += [(f"Cron-Tag-{name}", value) for name, value in (body.cron_tags or {}).items()]
    elif body.cron_tags is not None:
        raise Refusal(400, "cron_tags are those of a cron_interval, which is not given")
    try:
        read_crons([{"name": name, "value": value} for name, value in tags])
    except InputError as error:
        raise Refusal(400, f"cron_interval: {error}") from None
    for name, limit in (("Memory-Limit", body.memory_limit), ("Compute-Limit", body.compute_limit)):
        tags += [] if limit is None else [(name, str(limit))]
    tags += [("Authority", one) for one in ([hub.messenger] if body.authority is None else body.authority)]
    module, data, boot = body.module, body.data, body.on_boot
    if isinstance(module, LuaModule):
        if data is not None or boot not in (None, "Data"):
            raise Refusal(400, "module.lua is the data that it boots with: data and on_boot cannot be given, too")
        data, boot = module.lua, "Data"
        module = AOS
    tags += [] if boot is None else [("On-Boot", boot)]
    tags += [] if data else [("Content-Type", "text/plain")]
    tags += [("SDK", "ao-sdk"), ("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Process")]
    tags += [("Module", module), ("Scheduler", body.scheduler or hub.scheduler)]
    tags.append(("Timestamp", str(hub.network.clock.now)))
    return await made(user(hub), (data or " ").encode(), tags, None, anchor_of(None))


def _created(evaluation: Evaluation, module: str, hub: Hub) -> dict[str, Any]:
    place, result = evaluation.assignment, evaluation.result
    assert place is not None
    assert result is not None
    named = place.item.tag(b"Scheduler") or b""
    told: dict[str, Any] = {
        "process_id": place.process,
        "scheduler": named.decode("utf-8", "replace"),
        "module": module,
        "slot": place.nonce,
        "timestamp": place.timestamp,
    }
    if not result.ok:
        told["error"] = str(result.error)
    return told


def _told(hub: Hub, id: str, last: int | None) -> dict[str, Any]:
    """What a process is, and how far it had come then."""
    known(hub, id)
    network = hub.network
    schedule = network.scheduler.schedule(id)
    places = [one for one in schedule.assignments if last is None or one.timestamp <= last]
    if not places:
        raise Refusal(400, f"to is before the process was spawned, at {schedule.assignments[0].timestamp}")
    item = schedule.item

    def text(name: bytes) -> str | None:
        value = item.tag(name)
        return None if value is None else value.decode("utf-8", "replace")

    return {
        "process_id": id,
        "module": text(b"Module") or "",
        "scheduler": text(b"Scheduler") or "",
        "owner": item.owner,
        "name": text(b"Name"),
        "tags": item.tags.to_list(),
        "slot": places[-1].nonce,
        "timestamp": places[-1].timestamp,
        "block_height": places[-1].block_height,
        "status": "terminated" if id in network.scheduler.terminated else "running",
        "monitored": id in network.messenger.monitored,
        "cron": [cron.name.partition("-")[2] for cron in network.compute.unit(id).crons],
    }

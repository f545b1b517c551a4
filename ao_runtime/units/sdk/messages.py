"""Messages: sent, and what became of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ...errors import AoError, InputError
from ...network import Evaluation, Steps, unit_result
from ..answers import Refusal, answer
from ..compute_unit import DRY_RUN, result_of
from ..hub import Hub
from ..nodes import node
from .bodies import MessageBody, MessageQuery
from .endpoint import JSON, WAIT, Endpoint, Given, within
from .places import evaluation_at, known, open_process, place_of, processes_with, refused
from .shapes import Sent, Status, Waited
from .signing import anchor_of, data_of, made, own_tags, user

__all__ = ["ENDPOINTS"]


async def send(hub: Hub, given: Given[MessageBody]) -> Response:
    """Send a message: a signed item, one of the local user's, or one as if another process had sent it."""
    body: MessageBody | None = given.body
    if given.item is not None:
        if given.item.tags.get("Type") == "Process":
            raise Refusal(400, "the item is a process: POST /process takes it")
        await hub.call(lambda: open_process(hub, given.item.target))  # type: ignore[union-attr]
        return _sent(await _received(hub.receive(given.item)), False)
    assert body is not None
    tags = ([] if body.action is None else [("Action", body.action)]) + own_tags(body.tags)
    data = data_of(body)
    if body.read_only:
        return await _read_only(hub, body, tags, data)
    if body.from_process is not None:
        evaluation = _received(_as_process(hub, body, tags, data))
    else:
        await hub.call(lambda: open_process(hub, body.to))
        if not (body.data or body.data_base64) and "Content-Type" not in dict(tags):
            tags.append(("Content-Type", "text/plain"))
        tags += [("SDK", "ao-sdk"), ("Data-Protocol", "ao"), ("Type", "Message")]
        tags += [] if "Variant" in dict(tags) else [("Variant", "ao.TN.1")]
        item = await made(user(hub), data, tags, body.to, anchor_of(body.anchor))
        evaluation = _received(hub.receive(item))
    return _sent(await within(WAIT, evaluation) if body.wait else await evaluation, body.wait)


async def status(hub: Hub, given: Given[MessageQuery]) -> Response:
    """What became of a message, and where it stands."""
    id, process = given.ids["message_id"], given.query.process_id

    def read() -> dict[str, Any]:
        place = place_of(hub, id, process)
        one = evaluation_at(hub, place)
        told = node(place, hub)
        assert one is None or one.result is not None
        return {
            "message_id": place.item.id,
            "process_id": place.process,
            "processes": processes_with(hub, place),
            "slot": place.nonce,
            "status": "pending" if one is None else "processed" if one.result.ok else "failed",  # type: ignore[union-attr]
            "result": None if one is None else result_of(one),
            "message": told["message"],
            "assignment": told["assignment"],
        }

    return answer(await hub.call(read))


ENDPOINTS = (
    Endpoint(
        "POST", "/message", "sendMessage", "messages", "Send a message", send,
        {202: {JSON: Sent}, 200: {JSON: Waited}}, (401, 404, 409, 410, 504), None, MessageBody, True,
    ),
    Endpoint(
        "GET", "/message/{message_id}", "getMessage", "messages", "Get message status", status,
        {200: {JSON: Status}}, (404,), MessageQuery,
    ),
)  # fmt: skip


# ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _received(coming: Any) -> Evaluation:
    try:
        found: Evaluation = await coming
    except AoError as error:
        raise refused(error) from None
    return found


async def _as_process(hub: Hub, body: MessageBody, tags: list[tuple[str, str]], data: bytes) -> Evaluation:
    """A message that the messenger signs, as it does with what that process sends."""
    sender = body.from_process
    assert sender is not None
    pairs = tags if "Variant" in dict(tags) else [*tags, ("Variant", "ao.TN.1")]
    if any(part.endswith("+link") for pair in pairs for part in pair):
        raise Refusal(400, "a tag ends in +link, which schedulers refuse")
    parts = tuple(name.encode() for name, _ in pairs), tuple(value.encode() for _, value in pairs)

    def bring() -> Steps[Evaluation]:
        known(hub, sender)
        open_process(hub, body.to)
        return hub.network.messenger.sending_as(sender, body.to, parts, data, anchor_of(body.anchor))

    return await hub.take(body.to, bring)


async def _read_only(hub: Hub, body: MessageBody, tags: list[tuple[str, str]], data: bytes) -> Response:
    """A dry run: nothing is scheduled."""
    owner = user(hub).ao_address if body.from_process is None else hub.messenger
    message = {
        "Id": "1234",
        "Owner": owner,
        "From": body.from_process or owner,
        "Anchor": body.anchor or "0",
        "Data": data,
        "Tags": [{"name": name, "value": value} for name, value in tags],
    }

    def look() -> None:
        known(hub, body.to)
        if body.from_process is not None:
            known(hub, body.from_process)

    def run() -> dict[str, Any]:
        try:
            return unit_result(hub.network.compute.dry_run(body.to, message, DRY_RUN))
        except InputError as error:
            raise Refusal(400, str(error)) from None

    await hub.call(look)
    return answer({"message_id": None, "result": await hub.beside(body.to, run)})


def _sent(evaluation: Evaluation, waited: bool) -> Response:
    place = evaluation.assignment
    assert place is not None
    told: dict[str, Any] = {
        "message_id": place.item.id,
        "process_id": place.process,
        "slot": place.nonce,
        "timestamp": place.timestamp,
    }
    if waited:
        told["result"] = result_of(evaluation)
    return answer(told, 200 if waited else 202)

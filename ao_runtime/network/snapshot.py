"""A network as bytes, and as another network in memory.

The bytes: a line of magic, a line with the SHA-256 of all that follows, a line of JSON (`models.json_text`), and then
the processes' own snapshots one after the other. Nothing in them is executed or trusted: hash chains are recomputed,
options are those that can do no harm, and a process's snapshot is read as any other.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

from ..errors import AoError, InputError, SnapshotError
from ..models import Failure, Limits, Result, Tick, from_json, to_json
from ..models import Moment as Point
from ..process import Process
from ..state import GivenOptions
from .clock import Clock, RealClock, read_mines
from .compute import Unit
from .core import Core
from .evaluation import Delivery, Evaluation
from .faults import Faults
from .ids import from_id, is_id, to_id
from .item import Assignment, next_link
from .labels import Labels
from .ledger import read_item, told_item
from .limiting import own_limits
from .modules import recorded
from .signing import SignedMaker
from .unit_keys import KEY_KINDS, UnitKeys
from .values import as_bytes, as_number

__all__ = ["copied", "read_network", "read_pending", "told_pending", "write_network"]

__tracebackhide__ = True

_C = TypeVar("_C", bound=Core)
_MAGIC = b"ao-runtime network 1\n"
_KINDS = ("message", "spawn", "assignment")
#: Options that a snapshot has, and what each may be: none is a file, or a number of children.
_OPTIONS: dict[str, tuple[type, ...]] = {
    "seed": (str,),
    "signed": (bool,),
    "keys": (str,),
    "dialect": (str, type(None)),
    "deduplicate": (bool,),
    "most": (int,),
    "live": (int,),
    "auto": (bool,),
    "limits": (dict, type(None)),
    "follows": (str, type(None)),
}
_LIMITS = (None, "instructions", "memory", "time")


def copied(network: _C) -> _C:
    """A network of its own that is the same."""
    other = _empty(type(network), network.given, network.clock)
    other.auto = network.auto
    if network.faults is not None:
        other.faults = replace(network.faults, happened=[*network.faults.happened])
    other.clock.put(network.clock.read())
    other.clock.mines = network.clock.mines
    other.maker.count = network.maker.count
    if isinstance(network.maker, SignedMaker) and isinstance(other.maker, SignedMaker):
        other.maker.take(network.maker)
    other.labels.put(network.labels.read())
    other.take_wallets(dict(network.wallet_addresses))
    other.balances = dict(network.balances)
    for item in network.storage.items():
        other.storage.put(item)
    other.storage.mail += network.storage.mail
    for assignment in network.scheduler.assignments():
        other.scheduler.put(assignment)
    for process in network.scheduler.processes:
        if process in network.compute:
            unit = network.compute.unit(process)
            other.compute.put(process, unit.copy(unit.process.fork))
    # One that was duplicated is there twice: it is the same one in the copy, too.
    copies = {id(one): _another(one, one.origin) for one in network.messenger.pending}
    other.messenger.pending.extend(copies[id(one)] for one in network.messenger.pending)
    other.messenger.monitored = dict(network.messenger.monitored)
    other.scheduler.terminated = {*network.scheduler.terminated}
    for address, stand_in in network.messenger.stand_ins.items():
        other.messenger.stand_ins[address] = stand_in.copy()
    return other


def write_network(network: Core) -> bytes:
    """The bytes of `Network.snapshot`."""
    scheduler, compute, messenger = network.scheduler, network.compute, network.messenger
    blobs: list[bytes] = []
    units = []
    for id in scheduler.processes:
        if id not in compute:
            continue
        unit = compute.unit(id)
        blobs.append(unit.process.snapshot())
        units.append(
            {
                "process": id,
                "bytes": len(blobs[-1]),
                "evaluations": [_evaluation(one) for one in unit.evaluations],
                "left": [*unit.left],
                "last": unit.last_tick,
            }
        )
    told = {
        "given": network.described,
        "clock": [type(network.clock).__name__, *network.clock.read()],
        "mines": network.clock.mines,
        "made": network.maker.count,
        "labels": network.labels.read(),
        "wallets": dict(network.wallet_addresses),
        "balances": {address: str(winston) for address, winston in network.balances.items()},
        "stored": [told_item(item) for item in network.storage.items()],
        "mail": [item.id for item in network.storage.mail],
        "places": [_place(one) for one in scheduler.assignments()],
        "units": units,
        "pending": told_pending([*messenger.pending]),
        "monitored": messenger.monitored,
        "terminated": sorted(scheduler.terminated),
    }
    if network.unit_keys is not None:
        told["keys"] = network.unit_keys.to_jwks()
    body = to_json(told).encode() + b"\n" + b"".join(blobs)
    return _MAGIC + sha256(body).hexdigest().encode() + b"\n" + body


def read_network(kind: type[_C], data: bytes, options: dict[str, Any]) -> _C:
    """The network of `Network.restore`."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InputError("must be bytes", field="data", advice="what net.snapshot() gave")
    data = bytes(data)
    if not data.startswith(_MAGIC):
        later = data.startswith(_MAGIC[: _MAGIC.index(b"1")])
        raise SnapshotError("was written by a newer ao-runtime" if later else "is no snapshot of a network")
    start = len(_MAGIC) + 65
    if sha256(data[start:]).hexdigest().encode() + b"\n" != data[len(_MAGIC) : start]:
        raise SnapshotError("is damaged: its digest is another one")
    end = data.find(b"\n", start)
    try:
        told = from_json(data[start:end])
        return _restored(kind, told, data[end + 1 :], options)
    except SnapshotError:
        raise
    except InputError as error:
        if error.field in options:
            raise
        raise SnapshotError(f"is damaged: {error}") from None
    except (AoError, LookupError, TypeError, ValueError, AttributeError, OverflowError, StopIteration) as error:
        raise SnapshotError(f"is damaged: {type(error).__name__}") from None


def _restored(kind: type[_C], told: dict[str, Any], blobs: bytes, options: dict[str, Any]) -> _C:
    name, *clock = told["clock"]
    given = _read_options(told["given"])
    if "modules" in options:
        options = {**options, "modules": {**given["modules"], **(options["modules"] or {})}}
    own = options.get("clock") or (RealClock() if name == "RealClock" else Clock())
    network = _empty(kind, _with_keys(given, told, options), own)
    if "clock" not in options:
        network.clock.put(_numbers(clock, 4))
        network.clock.mines = read_mines(told.get("mines", []), network.clock.mined)
    network.maker.count = as_number(told["made"])
    network.labels.put(_read_labels(told["labels"]))
    network.take_wallets(_texts(told["wallets"]))
    network.balances = _read_balances(told.get("balances", {}))
    for one in told["stored"]:
        network.storage.put(read_item(one))
    for id in told["mail"]:
        item = network.storage.item(id)
        if item is None:
            raise ValueError("mail that is nowhere")
        network.storage.mail.append(item)
    _read_places(network, told["places"])
    at = 0
    for one in told["units"]:
        length = as_number(one["bytes"])
        blob = blobs[at : at + length]
        if len(blob) != length:
            raise ValueError("a process is cut off")
        at += length
        network.compute.put(one["process"], _read_unit(network, one, blob, options.get("limits")))
    if any(id not in network.compute for id in network.scheduler.processes):
        raise ValueError("a process that is missing")
    network.messenger.pending.extend(read_pending(network, told["pending"]))
    network.messenger.monitored = {id: as_number(seen) for id, seen in told["monitored"].items()}
    network.scheduler.terminated = {_text(id) for id in told.get("terminated", ())}
    for id in (*network.messenger.monitored, *network.scheduler.terminated):
        network.compute.unit(id)
    return network


def _with_keys(given: dict[str, Any], told: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """All options, with the keys of the snapshot, unless others are given."""
    merged = given | options
    if given.get("keys") == UnitKeys.kind:
        keys = UnitKeys.from_jwks(told["keys"])
        if options.get("keys", UnitKeys.kind) == UnitKeys.kind:
            merged["keys"] = keys if merged["signed"] else KEY_KINDS[0]
    return merged


def _read_options(told: dict[str, Any]) -> dict[str, Any]:
    given = {name: told[name] for name in _OPTIONS if name in told}
    for name, value in given.items():
        if not isinstance(value, _OPTIONS[name]):
            raise ValueError("an option that is none")
    faults = told.get("faults")
    return {
        **given,
        "modules": recorded(told.get("modules", {})),
        "faults": None if faults is None else Faults.read(faults),
    }


def _read_balances(told: Any) -> dict[str, int]:
    balances = _texts(told)
    if not all(is_id(address) and text.isdecimal() and len(text) < 40 for address, text in balances.items()):
        raise ValueError("a balance that is none")
    return {address: int(text) for address, text in balances.items()}


def _read_labels(told: Any) -> dict[str, str]:
    labels = Labels()
    for address, name in _texts(told).items():
        if labels.add(address, name) != name:
            raise ValueError("a name that is none")
    return labels.read()


def _empty(kind: type[_C], given: dict[str, Any], clock: Clock) -> _C:
    """A network with these options, in which nothing is."""
    own = RealClock() if isinstance(clock, RealClock) else Clock()
    return kind(**{**given, "clock": given.get("clock") or own})


# ── items and places ───────────────────────────────────────────────────────────────────────────────────────────────


def _place(one: Assignment) -> list[Any]:
    item = one.item.id if one.elsewhere else told_item(one.item)
    return [
        one.process,
        one.timestamp,
        one.block_height,
        item,
        one.exclude,
        one.scheduler,
        to_id(one.digest),
        one.signature,
        one.origin,
        one.pushed_for,
    ]


def _read_places(network: Core, told: list[Any]) -> None:
    """Put every message in its place; hash chains and nonces are counted again."""
    scheduler = network.scheduler
    # An assigned message may be of a process further down.
    items = {one[3][0]: read_item(one[3]) for one in told if isinstance(one[3], list)}
    items |= {item.id: item for item in network.storage.items() if item.id not in items}
    chains: dict[str, tuple[int, bytes, bytes]] = {}
    placed: set[str] = set()
    for process, timestamp, height, item, exclude, owner, id, signature, origin, pushed_for in told:
        nonce, digest, chain = chains.get(process, (0, b"", b""))
        link = next_link(digest, chain) if nonce else sha256(from_id(process)).digest()
        elsewhere = not isinstance(item, list)
        one = Assignment(
            process,
            nonce,
            as_number(timestamp),
            as_number(height),
            to_id(link),
            items[item if elsewhere else item[0]],
            _text(owner),
        )
        one.elsewhere, one.exclude = elsewhere, tuple(map(_text, exclude))
        if not elsewhere:
            if item[0] in placed:
                raise ValueError("a message in two places")
            placed.add(item[0])
        if (nonce == 0) != (one.item.id == process and not elsewhere) or not is_id(id):
            raise ValueError("a process that does not begin with itself")
        one.digest, one.signature = from_id(id), _text(signature)
        one.origin = None if origin is None else _bytes(origin)
        one.pushed_for = _text_or_none(pushed_for)
        chains[process] = nonce + 1, one.digest, link
        scheduler.put(one)


# ── processes and what they answered ───────────────────────────────────────────────────────────────────────────────


def _evaluation(one: Evaluation) -> dict[str, Any]:
    assert one.result is not None
    told: dict[str, Any] = {
        "nonce": one.nonce,
        "result": one.result.to_dict(),
        "gas": one.result.gas_used,
    }
    if one.skipped:
        told["skipped"] = True
    if one.problem is not None:
        told["problem"] = one.problem
    if one.tick is not None:
        told["tick"] = [one.tick.cron.name, *one.tick.moment]
    failure = one.result.failure
    if failure is not None:
        told["failure"] = [failure.message, failure.chunk, failure.line, failure.handler, failure.limit, failure.file]
    return told


def _read_unit(network: Core, told: dict[str, Any], blob: bytes, limits: Any) -> Unit:
    id = told["process"]
    assignments = network.scheduler.schedule(id).assignments
    options: GivenOptions = {"files": network.storage.find}
    if network.pool is not None:
        options["isolated"] = network.pool
    if limits is not None:
        given = Limits.read(limits)
        options["limits"] = own_limits(assignments[0].item, given, None) or given

    def made() -> Process:
        process = Process.restore(blob, **options)
        if process.id != id:
            raise SnapshotError("is damaged: a process that is another one")
        return process

    unit = Unit(made, assignments[0].item)
    for each in told["evaluations"]:
        one = _read_evaluation(unit, id, each, assignments)
        if one.nonce != len(unit.nonces) - (one.tick is not None):
            raise ValueError("evaluations in another order than their messages")
        unit.add(one)
    if len(unit.nonces) != len(assignments):
        raise ValueError("a message that was not evaluated")
    unit.left = Point(*_numbers(told["left"], 2))
    unit.last_tick = None if told["last"] is None else as_number(told["last"])
    return unit


def _read_evaluation(unit: Unit, id: str, told: dict[str, Any], assignments: list[Assignment]) -> Evaluation:
    failure = None
    if "failure" in told:
        message, chunk, line, handler, limit, file = told["failure"]
        if limit not in _LIMITS:
            raise ValueError("a limit that is none")
        where = _text_or_none(chunk), None if line is None else as_number(line), _text_or_none(handler)
        failure = Failure(_text(message), *where, (), limit, _text_or_none(file))
    # A process may leave anything in its outbox.
    result = Result.of_wire(dict(told["result"]), as_number(told["gas"]), failure)
    result.sender = id
    nonce = as_number(told["nonce"])
    assignment = assignments[nonce]
    if "tick" in told:
        name, *moment = told["tick"]
        cron = next(one for one in unit.crons if one.name == name)
        one = Evaluation(id, nonce, len(unit.evaluations), result)
        one.tick = Tick(cron, Point(*_numbers(moment, 2)))
    else:
        one = Evaluation(id, nonce, len(unit.evaluations), result, assignment.item, assignment)
        one.skipped = bool(told.get("skipped"))
    one.problem = _text_or_none(told.get("problem"))
    return one


# ── what is on its way ─────────────────────────────────────────────────────────────────────────────────────────────


def told_pending(deliveries: list[Delivery]) -> list[Any]:
    """All that is on its way, as JSON has it; of one that was duplicated the second is the number of the first."""
    first: dict[int, int] = {}
    told: list[Any] = []
    for number, one in enumerate(deliveries):
        known = first.setdefault(id(one), number)
        told.append(_told_delivery(one) if known == number else known)
    return told


def read_pending(network: Core, told: list[Any]) -> list[Delivery]:
    """What `told_pending` gave. Raises `ValueError` and its like for anything else."""
    pending: list[Delivery] = []
    for one in told:
        pending.append(pending[as_number(one)] if isinstance(one, int) else _read_delivery(network, one))
    return pending


def _told_delivery(one: Delivery) -> list[Any]:
    origin = one.origin
    return [
        one.kind,
        origin.process,
        origin.nonce,
        origin.number,
        one.index,
        one.target,
        one.data,
        one.anchor,
        one.flat,
        one.pushed_for,
        one.message,
        one.faults,
        one.copies,
        one.which,
    ]


def _read_delivery(network: Core, told: list[Any]) -> Delivery:
    kind, process, nonce, number, index, target, data, anchor, flat, pushed_for, message, faults, copies, which = told
    if kind not in _KINDS or len(flat) % 2:
        raise ValueError("a delivery that is none")
    origin = Evaluation(_text(process), as_number(nonce), as_number(number), None)
    if process in network.compute:
        origin = network.compute.unit(process).evaluations[number]
    one = Delivery(
        kind,
        origin,
        as_number(index),
        _text(target),
        None if data is None else _bytes(data),
        _bytes(anchor),
        tuple(map(_bytes, flat)),
        _text_or_none(pushed_for),
    )
    one.message = _text(message) if kind == "assignment" else None
    one.faults = tuple(map(_text, faults))
    one.copies, one.which = as_number(copies), as_number(which)
    return one


def _another(delivery: Delivery, origin: Evaluation) -> Delivery:
    one = Delivery(
        delivery.kind,
        origin,
        delivery.index,
        delivery.target,
        delivery.data,
        delivery.anchor,
        delivery.flat,
        delivery.pushed_for,
    )
    one.message, one.faults = delivery.message, delivery.faults
    one.copies, one.which = delivery.copies, delivery.which
    return one


# ── values ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(values: Any, count: int) -> Any:
    if len(values) != count:
        raise ValueError("other numbers than there should be")
    return tuple(map(as_number, values))


def _text(value: Any) -> str:
    """Text that can be written: half a surrogate pair cannot."""
    if not isinstance(value, str):
        raise ValueError("a text that is none")
    value.encode()
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _texts(values: Any) -> dict[str, str]:
    return {_text(name): _text(text) for name, text in values.items()}


def _bytes(value: Any) -> bytes:
    return as_bytes(value if isinstance(value, bytes) else _text(value))

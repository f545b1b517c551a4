"""An ao network in one program: many processes, one order of messages for each, and every message delivered.

- `network`: `Network`, what people use, on `core`; `process`, `wallet`, `sent`, `tree`: what it gives them
- `scheduler` (`item`, `signing`, `unit_keys`, `ids`): the order of messages, and how items come by their ids
- `compute` (`incoming`, `evaluation`, `modules`): evaluates them; a `Process` for each id
- `messenger` (`outbox`, `outgoing`, `storage`): carries what they send
- `waiting`: what a folder has of transactions whose data is still coming
- `clock`, `stand_in`, `faults`, `exploring`: time, what answers in place of a process, what goes wrong on purpose
- `naming`: names in place of addresses, in what people write and read
- `going_back`, `snapshot`: a moment again, in memory and as bytes
"""

from __future__ import annotations

from .clock import Clock, RealClock
from .compute import Compute
from .evaluation import Delivery, Evaluation, unit_result
from .exploring import Found
from .faults import Fault, Faults
from .folder import ALONE
from .ids import from_id, is_id, short, to_id
from .incoming import wire_of
from .item import Assignment, Item, check_process, item_of_signed, lossy, next_link
from .labels import Labels
from .lanes import Lanes
from .messenger import KNOWN_MESSENGERS, Messenger, Steps, check_item, stops_at
from .modules import AOS, Module
from .naming import addressed, looked_up, named
from .network import Network
from .outbox import deliveries_of
from .outgoing import message_parts, sender_tail, spawn_tags, spawned_tags
from .process import NetworkProcess
from .scheduler import Scheduler
from .sent import Sent
from .signing import SignedMaker
from .stand_in import StandIn
from .tree import QUIET_TAGS, Tree
from .unit_keys import KEY_KINDS, UNIT_WALLETS, UnitKeys
from .verifying import Report
from .waiting import Key, Piece, Waiting
from .wallet import NetworkWallet

__all__ = [
    "ALONE",
    "AOS",
    "KEY_KINDS",
    "KNOWN_MESSENGERS",
    "QUIET_TAGS",
    "UNIT_WALLETS",
    "Assignment",
    "Clock",
    "Compute",
    "Delivery",
    "Evaluation",
    "Fault",
    "Faults",
    "Found",
    "Item",
    "Key",
    "Labels",
    "Lanes",
    "Messenger",
    "Module",
    "Network",
    "NetworkProcess",
    "NetworkWallet",
    "Piece",
    "RealClock",
    "Report",
    "Scheduler",
    "Sent",
    "SignedMaker",
    "StandIn",
    "Steps",
    "Tree",
    "UnitKeys",
    "Waiting",
    "addressed",
    "check_item",
    "check_process",
    "deliveries_of",
    "from_id",
    "is_id",
    "item_of_signed",
    "looked_up",
    "lossy",
    "message_parts",
    "named",
    "next_link",
    "sender_tail",
    "short",
    "spawn_tags",
    "spawned_tags",
    "stops_at",
    "to_id",
    "unit_result",
    "wire_of",
]

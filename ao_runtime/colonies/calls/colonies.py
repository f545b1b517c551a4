"""Colonies, and how much there is in one."""

from __future__ import annotations

from ..call import Call, many, nothing
from ..models import Colony, Statistics
from .gone import gone

__all__ = ["add_colony", "get_colonies", "get_colony", "get_statistics", "remove_colony"]


def add_colony(colony: Colony, prvkey: str | None = None) -> Call[Colony]:
    """Add a colony; the server owner's key.

    `colony.colonyid` is the id of the key that will own it. Refused (RPCError, 400) if the name is taken, or if the id
    is not 64 characters long.
    """
    return Call("addcolonymsg", {"colony": Colony.from_dict(colony).to_dict()}, Colony.from_dict, prvkey)


def remove_colony(colonyname: str, prvkey: str | None = None) -> Call[None]:
    """Remove a colony with its executors, processes, workflows and logs; the server owner's key.

    Blueprints and their definitions stay, and are there again if a colony of that name is added. Refused (400) if
    there is none.
    """
    return Call("removecolonymsg", {"colonyname": colonyname}, nothing, prvkey, True, gone)


def get_colony(colonyname: str, prvkey: str | None = None) -> Call[Colony]:
    """A colony by its name; a member's key.

    Refused (403) for anybody else, the owner of the colony too, and if there is none.
    """
    return Call("getcolonymsg", {"colonyname": colonyname}, Colony.from_dict, prvkey, True)


def get_colonies(prvkey: str | None = None) -> Call[list[Colony]]:
    """All colonies of the server; the server owner's key."""
    return Call("getcoloniesmsg", {}, many(Colony), prvkey, True)


def get_statistics(colonyname: str, prvkey: str | None = None) -> Call[Statistics]:
    """How many executors, processes and workflows a colony has, by state; a member's key.

    Refused (400) if there is no such colony. To anybody else a server answers without a word: an RPCError of status
    200.
    """
    return Call("getcolonystatsmsg", {"colonyname": colonyname}, Statistics.from_dict, prvkey, True)

"""Blueprints and their definitions."""

from __future__ import annotations

from typing import Any

from ..call import Call, many, nothing
from ..free_json import checked_json
from ..models import Blueprint, BlueprintDefinition, Process
from .gone import gone

__all__ = [
    "add_blueprint",
    "add_blueprint_definition",
    "get_blueprint",
    "get_blueprint_definition",
    "get_blueprint_definitions",
    "get_blueprints",
    "reconcile_blueprint",
    "remove_blueprint",
    "remove_blueprint_definition",
    "update_blueprint",
    "update_blueprint_status",
]


def add_blueprint_definition(definition: BlueprintDefinition, prvkey: str | None = None) -> Call[BlueprintDefinition]:
    """Define a kind of blueprints; the colony owner's key.

    Refused (RPCError, 500, `duplicate key`) if the name is taken.
    """
    definition = BlueprintDefinition.from_dict(definition)
    checked_json(definition.spec.schema, "spec.schema")
    fields = {"blueprintdefinition": definition.to_dict()}
    return Call("addblueprintdefinitionmsg", fields, BlueprintDefinition.from_dict, prvkey)


def get_blueprint_definition(colonyname: str, name: str, prvkey: str | None = None) -> Call[BlueprintDefinition]:
    """A definition by its name; the key of a member or of the colony's owner.

    Refused (404) if there is none.
    """
    fields = {"colonyname": colonyname, "name": name}
    return Call("getblueprintdefinitionmsg", fields, BlueprintDefinition.from_dict, prvkey, True)


def get_blueprint_definitions(colonyname: str, prvkey: str | None = None) -> Call[list[BlueprintDefinition]]:
    """All definitions of a colony; the key of a member or of the colony's owner."""
    fields = {"colonyname": colonyname}
    return Call("getblueprintdefinitionsmsg", fields, many(BlueprintDefinition), prvkey, True)


def remove_blueprint_definition(colonyname: str, name: str, prvkey: str | None = None) -> Call[None]:
    """Remove a definition; the colony owner's key.

    Refused while there are blueprints of it (409), and if there is none (404).
    """
    fields = {"namespace": colonyname, "name": name}
    return Call("removeblueprintdefinitionmsg", fields, nothing, prvkey, True, gone)


def add_blueprint(blueprint: Blueprint, prvkey: str | None = None) -> Call[Blueprint]:
    """Say what should be there; the key of a member or of the colony's owner.

    The server makes a process of it for the definition's handler, at once and every minute. Refused if the name is
    taken (409), the kind is not defined, or the spec is against the definition's schema (400). Never sent twice by
    itself.
    """
    return Call("addblueprintmsg", {"blueprint": _checked(blueprint)}, Blueprint.from_dict, prvkey)


def get_blueprint(colonyname: str, name: str, prvkey: str | None = None) -> Call[Blueprint]:
    """A blueprint by its name; the key of a member or of the colony's owner.

    Refused (404) if there is none.
    """
    return Call("getblueprintmsg", {"namespace": colonyname, "name": name}, Blueprint.from_dict, prvkey, True)


def get_blueprints(colonyname: str, kind: str, location: str, prvkey: str | None = None) -> Call[list[Blueprint]]:
    """The blueprints of a kind, at a place or ("") anywhere; the key of a member or of the colony's owner.

    The kind "" is all of them, wherever they are.
    """
    fields = {"namespace": colonyname, "kind": kind, "locationname": location}
    return Call("getblueprintsmsg", fields, many(Blueprint), prvkey, True)


def update_blueprint(blueprint: Blueprint, force_generation: bool, prvkey: str | None = None) -> Call[Blueprint]:
    """Change a blueprint; the key of a member or of the colony's owner.

    Status and metadata are replaced, too: send what is to stay. The generation rises if the spec differs, or if it is
    forced. Refused (404) if there is none.
    """
    fields = {"blueprint": _checked(blueprint), "forcegeneration": force_generation}
    return Call("updateblueprintmsg", fields, Blueprint.from_dict, prvkey)


def remove_blueprint(colonyname: str, name: str, prvkey: str | None = None) -> Call[None]:
    """Remove a blueprint; the key of a member or of the colony's owner. The server makes a process `cleanup` of it.

    Refused (404) if there is none.
    """
    return Call("removeblueprintmsg", {"namespace": colonyname, "name": name}, nothing, prvkey, True, gone)


def update_blueprint_status(
    colonyname: str, name: str, status: dict[str, Any], prvkey: str | None = None
) -> Call[None]:
    """Say how a blueprint is; a member's key.

    Refused (404) if there is none.
    """
    fields = {"colonyname": colonyname, "blueprintname": name, "status": checked_json(status, "status")}
    return Call("updateblueprintstatusmsg", fields, nothing, prvkey)


def reconcile_blueprint(colonyname: str, name: str, force: bool, prvkey: str | None = None) -> Call[Process]:
    """Have a blueprint brought about: the process that will do it; a member's key.

    With `force` the generation rises. Refused if there is none (404), or if its definition has no handler (400).
    """
    fields = {"namespace": colonyname, "name": name, "force": force}
    return Call("reconcileblueprintmsg", fields, Process.from_dict, prvkey)


def _checked(blueprint: Blueprint) -> dict[str, Any]:
    blueprint = Blueprint.from_dict(blueprint)
    checked_json(blueprint.spec, "spec")
    checked_json(blueprint.status, "status")
    return blueprint.to_dict()

"""The endpoints as a document in OpenAPI 3.1, written from the models that check their requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from .bodies import ID, SignedBody
from .endpoint import BINARY, JSON, Endpoint
from .shapes import Problem

__all__ = ["document"]

_REF = "#/components/schemas/{model}"
_WHY = {
    400: "The request makes no sense.",
    401: "Nobody has signed it who may ask for it.",
    403: "Another origin or host: what nobody has signed is for the user of this machine.",
    404: "There is no such process or message.",
    405: "The path has no such method.",
    408: "The body did not come.",
    409: "It is there already.",
    410: "The process was terminated.",
    413: "The body is too long.",
    415: "Neither JSON nor a data item.",
    422: "It cannot be evaluated.",
    429: "Too much waits for this process.",
    504: "There is no result yet.",
}
_HEADERS = {
    "Location": "Where the process is.",
}


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The document: plain data, to be written as JSON."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ao-sdk on ao-run serve",
            "version": "1",
            "description": "Processes, messages, schedulers, compute units, messengers and cron of a local ao network.",
        },
        "servers": [{"url": "/"}, {"url": "/api"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(one: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.group],
        "summary": one.summary,
        "description": (one.handler.__doc__ or "").strip(),
        "parameters": [*_path(one), *_query(one)],
    }
    errors = {400, *one.errors}
    if one.group != "network":
        errors |= {404, 429}
    if one.method != "GET":
        errors |= {408, 413}
    if one.body is not None:
        errors |= {403, 415}
        content = {JSON: {"schema": _body(one, schemas)}}
        if one.item:
            content[BINARY] = {"schema": {"type": "string", "format": "binary"}}
        told["requestBody"] = {"required": True, "content": content}
    answers = {str(status): _answer(one, status, kinds, schemas) for status, kinds in one.answers.items()}
    problem = {JSON: {"schema": _schema(Problem, schemas, "serialization")}}
    answers |= {str(status): {"description": _WHY[status], "content": problem} for status in sorted(errors)}
    told["responses"] = answers
    return told


def _path(one: Endpoint) -> list[dict[str, Any]]:
    latest = one.group == "compute"
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {
                "type": "string",
                "pattern": "^([A-Za-z0-9_-]{43}|latest)$" if latest and name == "message_id" else ID,
            },
        }
        for name in one.ids
    ]


def _query(one: Endpoint) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    found = []
    for name, field in one.query.model_fields.items():
        called = field.alias or name
        schema = dict(one.query.model_json_schema(by_alias=True)["properties"][called])
        # In a query nothing is null: it is not there.
        schema = next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)
        schema = {key: value for key, value in schema.items() if key not in ("title", "default", "description")}
        told = {"name": called, "in": "query", "required": False, "schema": schema}
        if field.description:
            told["description"] = field.description
        found.append(told)
    return found


def _body(one: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    own = _schema(one.body, schemas, "validation")
    return {"anyOf": [own, _schema(SignedBody, schemas, "validation")]} if one.item else own


def _answer(one: Endpoint, status: int, kinds: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    content = {
        kind: {"schema": {} if model is None else _schema(model, schemas, "serialization")}
        for kind, model in kinds.items()
    }
    told: dict[str, Any] = {"description": one.summary, "content": content}
    if status in one.headers:
        told["headers"] = {
            name: {"description": _HEADERS[name], "required": True, "schema": {"type": "string"}}
            for name in one.headers[status]
        }
    return told


def _schema(model: Any, schemas: dict[str, Any], mode: JsonSchemaMode) -> dict[str, Any]:
    """A reference to a model's schema, which is put among the others."""
    found = TypeAdapter(model).json_schema(
        by_alias=True, ref_template=_REF, mode=mode, schema_generator=GenerateJsonSchema
    )
    schemas.update(found.pop("$defs", {}))
    if isinstance(model, type) and issubclass(model, BaseModel):
        schemas[model.__name__] = found
        return {"$ref": _REF.format(model=model.__name__)}
    return found

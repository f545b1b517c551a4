"""What a Lua test may ask of the host: plain data in, plain data out. The test may be anybody's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import AoError, InputError, LoadError
from ...models import Message, Result
from ...network import Network, NetworkProcess, Sent

__all__ = ["Asked"]

__tracebackhide__ = True

#: Bytes of Lua code of a file that a test may spawn.
_LARGEST = 4 << 20


class Asked:
    """Answers what a test asks: `answer(call, arguments)`.

    network, process
        Where the test runs.
    folder, root
        Files are named relative to the test's folder, and lie within `root`.
    """

    def __init__(self, network: Network, process: NetworkProcess, folder: Path, root: Path) -> None:
        self._network = network
        self._process = process
        self._folder = folder
        self._root = root
        #: What the test has sent, in order.
        self.sent: list[Sent] = []
        self._calls: dict[str, Callable[[dict[str, Any]], Any]] = {
            "send": self._send,
            "spawn": self._spawn,
            "get": lambda given: self._found(given).get(_text(given, "path")),
            "eval": lambda given: self._noted(self._found(given).eval(_text(given, "code"))),
            "waiting": lambda given: [one.to_dict() for one in self._found(given).waiting],
            "wallet": lambda given: self._network.wallet(_text(given, "name")).address,
            "inbox": lambda given: [self._message(one) for one in self._network.mail(_text(given, "name"))],
            "clock.now": lambda _: self._network.clock.now,
            "clock.height": lambda _: self._network.clock.height,
            "clock.advance": lambda given: self._network.clock.advance(given.get("value")),  # type: ignore[arg-type]
            "clock.set": lambda given: self._network.clock.set(given.get("value")),  # type: ignore[arg-type]
            "clock.mine": lambda given: self._network.clock.mine(given.get("value", 1)),
        }

    def answer(self, call: Any, arguments: Any) -> dict[str, Any]:
        """`{"value": …}`, or `{"refused": text}` where it makes no sense."""
        known = self._calls.get(call) if isinstance(call, str) else None
        if known is None:
            return {"refused": "there is no such thing to ask"}
        if not isinstance(arguments, dict):
            arguments = {}
        try:
            return {"value": known(arguments)}
        except LoadError as error:
            return {"refused": f"its code fails: {error.message}"}
        except AoError as error:
            return {"refused": str(error)}

    # ── messages ───────────────────────────────────────────────────────────────────────────────────────────────

    def _send(self, given: dict[str, Any]) -> dict[str, Any]:
        message = {name: _value(value, name) for name, value in given.items() if name not in ("To", "Target", "Tags")}
        tags = given.get("Tags")
        if tags:
            if not isinstance(tags, dict):
                raise InputError("must be a table of names and values", field="Tags")
            message["Tags"] = {name: _value(value, f"Tags.{name}") for name, value in tags.items()}
        to = given.get("To", given.get("Target", self._process.id))
        return self._noted(self._network.handle(to, message))

    def _noted(self, sent: Sent) -> dict[str, Any]:
        self.sent.append(sent)
        result = sent.result
        everything: list[Message] = []
        for evaluation in sent.tree.evaluations():
            if evaluation.result is not None:
                everything += evaluation.result.messages
        return {**self._result(result), "all": [self._message(one) for one in everything]}

    def _result(self, result: Result) -> dict[str, Any]:
        failure = result.failure
        told: dict[str, Any] = {
            "ok": result.ok,
            "error": result.error if failure is None else failure.message,
            "data": result.text,
            "gas": result.gas_used,
            "messages": [self._message(one) for one in result.messages],
            "spawns": len(result.spawns),
        }
        if failure is not None:
            told["failure"] = {
                "message": failure.message,
                "file": failure.file or failure.chunk,
                "line": failure.line,
                "handler": failure.handler,
                "limit": failure.limit,
            }
        return told

    def _message(self, message: Message) -> dict[str, Any]:
        target = message.target if isinstance(message.target, str) else None
        return {
            "Target": target,
            "To": None if target is None else self._network.label(target),
            "From": message.from_,
            "Action": message.action,
            "Data": message.data if isinstance(message.data, (str, int, float, bool, dict, list)) else None,
            "Tags": {str(tag.name): str(tag.value) for tag in message.tags},
        }

    # ── processes ──────────────────────────────────────────────────────────────────────────────────────────────

    def _found(self, given: dict[str, Any]) -> NetworkProcess:
        return self._network.process(_text(given, "process"))

    def _spawn(self, given: dict[str, Any]) -> dict[str, Any]:
        for name in given:
            if name not in ("path", "code", "owner", "name", "tags"):
                raise InputError("is not known", field=str(name), advice="there are path, code, owner, name and tags")
        path = None if "path" not in given else self._inside(_text(given, "path"))
        tags = given.get("tags") or {}
        if not isinstance(tags, dict):
            raise InputError("must be a table of names and values", field="tags")
        made = self._network.spawn(
            path,
            code=None if "code" not in given else _text(given, "code"),
            owner=None if "owner" not in given else _text(given, "owner"),
            name=None if "name" not in given else _text(given, "name"),
            tags={name: _value(value, f"tags.{name}") for name, value in tags.items()},
        )
        return {"id": made.id, "name": made.name, "owner": made.owner}

    def _inside(self, path: str) -> Path:
        """A file of Lua in the project, and no other one."""
        found = self._folder / path
        try:
            whole = found.resolve(strict=True)
            fits = whole.is_relative_to(self._root.resolve()) and whole.suffix == ".lua" and whole.is_file()
            fits = fits and whole.stat().st_size <= _LARGEST
        except (OSError, RuntimeError, ValueError):
            raise InputError("there is no such file", field="path") from None
        if not fits:
            raise InputError("must be a file of Lua in the project", field="path")
        return found


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise InputError("must be text", field=name)
    return value


def _value(value: Any, name: str) -> Any:
    """What a tag or a field may be: text; numbers as people write them."""
    if isinstance(value, bool) or value is None:
        raise InputError(f"must be text, found {str(value).lower()}", field=name)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.14g}"
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return value["id"]
    if not isinstance(value, str):
        raise InputError("must be text", field=name)
    return value

"""`ao_fails`: something in here fails, in this way."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from ..errors import CodeError, InputError
from ..models import Failure
from ..network import Network, Tree
from .current import network_of, world
from .happened import Unmet, in_line

__all__ = ["ao_fails"]

__tracebackhide__ = True


class ao_fails:
    """`with ao_fails("Insufficient", line=42, handler="transfer"):` something in here fails in this way.

    text
        A part of the error's message.
    line, file, handler
        Where; a file is the end of its path.
    limit
        Which limit was hit: "instructions", "memory" or "time".
    process
        A network, or a process in one; the test's network if it is left out.

    It sees every message that fails in the network, whoever sent it, and what is raised (`raise_for_error`, a process
    that cannot be loaded). `failure` is the first that fits, afterwards. Raises AssertionError where nothing fails, or
    otherwise than said; what else is raised passes.
    """

    failure: Failure | CodeError | None = None

    def __init__(
        self,
        text: str | None = None,
        *,
        line: int | None = None,
        file: str | os.PathLike[str] | None = None,
        handler: str | None = None,
        limit: str | None = None,
        process: Any = None,
    ) -> None:
        if text is not None and not isinstance(text, str):
            raise InputError(f"must be text, found {text!r}", field="text")
        self._wanted: dict[str, Any] = {
            name: value
            for name, value in (
                ("text", text),
                ("line", line),
                ("file", None if file is None else os.fspath(file)),
                ("handler", handler),
                ("limit", limit),
            )
            if value is not None
        }
        self._given = process
        self._network: Network | None = None
        self._counts: dict[str, int] = {}

    def __enter__(self) -> ao_fails:
        if self._given is not None or world() is not None:
            self._network = network_of(self._given)
            self._counts = {one.id: len(one.evaluations) for one in self._network.processes}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None and not isinstance(error, CodeError):
            return False
        found: list[Failure | CodeError] = [*self._failures(), *([error] if isinstance(error, CodeError) else [])]
        for one in found:
            if not self._misses(one):
                self.failure = one
                return True
        if not found:
            raise Unmet(f"nothing failed, expected {self._words()}{self._story()}")
        nearest = min(found, key=lambda one: len(self._misses(one)))
        text = f"{in_line(nearest.message)!r} failed otherwise: {', '.join(self._misses(nearest))}"
        if error is None:
            raise Unmet(text + self._story())
        raise Unmet(f"{text}\n\n{error}") from None

    def _failures(self) -> list[Failure]:
        if self._network is None:
            return []
        return [
            one.result.failure
            for process in self._network.processes
            for one in process.evaluations[self._counts.get(process.id, 0) :]
            if one.result is not None and one.result.failure is not None
        ]

    def _misses(self, one: Failure | CodeError) -> list[str]:
        told = []
        for name, value in self._wanted.items():
            if name == "text":
                if value not in one.message:
                    told.append(f"{value!r} is not in it")
                continue
            is_ = getattr(one, name)
            fits = str(is_ or "").endswith(value) if name == "file" else is_ == value
            if not fits:
                told.append(f"{name} is {is_!r}, expected {value!r}")
        return told

    def _words(self) -> str:
        words = [repr(value) if name == "text" else f"{name} {value!r}" for name, value in self._wanted.items()]
        return ", ".join(words) or "that something does"

    def _story(self) -> str:
        """What happened in here."""
        if self._network is None:
            return ""
        trees = [
            str(Tree(one, self._network.label))
            for process in self._network.processes
            for one in process.evaluations[self._counts.get(process.id, 0) :]
            if one.cause is None and one.tick is None
        ]
        return "\n\n" + "\n".join(trees) if trees else "\n\nno message was sent"

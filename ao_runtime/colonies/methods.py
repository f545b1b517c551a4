"""Makes methods of clients from the functions that describe calls: same arguments, same words, same types."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from .call import Call
from .crypto import PrivateKey, hidden

__all__ = ["awaited", "blocking", "chosen"]
P = ParamSpec("P")
T = TypeVar("T")


def blocking(describe: Callable[P, Call[T]]) -> Callable[Concatenate[Any, P], T]:
    """The method of a blocking client that makes the described call and returns its result."""
    hide = _hiding(describe)

    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        args, kwargs = hide(self, args, kwargs)
        result: T = self._perform(describe(*args, **kwargs))
        return result

    return _dressed(method, describe)


def awaited(describe: Callable[P, Call[T]]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """The method of an asynchronous client that makes the described call and returns its result."""
    hide = _hiding(describe)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        args, kwargs = hide(self, args, kwargs)
        result: T = await self._perform(describe(*args, **kwargs))
        return result

    return _dressed(method, describe)


def chosen(prvkey: object, default: PrivateKey | None) -> PrivateKey | None:
    """The key that was given, hidden, or else the client's."""
    return default if prvkey is None else hidden(prvkey)


def _hiding(describe: Callable[..., Any]) -> Callable[[Any, Any, Any], Any]:
    """Puts the key that counts among the arguments, hidden.

    It runs before anything can fail, so that no frame of an error has a key among its variables.
    """
    place = list(inspect.signature(describe).parameters).index("prvkey")

    def hide(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if len(args) > place:
            return (*args[:place], chosen(args[place], client._prvkey), *args[place + 1 :]), kwargs
        return args, {**kwargs, "prvkey": chosen(kwargs.get("prvkey"), client._prvkey)}

    return hide


def _dressed(method: Callable[..., Any], describe: Callable[..., Any]) -> Callable[..., Any]:
    """The method with the name, the words and the arguments of its description, and with the type of its result."""
    functools.update_wrapper(method, describe)
    signature = inspect.signature(describe)
    this = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    returns = re.sub(r"^Call\[(.*)\]$", r"\1", str(signature.return_annotation))
    method.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[this, *signature.parameters.values()], return_annotation=returns
    )
    return method

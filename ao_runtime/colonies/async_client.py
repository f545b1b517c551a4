"""`AsyncColonies`: the client for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, TypeVar

from ..errors import RPCError
from . import calls, subscription
from .call import Call, Reply, Request, attempts
from .extra import library
from .failures import MAX_ANSWER, given_up, moved, of_http, of_websocket, too_large, when_closed
from .methods import awaited, chosen
from .models import ChannelEntry, Process
from .session import Session
from .subscription import Subscription

if TYPE_CHECKING:
    import httpx

__all__ = ["AsyncColonies"]
T = TypeVar("T")


class AsyncColonies(Session):
    """A server of ColonyOS, from tasks of asyncio: `Colonies`, whose methods are awaited.

    May be used by many tasks at once. Connections belong to the loop that runs, and are kept until `disconnect()`, or
    until the end of an `async with` block; a later call makes new ones.
    """

    def __init__(
        self, url: str = "http://localhost:50080/api", prvkey: str | None = None, timeout: float = 30.0
    ) -> None:
        prvkey = chosen(prvkey, None)
        super().__init__(url, prvkey, timeout)
        self._clients: dict[asyncio.AbstractEventLoop, httpx.AsyncClient] = {}

    async def __aenter__(self) -> AsyncColonies:
        """The client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of the connections."""
        await self.disconnect()

    async def disconnect(self) -> None:
        """Let go of the connections. (`close` is the call that closes a process.)"""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    add_colony = awaited(calls.add_colony)
    remove_colony = awaited(calls.remove_colony)
    get_colony = awaited(calls.get_colony)
    get_colonies = awaited(calls.get_colonies)
    get_statistics = awaited(calls.get_statistics)

    add_executor = awaited(calls.add_executor)
    approve_executor = awaited(calls.approve_executor)
    reject_executor = awaited(calls.reject_executor)
    remove_executor = awaited(calls.remove_executor)
    get_executor = awaited(calls.get_executor)
    get_executors = awaited(calls.get_executors)

    add_function = awaited(calls.add_function)
    get_functions = awaited(calls.get_functions)
    get_functions_by_executor = awaited(calls.get_functions_by_executor)
    remove_function = awaited(calls.remove_function)

    submit = awaited(calls.submit)
    assign = awaited(calls.assign)
    close = awaited(calls.close)
    fail = awaited(calls.fail)
    get_process = awaited(calls.get_process)
    get_processes = awaited(calls.get_processes)
    remove_process = awaited(calls.remove_process)
    remove_all_processes = awaited(calls.remove_all_processes)
    set_output = awaited(calls.set_output)
    add_attr = awaited(calls.add_attr)

    submit_workflow = awaited(calls.submit_workflow)
    get_processgraph = awaited(calls.get_processgraph)
    get_processgraphs = awaited(calls.get_processgraphs)
    remove_processgraph = awaited(calls.remove_processgraph)
    remove_all_processgraphs = awaited(calls.remove_all_processgraphs)

    add_log = awaited(calls.add_log)
    get_logs = awaited(calls.get_logs)
    channel_append = awaited(calls.channel_append)
    channel_read = awaited(calls.channel_read)

    add_blueprint_definition = awaited(calls.add_blueprint_definition)
    get_blueprint_definition = awaited(calls.get_blueprint_definition)
    get_blueprint_definitions = awaited(calls.get_blueprint_definitions)
    remove_blueprint_definition = awaited(calls.remove_blueprint_definition)
    add_blueprint = awaited(calls.add_blueprint)
    get_blueprint = awaited(calls.get_blueprint)
    get_blueprints = awaited(calls.get_blueprints)
    update_blueprint = awaited(calls.update_blueprint)
    remove_blueprint = awaited(calls.remove_blueprint)
    update_blueprint_status = awaited(calls.update_blueprint_status)
    reconcile_blueprint = awaited(calls.reconcile_blueprint)

    async def subscribe_process(
        self, process: Process, state: int, timeout: int, prvkey: str | None = None
    ) -> Process | None:
        """Wait up to `timeout` seconds until a process is in a state: see `Colonies.subscribe_process`."""
        prvkey = chosen(prvkey, self._prvkey)
        asked = subscription.to_process(process, state, timeout, prvkey)
        async with contextlib.aclosing(self._frames(asked)) as frames:
            return await anext(frames, None)

    async def subscribe_channel(
        self,
        processid: str,
        channelname: str,
        afterseq: int,
        timeout: int,
        prvkey: str | None = None,
        callback: Callable[[list[ChannelEntry]], object] | None = None,
    ) -> list[ChannelEntry]:
        """What comes through a channel, all entries when it is over: see `Colonies.subscribe_channel`.

        The callback may be a coroutine function.
        """
        prvkey = chosen(prvkey, self._prvkey)
        asked = subscription.to_channel(processid, channelname, afterseq, timeout, prvkey)
        entries: list[ChannelEntry] = []
        async with contextlib.aclosing(self._frames(asked)) as frames:
            async for new in frames:
                entries.extend(new)
                if new and callback is not None:
                    more = callback(new)
                    if inspect.isawaitable(more):
                        more = await more
                    if more is False:
                        break
        return entries

    def iter_channel(
        self, processid: str, channelname: str, afterseq: int = 0, timeout: int = 0, prvkey: str | None = None
    ) -> AsyncGenerator[ChannelEntry, None]:
        """The entries of a channel one by one, as they come: `subscribe_channel` as an asynchronous iterator.

        Leave it early within `contextlib.aclosing`, which lets go of the connection at once.
        """
        prvkey = chosen(prvkey, self._prvkey)
        return self._entries(subscription.to_channel(processid, channelname, afterseq, timeout, prvkey))

    async def _entries(self, asked: Subscription[list[ChannelEntry]]) -> AsyncGenerator[ChannelEntry, None]:
        async with contextlib.aclosing(self._frames(asked)) as frames:
            async for new in frames:
                for entry in new:
                    yield entry

    async def _perform(self, call: Call[T]) -> T:
        steps = attempts(call)
        step = next(steps)
        try:
            while True:
                if isinstance(step, Request):
                    try:
                        reply = await self._post(step)
                    except RPCError as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(reply)
                else:
                    await asyncio.sleep(step)
                    step = next(steps)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _post(self, request: Request) -> Reply:
        client = self._http()
        import httpx

        seconds = self._seconds(request.patience)
        timeout = httpx.Timeout(self._timeout, read=seconds)
        body = bytearray()
        try:
            async with client.stream(
                "POST", self._address.api, content=request.body.encode(), timeout=timeout
            ) as response:
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER:
                        raise too_large(response.status_code)
            return Reply(response.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise of_http(error, self.url, seconds) from None

    def _http(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            # Connections of a loop that was closed are of no use to anybody.
            self._clients = {other: client for other, client in self._clients.items() if not other.is_closed()}
            self._clients[loop] = self._opened("AsyncClient")
        return self._clients[loop]

    async def _frames(self, asked: Subscription[T]) -> AsyncGenerator[T, None]:
        """What a subscription brings, frame by frame."""
        connect = library("websockets.asyncio.client").connect
        from websockets.exceptions import ConnectionClosed

        settings = self._websocket_settings()
        try:
            connection = await connect(self._address.pubsub, **settings)
        except Exception as error:  # also AssertionError, where a server breaks off in the middle
            raise of_websocket(error, self.url) from None
        async with connection:
            if (problem := moved(connection, self._address.pubsub, self.url)) is not None:
                raise problem
            try:
                await connection.send(asked.begin())
                while not asked.over:
                    frame = None
                    with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                        frame = await asyncio.wait_for(connection.recv(), asked.left())
                    if frame is not None:
                        yield asked.take(frame)
                    elif (problem := given_up(connection) or asked.silent()) is not None:
                        raise problem
            except ConnectionClosed as error:
                if (problem := when_closed(asked, error)) is not None:
                    raise problem from None

"""`Colonies`: the blocking client."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

from ..errors import RPCError
from . import calls, subscription
from .call import Call, Reply, Request, attempts
from .extra import library
from .failures import MAX_ANSWER, given_up, moved, of_http, of_websocket, too_large, when_closed
from .methods import blocking, chosen
from .models import ChannelEntry, Process
from .session import Session
from .subscription import Subscription

if TYPE_CHECKING:
    import httpx

__all__ = ["Colonies"]
T = TypeVar("T")


class Colonies(Session):
    """A server of ColonyOS, from threads.

    `url` is where it is (`http(s)://HOST:PORT/api`), `prvkey` signs where a call is given no other key, `timeout` is
    seconds for a connection and for an answer. May be used by many threads at once. Connections are kept until
    `disconnect()`, or until the end of a `with` block; a later call makes new ones. Proxies of the environment
    (`HTTPS_PROXY`, …) are used, except for this machine.

    Every call raises RPCError if the server refuses it or does not answer (`conn_err()`), and InputError for what
    cannot be sent. After connection errors, calls that may be repeated are sent up to three times.
    """

    def __init__(
        self, url: str = "http://localhost:50080/api", prvkey: str | None = None, timeout: float = 30.0
    ) -> None:
        prvkey = chosen(prvkey, None)
        super().__init__(url, prvkey, timeout)
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def __enter__(self) -> Colonies:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the connections."""
        self.disconnect()

    def disconnect(self) -> None:
        """Let go of the connections. (`close` is the call that closes a process.)"""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    add_colony = blocking(calls.add_colony)
    remove_colony = blocking(calls.remove_colony)
    get_colony = blocking(calls.get_colony)
    get_colonies = blocking(calls.get_colonies)
    get_statistics = blocking(calls.get_statistics)

    add_executor = blocking(calls.add_executor)
    approve_executor = blocking(calls.approve_executor)
    reject_executor = blocking(calls.reject_executor)
    remove_executor = blocking(calls.remove_executor)
    get_executor = blocking(calls.get_executor)
    get_executors = blocking(calls.get_executors)

    add_function = blocking(calls.add_function)
    get_functions = blocking(calls.get_functions)
    get_functions_by_executor = blocking(calls.get_functions_by_executor)
    remove_function = blocking(calls.remove_function)

    submit = blocking(calls.submit)
    assign = blocking(calls.assign)
    close = blocking(calls.close)
    fail = blocking(calls.fail)
    get_process = blocking(calls.get_process)
    get_processes = blocking(calls.get_processes)
    remove_process = blocking(calls.remove_process)
    remove_all_processes = blocking(calls.remove_all_processes)
    set_output = blocking(calls.set_output)
    add_attr = blocking(calls.add_attr)

    submit_workflow = blocking(calls.submit_workflow)
    get_processgraph = blocking(calls.get_processgraph)
    get_processgraphs = blocking(calls.get_processgraphs)
    remove_processgraph = blocking(calls.remove_processgraph)
    remove_all_processgraphs = blocking(calls.remove_all_processgraphs)

    add_log = blocking(calls.add_log)
    get_logs = blocking(calls.get_logs)
    channel_append = blocking(calls.channel_append)
    channel_read = blocking(calls.channel_read)

    add_blueprint_definition = blocking(calls.add_blueprint_definition)
    get_blueprint_definition = blocking(calls.get_blueprint_definition)
    get_blueprint_definitions = blocking(calls.get_blueprint_definitions)
    remove_blueprint_definition = blocking(calls.remove_blueprint_definition)
    add_blueprint = blocking(calls.add_blueprint)
    get_blueprint = blocking(calls.get_blueprint)
    get_blueprints = blocking(calls.get_blueprints)
    update_blueprint = blocking(calls.update_blueprint)
    remove_blueprint = blocking(calls.remove_blueprint)
    update_blueprint_status = blocking(calls.update_blueprint_status)
    reconcile_blueprint = blocking(calls.reconcile_blueprint)

    def subscribe_process(
        self, process: Process, state: int, timeout: int, prvkey: str | None = None
    ) -> Process | None:
        """Wait up to `timeout` seconds until a process is in a state (RUNNING, SUCCESS, …); any key.

        The process as the server pushes it: its state is right, while `output` and `endtime` may be of before; read
        it again with `get_process`. Raises RPCError if the time is over (`conn_err()` is false) and if there is no such
        process (403). A process that has passed that state already is waited for in vain.
        """
        prvkey = chosen(prvkey, self._prvkey)
        asked = subscription.to_process(process, state, timeout, prvkey)
        with contextlib.closing(self._frames(asked)) as frames:
            return next(frames, None)

    def subscribe_channel(
        self,
        processid: str,
        channelname: str,
        afterseq: int,
        timeout: int,
        prvkey: str | None = None,
        callback: Callable[[list[ChannelEntry]], object] | None = None,
    ) -> list[ChannelEntry]:
        """What comes through a channel, for up to `timeout` seconds (0: 30): all entries, when it is over.

        The key of the process's initiator, or of the executor that holds it. `afterseq` entries are skipped. The
        callback is called with the entries as they come, first with those that are there, and ends it by returning
        False. It ends by itself when the time is over, also where the process was closed or has failed meanwhile:
        servers say nothing of that. If the last entry has an `error`, you were too slow, and entries are missing.
        Refused as `channel_read` is.
        """
        prvkey = chosen(prvkey, self._prvkey)
        asked = subscription.to_channel(processid, channelname, afterseq, timeout, prvkey)
        entries: list[ChannelEntry] = []
        with contextlib.closing(self._frames(asked)) as frames:
            for new in frames:
                entries.extend(new)
                if new and callback is not None and callback(new) is False:
                    break
        return entries

    def iter_channel(
        self, processid: str, channelname: str, afterseq: int = 0, timeout: int = 0, prvkey: str | None = None
    ) -> Generator[ChannelEntry, None, None]:
        """The entries of a channel one by one, as they come: `subscribe_channel` as an iterator.

        Stop when you have what you want; `close()` of the iterator, or its end, lets go of the connection.
        """
        prvkey = chosen(prvkey, self._prvkey)
        return self._entries(subscription.to_channel(processid, channelname, afterseq, timeout, prvkey))

    def _entries(self, asked: Subscription[list[ChannelEntry]]) -> Generator[ChannelEntry, None, None]:
        with contextlib.closing(self._frames(asked)) as frames:
            for new in frames:
                yield from new

    def _perform(self, call: Call[T]) -> T:
        steps = attempts(call)
        step = next(steps)
        try:
            while True:
                if isinstance(step, Request):
                    try:
                        reply = self._post(step)
                    except RPCError as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(reply)
                else:
                    time.sleep(step)
                    step = next(steps)
        except StopIteration as end:
            result: T = end.value
            return result

    def _post(self, request: Request) -> Reply:
        client = self._http()
        import httpx

        seconds = self._seconds(request.patience)
        timeout = httpx.Timeout(self._timeout, read=seconds)
        body = bytearray()
        try:
            with client.stream("POST", self._address.api, content=request.body.encode(), timeout=timeout) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER:
                        raise too_large(response.status_code)
            return Reply(response.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise of_http(error, self.url, seconds) from None

    def _http(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = self._opened("Client")
            return self._client

    def _frames(self, asked: Subscription[T]) -> Generator[T, None, None]:
        """What a subscription brings, frame by frame."""
        connect = library("websockets.sync.client").connect
        from websockets.exceptions import ConnectionClosed

        settings = self._websocket_settings()
        try:
            connection = connect(self._address.pubsub, **settings)
        except Exception as error:  # also AssertionError, where a server breaks off in the middle
            raise of_websocket(error, self.url) from None
        with connection:
            if (problem := moved(connection, self._address.pubsub, self.url)) is not None:
                raise problem
            try:
                connection.send(asked.begin())
                while not asked.over:
                    frame = None
                    with contextlib.suppress(TimeoutError):
                        frame = connection.recv(timeout=asked.left())
                    if frame is not None:
                        yield asked.take(frame)
                    elif (problem := given_up(connection) or asked.silent()) is not None:
                        raise problem
            except ConnectionClosed as error:
                if (problem := when_closed(asked, error)) is not None:
                    raise problem from None

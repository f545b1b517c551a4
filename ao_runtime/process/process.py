"""One ao process: takes messages, gives results. What fails leaves no trace."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..models import Limits, check_keywords, nodes_in, pack, read_message, shown
from ..state import Options, Slots, State, skipped
from .embedded import Embedded
from .spawning import Start, boot, read_code

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..models import Environment, GivenLimits, Message, Packed, Result, Waiting
    from ..state import Evaluation, GivenOptions, Progress

__all__ = ["TOGETHER", "Process"]

__tracebackhide__ = True

#: Messages that a child process is given at once.
TOGETHER = 128


class Process(Embedded):
    """One ao process: its code and its state, at the moment after the last message that it accepted.

    `Process(environment)` has seen nothing yet: on the network the first message is its own (`Id` equal to the
    process's id), and a process that gets another one first does what that generation's module does.
    `Process.spawn(...)` makes environment and first message as well. `Process.open(...)` keeps all on disk,
    `Process.restore(...)` goes on from a snapshot.

    environment
        {"Process": {"Id", "Owner", "Tags"}, "Module": {...}}, as a dict or `Environment`.
    limits
        What one evaluation may use: `Limits`, or a mapping of some of them.
    dialect
        Which generation of the network's module is played: "2.0.6", "2.0.3", "2.0.1", "1" (aos 0.2.1) or "0.2.0".
    module
        What is evaluated in place of our Lua: a published module, a file that ends in `.wasm`; or a folder of Lua files
        with a `process.lua` whose `handle(msg, env)` is used.
    sources
        The project's own Lua, for `require`: a folder, or a mapping from names to texts.
    replace
        Modules that are others than there, all else being read as ever: a mapping from the names that `require` is
        given to texts, or to the `Path`s of files.
    files
        What `io.open("/data/<id>")` reads: a mapping, a folder or a function from ids to contents.
    boot_file
        The developer's file that the process's own Data was read from; errors name it.
    format
        The format of a published module, where it is not to be guessed.
    history
        How many of the last messages a process in memory keeps for `at()`, at least; all of them, if nothing is said.
    isolated
        True, or a `Pool`: messages are evaluated in a child process, whose limits hold against everything
        (docs/isolation.md). `Limits(hard=True)` implies it.

    A process may be used from several threads: each message, and each look, waits for the one before. A thread needs a
    stack of 3 MB.

    Raises `InputError` for an environment or an option that makes no sense, and in a thread with a smaller stack.
    """

    #: Result of the process's own message, where `spawn` evaluated it.
    spawn_result: Result | None = None

    #: What is known of a scheduler's nodes: made for the first one.
    _slots: Slots | None

    def __init__(
        self, environment: Mapping[str, Any] | Environment | None = None, **options: Unpack[GivenOptions]
    ) -> None:
        self._take(State.new(environment, Options.of(**options)))

    @classmethod
    def spawn(
        cls,
        path: str | Path | None = None,
        *,
        code: str | bytes | None = None,
        owner: str = "",
        id: str | None = None,
        tags: Any = None,
        environment: Mapping[str, Any] | Environment | None = None,
        state: str | os.PathLike[str] | None = None,
        **options: Unpack[GivenOptions],
    ) -> Process:
        """Start a process: make its environment and its own message, and evaluate that.

        `path` is a Lua file, evaluated as the process's own Data (`On-Boot = Data`), before aos 2 by an Eval of the
        owner right after the start; `require` finds the files beside it, which a published module gets in its code.
        `code` is such code as text. Without either the process is empty. `tags` are the process's tags, in any form
        that a message's tags have. Without an `owner` or an `id` there are made ones, always the same. What
        `environment` says of them stands, where nothing else is given. The options are those of `Process`.

        With `state`, a file, the process is kept there as by `open`: it is started the first time, and after that goes
        on where it was.

        Raises `LoadError` where the code does not load (no file is made then), `InputError` where it cannot be read,
        and where the file of `state` holds a process that was started with other code, id, owner or tags than are
        given here; `JournalError` as `open` does. `process.spawn_result` is the result of the process's own message, or
        of the Eval after it. A module that fails at its own message, without any code, raises nothing: that is the
        result, and the next message is evaluated.
        """
        given = Options.of(**options)
        start = Start.of(path, given, code=code, owner=owner, id=id, tags=tags, environment=environment)
        if state is None:
            new = State.new(start.environment, start.options)
            return cls._of(new, boot(new, start)[-1])
        from .opening import spawned

        return cls._of(*spawned(Path(state), start))

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        environment: Mapping[str, Any] | Environment | None = None,
        **options: Unpack[GivenOptions],
    ) -> Process:
        """The process whose journal is the file `path`; a new one where there is no such file.

        Every message is in the journal, on the disk, before its result is given. The first time all is as in
        `Process(...)`; after that the file knows how the process was started, and what is given must go with that:
        the same environment or none. Limits, folders and files may be others than before; unless they are given they
        are the same. `close()` it, or use it as a context manager.

        Raises `JournalError` where the file is damaged, is no journal, or is open in another program; `InputError` for
        an environment or an option that is not what the process was started with.
        """
        from .opening import opened

        return cls._of(opened(Path(path), environment, Options.of(**options)))

    @classmethod
    def restore(cls, data: bytes, **options: Unpack[GivenOptions]) -> Process:
        """A process at the moment of a snapshot, in memory. It knows no messages before that.

        What is not given is as the snapshot says: limits, and the folders that code and files are read from. What the
        process had read already it has still. The options are those of `Process`.

        Raises `SnapshotError` for bytes that are damaged, foreign or of a later version, and where the state needs more
        memory than the limit; `InputError` for options that do not go with it.
        """
        from ..state import restored

        return cls._of(restored(data, Options.of(**options)))

    @property
    def id(self) -> str:
        """The process's id."""
        return self._state.genesis.id

    @property
    def owner(self) -> str:
        """The address of the process's owner, as its environment says."""
        return self._state.genesis.owner

    @property
    def environment(self) -> dict[str, Any]:
        """The environment, as the network writes it."""
        return self._state.genesis.environment

    @property
    def limits(self) -> Limits:
        """The limits of an evaluation that is given no others."""
        return self._limits

    @property
    def count(self) -> int:
        """The number of messages so far, those that failed among them. The next one is message `count`."""
        return self._state.journal.count

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The handlers that wait inside of a message (`Receive`): for what, and since which message."""
        return self._state.waiting()

    def handle(
        self,
        message: Mapping[str, Any] | Message | None = None,
        *,
        limits: Limits | GivenLimits | None = None,
        **fields: Any,
    ) -> Result:
        """Evaluate one message and keep the state that it leaves, unless the result is an error.

        The message is a dict with the network's names or Python's, a `Message`, keyword arguments, or both; or what a
        scheduler gives, `{message, assignment}`, which becomes what a compute unit makes of it. What is left out is
        filled in (`ao_runtime.state.defaults`). Limits given here are those of this evaluation alone.

        Raises `InputError` for a message that makes no sense, and for a keyword argument that is nearly a field
        (`sender=`, `frm=`); `JournalError` where it could not be written down: it has left no trace then. An error of
        the process's code, and a limit that was hit, raise nothing: they are `result.error` and `result.failure`.
        """
        allowed = self._limits if limits is None else self._allowed(limits)
        with self._lock:
            state = self._state
            packed = (
                state.pack_complete(message) if type(message) is dict and not fields and not state.unstarted else None
            )
            if packed is not None:
                state.defaults.saw(message["Timestamp"], message["Block-Height"])  # type: ignore[index]
            else:
                if fields:
                    check_keywords(fields)
                packed = state.filled(read_message(message, fields))
            result = state.evaluate(packed, allowed)
            if type(message) is dict:
                result.keys = tuple(message)
            return result

    def handle_many(
        self,
        messages: Iterable[Mapping[str, Any] | Message] | Mapping[str, Any],
        *,
        limits: Limits | GivenLimits | None = None,
        cron: bool = True,
    ) -> list[Result]:
        """Evaluate messages one after the other, and give their results when all of them are in the journal.

        A journal on disk is written once, which is much faster than once for each. Messages that fail are results like
        others. After any exception none of the messages has left a trace.

        A scheduler's pages and nodes may stand among them, or be given alone: what a compute unit evaluates for them is
        evaluated (`scheduled`). The ticks of cron that are due before a node have results of their own before that of
        the node (`result.cron` names them); without `cron` there are none, and each node has one result. A node whose
        message was evaluated before is skipped: its result is empty, as the compute unit's.
        """
        if isinstance(messages, Mapping):
            messages = [messages]
        allowed = self._limits if limits is None else self._allowed(limits)
        state = self._state
        evaluate, complete = state.evaluate, state.pack_complete
        results = []
        with self._lock, state.together():
            if state.genesis.pool is not None:
                return self._handle_together(messages, allowed, cron)
            for item in messages:
                if type(item) is dict and not state.unstarted and (packed := complete(item)) is not None:
                    state.defaults.saw(item["Timestamp"], item["Block-Height"])
                    results.append(evaluate(packed, allowed))
                elif (nodes := nodes_in(item)) is None:
                    results.append(self.handle(item, limits=allowed))
                else:
                    for message, tick in (one for node in nodes for one in self.scheduled(node, cron=cron)):
                        result = skipped() if message is None else self.handle(message, limits=allowed)
                        results.append(result if tick is None else result.of_tick(tick))
        return results

    def scheduled(self, node: Mapping[str, Any], *, cron: bool = True) -> Iterator[Evaluation]:
        """What a compute unit evaluates for a scheduler's node, `{message, assignment}`, after all that was evaluated.

        That is the ticks of cron that are due before it, in order, with `cron`; and its message, or None where that is
        skipped, since the process has had it: in another assignment, or pushed by a process (`Forwarded-By`) with the
        same data, target, anchor and tags. Ticks are counted from the process's own node. Evaluates nothing, keeps
        nothing.

        Raises `InputError` for a node that is none, for an assignment without its message, for a process whose crons
        make no sense, and for more than a million ticks.
        """
        with self._lock:
            return self._caught_up().evaluations(node, cron)

    def dry_run(
        self,
        message: Mapping[str, Any] | Message | None = None,
        *,
        limits: Limits | GivenLimits | None = None,
        **fields: Any,
    ) -> Result:
        """Evaluate a message of which nothing is to stay: neither what it changes nor that it was there.

        It has `Read-Only = true`, and by default the time of the last message. The evaluation is done in a copy of this
        program (`fork`) where the system has that and AO_RUN_FORK=0 does not forbid it; elsewhere the state is made
        again after it.
        """
        allowed = self._limits if limits is None else self._allowed(limits)
        check_keywords(fields)
        with self._lock:
            wire = read_message(message, fields)
            wire["Read-Only"] = True
            self._state.defaults.fill_unscheduled(wire)
            result = self._state.dry_run(pack(wire), allowed)
            if isinstance(message, dict):
                result.keys = tuple(message)
            return result

    # ── any moment again ───────────────────────────────────────────────────────────────────────────────────────

    def snapshot(self) -> bytes:
        """This moment as bytes, for `Process.restore`: all of the state, and what the process has read from outside.

        The same state gives the same bytes. (Where a handler waits inside of a message, the state is written down as
        the last one that could be saved and the messages since; when that was depends on the machine.)
        """
        from ..state import snapshot_of

        with self._lock:
            return snapshot_of(self._state)

    def at(self, nonce: int, *, progress: Progress | None = None) -> Process:
        """A process of its own, in memory, at the moment after message `nonce` (0 is the process's own).

        `progress` is told now and then how many messages of how many have been evaluated again.

        Raises `InputError` where there is no such message, or where it was before the snapshot that this process was
        restored from.
        """
        if isinstance(nonce, bool) or not isinstance(nonce, int) or not 0 <= nonce < self.count:
            known = f"0 to {self.count - 1}" if self.count else "none yet"
            raise InputError(f"there is no message {shown(nonce)}", advice=f"there are {known}", field="nonce")
        from ..state import state_at

        with self._lock:
            return self._of(state_at(self._state, nonce + 1, progress), self.spawn_result)

    def fork(self) -> Process:
        """A process of its own, in memory, at the same moment. It knows the same messages: `fork().at(n)` works."""
        with self._lock:
            return self._of(self._state.fork(), self.spawn_result)

    def __copy__(self) -> Process:
        """As `fork`: a process that is a state of its own."""
        return self.fork()

    def __deepcopy__(self, memo: dict[int, Any]) -> Process:
        return self.fork()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise InputError(
            "a process cannot be pickled",
            advice="pickle process.snapshot(), and give it to Process.restore() there; fork() makes another one here",
        )

    def __repr__(self) -> str:
        """Id, name, number of messages, and who waits; nothing is evaluated for it."""
        parts = [f"id={self.id!r}"]
        engine = self._state.engine
        if engine is not None:
            name = self.get("Name") if self._state.genesis.own else None
            if isinstance(name, str):
                parts.append(f"name={name!r}")
        parts.append(f"count={self.count}")
        waiting = () if engine is None else self.waiting
        if waiting:
            parts.append(f"waiting=[{', '.join(repr(str(one)) for one in waiting)}]")
        return f"Process({', '.join(parts)})"

    def close(self) -> None:
        """Let go of the state, and of the journal on disk. It can be done more than once."""
        with self._lock:
            self._state.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── looking, and the owner's code ──────────────────────────────────────────────────────────────────────────

    def fill(self, message: Mapping[str, Any] | Message | None = None, **fields: Any) -> dict[str, Any]:
        """A message as `handle` evaluates it next, in the network's form: with all that it fills in. Keeps nothing."""
        check_keywords(fields)
        wire = read_message(message, fields)
        with self._lock:
            copy(self._state.defaults).fill(wire)
        return wire

    def eval(self, code: str | bytes, *, limits: Limits | GivenLimits | None = None) -> Result:
        """Evaluate Lua code as the owner's Eval message; what it changes is kept, unless it fails."""
        return self.handle(self.eval_message(code), limits=limits)

    def eval_file(self, path: str | os.PathLike[str], *, limits: Limits | GivenLimits | None = None) -> Result:
        """Evaluate a Lua file as the owner's Eval message; errors name the file.

        Raises `InputError` where it cannot be read.
        """
        return self._eval_of(os.fspath(path), read_code(path), limits)

    def changed_modules(self) -> list[str]:
        """The names of the project's modules that have been read and are others now: the process has the old ones."""
        changed = self._state.inputs.sources.changed()
        if not changed:
            return []
        code = self._state.evaluated()
        return sorted(name for name, text in changed.items() if not code.last_is(_head(name), _replacing(name, text)))

    def reload_module(self, name: str, *, limits: Limits | GivenLimits | None = None) -> Result:
        """Evaluate one of `changed_modules` as it is now on the state as it is, as the owner's Eval message.

        What `require` gives from now on is what the new text returns; who holds the old one goes on with it. Raises
        `InputError` where the module has not changed.
        """
        state = self._state
        text = state.inputs.sources.changed().get(name)
        if text is None:
            raise InputError("has not changed, or was never read", field=name)
        return self._eval_of(state.inputs.sources.path(name), _replacing(name, text), limits)

    def eval_message(self, code: str | bytes) -> dict[str, Any]:
        """The message by which the owner has code evaluated: from whoever the process takes for its owner now."""
        with self._lock:
            owner = self._state.ask(lambda engine: engine.owner()) if self._state.genesis.own else None
        sender = self.owner if owner is None else owner
        return {"From": sender, "Owner": sender, "Tags": [{"name": "Action", "value": "Eval"}], "Data": code}

    def get(self, path: str) -> Any:
        """Look at a value of the process's state without a message: `get("Balances.alice")`, `get("Inbox[1].Data")`.

        Tables with the keys 1…n become lists (as in JSON, the empty one too), others dicts; functions a description.
        Nothing of the process's code runs. None where there is no such value. Raises `InputError` for a path through
        something that is no table, and for a table that holds itself.
        """
        if not isinstance(path, str):
            raise InputError(f"must be text, found {shown(path)}", field="path", advice='get("Balances.alice")')
        with self._lock:
            return self._state.ask(lambda engine: engine.get(path))

    def outline(self, keys: Sequence[str | bytes | int | float | bool] = (), first: int = 0, most: int = 100) -> Any:
        """Look at one table of the process's state, at a cost that does not grow with what it holds.

        `keys` lead there from the globals; `most` entries are shown, from the one numbered `first` (0) on in the order
        of the keys, and some of what these hold, four deep. A value is told as a dict: `kind` ("string", "number",
        "boolean", "function", "table", …), `text` and, of a string, `size` in bytes; of a table `size`, the number of
        its entries, `more`, whether there are more than were counted, and `items`, a list of `{"key", "value"}`, or
        nothing where no more is shown. Nothing of the process's code runs.

        Raises `InputError` where there is no such value, and for a published module.
        """
        if first < 0 or not 0 < most <= 500:
            raise InputError("must be a number of entries: first from 0 on, most 1 to 500", field="outline")
        with self._lock:
            return self._state.ask(lambda engine: engine.outline(keys, first + 1, most))

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def _of(cls, state: State, spawn_result: Result | None = None) -> Process:
        """The process of a state."""
        process = cls.__new__(cls)
        process._take(state)
        process.spawn_result = spawn_result
        return process

    def _handle_together(
        self, messages: Iterable[Mapping[str, Any] | Message], limits: Limits, cron: bool
    ) -> list[Result]:
        """Evaluate messages in a child process, which is given many at once."""
        state = self._state
        results: list[Result] = []
        many: list[Packed] = []
        # For each result to come, whether its message is skipped, and which tick it is of.
        plan: list[tuple[bool, str | None]] = []
        # Knows all so far, what is not evaluated yet too; None after a message that is no node.
        slots: Slots | None = None

        def evaluate() -> None:
            evaluated = iter(state.evaluate_many(many, limits))
            for skips, tick in plan:
                result = skipped() if skips else next(evaluated)
                results.append(result if tick is None else result.of_tick(tick))
            many.clear()
            plan.clear()

        def add(packed: Packed, tick: str | None = None) -> None:
            many.append(packed)
            plan.append((False, tick))
            if len(many) >= TOGETHER:
                evaluate()

        for item in messages:
            if state.unstarted:
                evaluate()
            packed = state.pack_complete(item) if type(item) is dict and not state.unstarted else None
            nodes = None if packed is not None else nodes_in(item)
            if nodes is None:
                slots = None
                if packed is not None:
                    state.defaults.saw(item["Timestamp"], item["Block-Height"])
                    add(packed)
                elif state.unstarted:
                    results.append(self.handle(item, limits=limits))
                else:
                    add(state.filled(read_message(item, {})))
                continue
            for node in nodes:
                if slots is None:
                    evaluate()
                    slots = self._caught_up()
                for message, tick in slots.evaluations(node, cron):
                    if message is None:
                        plan.append((True, None))
                        continue
                    slots.note(message)
                    if state.unstarted:
                        evaluate()
                        results.append(self.handle(message, limits=limits))
                    else:
                        add(state.filled(read_message(message, {})), tick)
        evaluate()
        return results

    def _caught_up(self) -> Slots:
        """What is known of the scheduler's nodes, with all that was evaluated."""
        if self._slots is None:
            self._slots = Slots(self.id)
        self._slots.catch_up(self._state.journal)
        return self._slots

    def _eval_of(self, path: str | None, code: bytes, limits: Limits | GivenLimits | None) -> Result:
        """Evaluate code of a file, which errors name."""
        with self._lock:
            files, number = self._state.eval_files, self._state.journal.count
            if path is not None:
                files[number] = path
            try:
                return self.eval(code, limits=limits)
            except BaseException:
                files.pop(number, None)  # There was no such message.
                raise

    def _allowed(self, limits: Limits | Mapping[str, Any]) -> Limits:
        """The limits of one evaluation."""
        allowed = Limits.read(limits)
        if allowed.hard and self._state.genesis.pool is None:
            raise InputError(
                "can be had in a child process only",
                advice="start the process with isolated=True, or with limits that are hard",
                field="limits.hard",
            )
        return allowed

    def _take(self, state: State) -> None:
        self._embed(state, RLock(), state.genesis.limits)
        self._slots = None


def _head(name: str) -> bytes:
    # On one line, so that lines are the file's. A module's name holds letters, digits, dots, slashes and dashes.
    return f"local n = '{name}'; local m = (function(...) ".encode()


def _replacing(name: str, text: bytes) -> bytes:
    """Code that puts a module's new text in its place."""
    tail = b"\nend)(n); if m == nil then m = true end; package.loaded[n] = m; package.loaded['.' .. n] = m"
    return _head(name) + text + tail

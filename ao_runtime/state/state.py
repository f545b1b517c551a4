"""The fold: the state of one process, what it has seen, and how any state is made again from that."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import InputError, InternalError, SnapshotError
from ..isolation import EngineLostError
from ..models import FAST, Result, encode, failed, is_complete, pack, pack_as_it_is, pack_complete, wire_of
from . import handlers
from .checkpointing import Checkpointing
from .copied import Original, pays
from .engine import hold, isolated
from .evaluated import EvaluatedCode
from .failures import failure_of, in_files, with_code
from .fork import Outcome, evaluate_in_fork
from .generations import WITHOUT_BOOT, code_id
from .genesis import Genesis
from .journal import Checkpoint, Journal, Kept, Mark, Progress, evaluate_again, time_of
from .loss import again, asked
from .marking import marked, put_back, usable

if TYPE_CHECKING:
    from ..models import Answer, Environment, Failure, Limits, Packed, Waiting
    from .disk import Disk
    from .engine import Engine, Isolated
    from .inputs import Inputs
    from .options import Options
    from .reads import Read

__all__ = ["State"]

__tracebackhide__ = True

_log = logging.getLogger("ao_runtime.state")
_T = TypeVar("_T")


class State:
    """The state of a process at the moment after the last message that it accepted, and the way there.

    A message that fails, or that is interrupted, leaves the engine in no state at all. It is thrown away then, and the
    next one is made from what was saved last and the messages since.

    genesis, inputs
        How the process was started, and what it reads.
    journal
        What it has seen before.
    saved
        A moment that an engine can load, no later than the end of the journal.
    """

    def __init__(
        self,
        genesis: Genesis,
        inputs: Inputs,
        journal: Journal,
        saved: Checkpoint | None = None,
        history: int | None = None,
    ) -> None:
        self.genesis = genesis
        self.inputs = inputs
        self.journal = journal
        self.saved = journal.root if saved is None else saved
        self.defaults = genesis.defaults()
        #: Packs a message in the network's form in one go; None for any other.
        self.pack_complete = pack_complete if genesis.wasm is None else pack_as_it_is
        #: Whether no message was accepted yet.
        self.unstarted = True
        #: The journal on disk, where there is one.
        self.disk: Disk | None = None
        self.engine: Engine | None = None
        #: So many messages at least are kept in memory, of those that there were; None is all.
        self.history = history
        # What the history may begin with, once enough has happened since.
        self._next_root: Checkpoint | None = None
        self._within = False
        #: The files that Evals were read from, by the messages' numbers.
        self.eval_files: dict[int, str] = {}
        self._closed = False
        #: Made for the first failure.
        self._code: tuple[Journal, EvaluatedCode] | None = None
        self._checkpointing = Checkpointing()
        #: Seconds of evaluation since the state was saved.
        self.spent = 0.0
        #: Seconds of evaluation that making the state again has taken, when it was made last.
        self.replayed = 0.0
        #: An engine at a moment that was marked, where copies of it are the cheaper way back.
        self.original: Original | None = None
        # So many messages are tried in a copy of the program before they are evaluated here.
        self._probes = 0
        self._entries = journal.entries
        self._id = genesis.id
        self._new_reads = inputs.new
        self._refill()

    @classmethod
    def new(cls, environment: Mapping[str, Any] | Environment | None, options: Options) -> State:
        """A process before its first message.

        Raises `InputError` for an environment or an option that makes no sense: here, not at the first message.
        """
        genesis = Genesis(environment, options)
        inputs = genesis.inputs(options)
        genesis.check_module(inputs, options)
        state = cls(genesis, inputs, Journal(), history=options.history)
        state.ready()
        return state

    def filled(self, wire: dict[str, Any]) -> Packed:
        """The next message, filled in and packed. Raises `InputError` for values that no process can be given."""
        as_it_is = self.genesis.wasm is not None and is_complete(wire)
        self.defaults.fill(wire)
        try:
            packed = encode(wire) if as_it_is else pack(wire)
        except BaseException:
            self._refill()
            raise
        if type(packed) is bytes:
            # A number that does not fit into 64 bits is another one in there.
            self.defaults.was_at(*time_of(packed))
        return packed

    # ── one message ────────────────────────────────────────────────────────────────────────────────────────────

    def evaluate(self, packed: Packed, limits: Limits) -> Result:
        """Evaluate a message and keep what it leaves, unless the result is an error; it is in the journal then.

        Raises `JournalError` where it could not be written down. After any exception there is no trace of it.
        """
        engine = self.engine or self.ready()
        if engine.limits is not limits:
            hold(engine, limits)
        if self._probes and (result := self._probe(engine, packed, limits)) is not None:
            return result
        # Until the result is known to be good, the engine's state is one that must not be used again.
        self.engine = None
        try:
            began = perf_counter()
            try:
                raw = engine.evaluate(packed)
            except EngineLostError as error:
                engine, raw = self._elsewhere(engine, packed, limits, error)
            spent = self.spent = self.spent + perf_counter() - began
            if raw[0] == FAST or not failed(raw):
                result = Result.of_answer(raw)
                if raw[0] != FAST or raw[4] is not True:  # an Eval
                    result.notes = handlers.functionless(engine, packed)
                bad = False
            else:
                result = Result.of_answer(raw, self._with_code(self.failure(raw, packed), packed))
                bad = True
            self._keep(packed, limits, result, bad)
        except BaseException:
            self._drop(packed)
            raise
        if bad:
            self._checkpointing.failed()
            return result
        self.unstarted = False
        self.engine = engine
        if spent > self._checkpointing.due:
            self.save()
        return result

    def skip(self, packed: Packed, result: Result, limits: Limits) -> None:
        """Keep a message that was not evaluated, with what is answered in place of that."""
        try:
            self._keep(packed, limits, result, True)
        except BaseException:
            self._drop(packed)
            raise

    def evaluate_many(self, many: Sequence[Packed], limits: Limits) -> list[Result]:
        """Evaluate messages as `evaluate` does, one after the other; an engine in a child is given them together.

        After an exception some of them may have left a trace: it is for use inside of `together`.
        """
        results: list[Result] = []
        while len(results) < len(many):
            engine = isolated(self.ready())
            whole = False
            if engine is not None and not self._probes:
                # After code that may add handlers somebody looks at them: it is evaluated by itself.
                done = len(results)
                stop = next((at for at in range(done, len(many)) if handlers.adds_handlers(many[at])), len(many))
                whole = done < stop and self._evaluate_together(engine, many[done:stop], limits, results)
            if not whole:
                results.append(self.evaluate(many[len(results)], limits))
        return results

    def _evaluate_together(
        self, engine: Isolated, many: Sequence[Packed], limits: Limits, results: list[Result]
    ) -> bool:
        """Evaluate messages up to the first that fails; False where there is one that has no answer."""
        hold(engine, limits)
        self.engine = None
        number, bad = 0, False
        began = perf_counter()
        try:
            with closing(engine.evaluate_many(many)) as answers:
                for raw in answers:
                    bad = raw[0] != FAST and failed(raw)
                    packed = many[number]
                    failure = self._with_code(self.failure(raw, packed), packed) if bad else None
                    result = Result.of_answer(raw, failure)
                    self._keep(packed, limits, result, bad)
                    results.append(result)
                    number += 1
                    if not bad:
                        self.unstarted = False
        except EngineLostError:
            # Whose the reads were that have no answer is not known: they are read again.
            self.inputs.forget(self.inputs.take())
            return False
        except BaseException:
            self._drop(many[min(number, len(many) - 1)])
            raise
        self.spent += perf_counter() - began
        if bad:
            self._checkpointing.failed()
            return True
        self.engine = engine
        if self.spent > self._checkpointing.due:
            self.save()
        return True

    def _elsewhere(self, lost: Engine, packed: Packed, limits: Limits, error: EngineLostError) -> tuple[Engine, Answer]:
        """An engine that has evaluated the message, and what it gave, after another one was lost with it."""

        def evaluate(engine: Engine) -> tuple[Engine, Answer]:
            self.engine = None
            return engine, engine.evaluate(packed)

        return again(self, limits, error, evaluate, lambda raw: (lost, raw))

    def ask(self, question: Callable[[Engine], _T]) -> _T:
        """What the engine at the state now answers to a question."""
        return asked(self, lambda: question(self.ready()))

    def failure(self, raw: Answer, packed: Packed) -> Failure:
        """What is known of the evaluation of a message that failed."""
        boot_file = self.genesis.known_boot_file
        in_file = self.unstarted or (boot_file is not None and self._is_of_file(packed))
        return failure_of(raw, sources=self.inputs.sources, boot_file=boot_file, unstarted=in_file)

    def _is_of_file(self, packed: Packed) -> bool:
        """Whether evaluated code of which no frame is known can only be that of the process's file."""
        wire = wire_of(packed)
        own = code_id(self.genesis.id)
        if wire.get("Id") == own:
            return True
        if self.genesis.wasm is None and self.genesis.dialect not in WITHOUT_BOOT:
            return False  # our frames tell
        messages = (wire_of(entry) for entry, _, bad in self._entries if not bad)
        return not any(handlers.is_eval(message) and message.get("Id") != own for message in (wire, *messages))

    def note_handlers(self, packed: Packed, result: Result) -> None:
        """For the process's own message: note the handlers that have no function."""
        result.notes = handlers.functionless(self.ready(), packed)

    def _with_code(self, failure: Failure | None, packed: Packed, reads: Iterable[Read] = ()) -> Failure | None:
        """The failure with the lines of the code that it is in; never called in a fork, since it may read a file.

        `reads` are what the message has read and nobody else has.
        """
        if failure is None:
            return None
        only_here = {name: content for kind, name, content in reads if kind == "module"}
        sources = self.inputs.sources

        def module(chunk: str) -> bytes | None:
            return sources.text(chunk) or only_here.get(chunk.removeprefix("."))

        told = with_code(failure, self.evaluated(), module, (self.journal.count, packed), self.genesis.known_boot_file)
        return self.genesis.written.placed(in_files(told, self.eval_files), self.genesis.known_boot_file)

    def evaluated(self) -> EvaluatedCode:
        """The code that the messages brought."""
        if self._code is None or self._code[0] is not self.journal:
            self._code = self.journal, EvaluatedCode(self.journal)
        return self._code[1]

    def dry_run(self, packed: Packed, limits: Limits) -> Result:
        """Evaluate a message of which nothing is to stay."""
        engine = self.ready()
        if engine.limits is not limits:
            hold(engine, limits)
        outcome = self._outlived(engine, packed, limits, lambda engine: self._aside(engine, packed, limits))
        if outcome is None:
            # Here and now, then; and the state is made again.
            self.engine = None
            try:
                outcome = self._outlived(engine, packed, limits, lambda engine: self._outcome(engine, packed))
            finally:
                self._back_to(self.journal.count)
            self._checkpointing.failed()
        assert outcome is not None
        self.inputs.check(outcome.reads)
        result = Result.of_answer(outcome.raw, self._with_code(outcome.failure, packed, outcome.reads))
        result.sender = self._id
        return result

    def _outlived(
        self, engine: Engine, packed: Packed, limits: Limits, evaluate: Callable[[Engine], Outcome | None]
    ) -> Outcome | None:
        """What `evaluate` gives, with an engine that lives long enough."""
        try:
            return evaluate(engine)
        except EngineLostError as error:
            return again(self, limits, error, evaluate, lambda raw: Outcome(raw, self.failure(raw, packed), []))

    def _aside(self, engine: Engine, packed: Packed, limits: Limits) -> Outcome | None:
        """What comes of a message in a copy of the engine, of which nothing stays; None where no copy can be made."""
        apart = isolated(engine)
        if apart is None:
            return evaluate_in_fork(lambda: self._outcome(engine, packed), limits.seconds)
        known = len(self._new_reads)
        try:
            raw = apart.evaluate_aside(packed)
            if raw is None:
                return None
            return Outcome(raw, self.failure(raw, packed) if failed(raw) else None, self._new_reads[known:])
        finally:
            # What it asked for was read here, and not in a copy.
            self.inputs.forget(self._new_reads[known:])
            del self._new_reads[known:]

    def _probe(self, engine: Engine, packed: Packed, limits: Limits) -> Result | None:
        """The result of a message that fails, found without harm to the engine; None for any other."""
        self._probes -= 1
        try:
            outcome = self._aside(engine, packed, limits)
        except InternalError:
            outcome = None
        if outcome is None or outcome.failure is None:
            return None
        self.inputs.preset(outcome.reads)
        result = Result.of_answer(outcome.raw, self._with_code(outcome.failure, packed))
        self._new_reads.extend(outcome.reads)
        try:
            self._keep(packed, limits, result, True)
        except BaseException:
            self._drop(packed)
            raise
        self._probes = self._checkpointing.probes(self.spent)
        return result

    @contextmanager
    def together(self) -> Iterator[None]:
        """The messages that are evaluated in here are kept together: all of them, or after an exception none."""
        before, count = self.saved, self.journal.count
        try:
            if self.disk is None:
                self._within = True
                yield
            else:
                with self.disk.together():
                    yield
        except BaseException:
            if self.disk is None or self.disk.count == count:
                self.saved = before
            self._back_to(count)
            raise
        finally:
            self._within = False
        if self.disk is not None:
            self.disk.rest(self.journal, self.saved, 0.0)
        self._shorten()

    def waiting(self) -> tuple[Waiting, ...]:
        """The handlers that wait inside of a message."""
        # A published module cannot be looked into.
        found = self.ask(lambda engine: engine.waiting() if hasattr(engine, "waiting") else [])
        return handlers.waiting(found, self.journal, self.saved.position)

    # ── the state again ────────────────────────────────────────────────────────────────────────────────────────

    def ready(self, progress: Progress | None = None, limits: Limits | None = None) -> Engine:
        """The engine at the state after the last accepted message.

        `limits` are for a state that was not saved here, and for messages that have not been evaluated here before
        (`evaluate_again`).
        """
        engine = self.engine
        if engine is not None and not getattr(engine, "lost", False):
            return engine
        if self._closed:
            raise InputError("the process has been closed", advice="open it again")
        return asked(self, lambda: self._made(progress, limits))

    def _made(self, progress: Progress | None, limits: Limits | None) -> Engine:
        """A new engine at that state."""
        original = usable(self)
        try:
            engine: Engine = self._loaded(limits) if original is None else original.copy(self.inputs)
        except SnapshotError:
            if self.saved is self.journal.root:
                raise
            # It was saved here, so that it is our own fault; the messages are there all the same.
            _log.warning("a state that was saved could not be loaded", exc_info=True)
            self.saved = self.journal.root
            engine = self._loaded(limits)
        position = self.saved.position if original is None else original.count
        entries = self.journal.since(position)
        began = perf_counter()
        if entries:
            evaluate_again(engine, entries, position, progress, limits)
        # What is done with it besides evaluations is held to these.
        hold(engine, self.genesis.limits)
        self.engine = engine
        self.spent = self.replayed = perf_counter() - began
        if self._checkpointing.worth(self.spent):
            self.save()
        self._probes = self._checkpointing.probes(self.spent)
        return engine

    def advance(self, entries: list[Kept], limits: Limits | None = None) -> None:
        """Go on to messages that a journal holds: evaluate them again, within `limits`.

        Raises `InternalError` where one fails now, `LimitError` where the limits are not enough.
        """
        took = self.ask(lambda engine: self._evaluated_again(engine, entries, limits))
        self.spent += took
        self.replayed += took
        self._entries.extend(entries)
        self._refill()
        if self.spent > self._checkpointing.due:
            self.save()

    def _evaluated_again(self, engine: Engine, entries: list[Kept], limits: Limits | None) -> float:
        """The seconds that it took to evaluate messages again."""
        self.engine = None
        began = perf_counter()
        evaluate_again(engine, entries, self.journal.count, None, limits)
        took = perf_counter() - began
        hold(engine, self.genesis.limits)
        self.engine = engine
        return took

    def save(self) -> None:
        """Save the state, if it can be saved now."""
        engine = self.ready()
        spent = self.spent
        self.engine = None
        began = perf_counter()
        try:
            state = engine.save()
        except InternalError:
            _log.warning("the state could not be saved", exc_info=True)
            state = None
        self.engine = engine
        if state is None:
            self._checkpointing.missed(spent)
            return
        self._checkpointing.saved(perf_counter() - began, spent)
        self.spent = 0.0
        self.saved = self._base(state)
        if self.disk is not None:
            self.disk.rest(self.journal, self.saved, spent)
        self._shorten()

    def _shorten(self) -> None:
        """Forget messages that the history need not have: those before a state that was saved long enough ago."""
        if self.history is None or self.disk is not None or self._within:
            return
        root = self._next_root
        if root is None:
            self._next_root = self.saved
        elif self.journal.count - root.position >= self.history and root.position > self.journal.root.position:
            self.journal.start_at(root)
            self._next_root = self.saved

    def settled(self) -> Checkpoint:
        """The moment to make this state from, as late as it can be: this one, if the state can be saved."""
        self.ready()
        since = self.journal.since(self.saved.position)
        if any(not bad for _, _, bad in since):
            self.save()
            since = self.journal.since(self.saved.position)
        # What has failed since has left no trace but its number and its time.
        if since and all(bad for _, _, bad in since):
            self.saved = self._base(self.saved.state)
        return self.saved

    def mark(self) -> Mark:
        """This moment, to go back to."""
        return marked(self)

    @property
    def copying_pays(self) -> bool:
        """Whether a copy of the engine is cheaper than to load what was saved."""
        return self.saved.position == self.journal.count and pays(self._checkpointing.load)

    def back_to(self, mark: Mark) -> None:
        """Forget what came after a mark, in a state that is in memory only."""
        if put_back(self, mark):
            self._next_root = None
            self._back_to(mark.count)
            self.spent = 0.0

    def at(self, stop: int, progress: Progress | None = None) -> State:
        """A state of its own: this one before message `stop`, which is not before the journal's root."""
        journal, saved = self.journal.upto(stop), self.saved
        if saved.position > stop:
            saved = self.journal.root
        inputs = self.inputs.again()
        inputs.preset(journal.read_before(stop))
        state = State(self.genesis, inputs, journal, saved, self.history)
        state.ready(progress)
        return state

    def fork(self) -> State:
        """A state of its own that is the same."""
        self.ready()
        if self._checkpointing.worth(self.spent):
            self.save()
        journal = self.journal.upto(self.journal.count)
        inputs = self.inputs.again()
        inputs.preset(journal.read_before(journal.count))
        return State(self.genesis, inputs, journal, self.saved, self.history)

    def close(self) -> None:
        """Let go of everything; the journal on disk is closed."""
        if self._closed:
            return
        try:
            if self.disk is not None:
                self.disk.close(self.settled, self.spent)
        finally:
            self._closed = True
            self.disk = self.engine = self.original = None

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _loaded(self, limits: Limits | None) -> Engine:
        """An engine at the state that was saved last."""
        engine = self.genesis.engine(self.inputs)
        if self.saved.state is not None:
            if limits is not None:
                engine.limit(limits.instructions, limits.seconds, self.genesis.limits.memory)
            began = perf_counter()
            engine.load(self.saved.state)
            self._checkpointing.load = perf_counter() - began
        return engine

    def _base(self, state: bytes | None) -> Checkpoint:
        timestamp, height = self._last_time()
        return Checkpoint(self.journal.count, state, timestamp, height, self.unstarted)

    def _keep(self, packed: Packed, limits: Limits, result: Result, bad: bool) -> None:
        """Keep a message that was evaluated within `limits`, and what it read."""
        result.sender = self._id
        self._entries.append((packed, limits.instructions, bad))
        if not self._new_reads and self.disk is None:
            return
        self.inputs.check()
        position = self.journal.count - 1
        reads = self.inputs.new[:]
        if reads:
            self.journal.reads[position] = reads
        if self.disk is not None:
            self.disk.keep(position, packed, limits.instructions, result, bad, reads)
        self._new_reads.clear()

    def _drop(self, packed: Packed) -> None:
        """After an exception: there was no such message."""
        kept = bool(self._entries) and self._entries[-1][0] is packed
        self._back_to(self.journal.count - kept)

    def _back_to(self, count: int) -> None:
        """After an exception: there are no messages from `count` on, but for those that are on disk already."""
        if self.disk is not None:
            count = max(count, self.disk.count)
        lost = [read for position, reads in self.journal.reads.items() if position >= count for read in reads]
        self.inputs.forget([*lost, *self._new_reads])
        self._new_reads.clear()
        self.journal.cut(count)
        self.engine = None
        self._refill()

    def _refill(self) -> None:
        """What the journal's end says of the next message."""
        self.defaults.put(self.journal.count, *self._last_time())
        saved = self.saved
        self.unstarted = saved.unstarted and all(bad for _, _, bad in self.journal.since(saved.position))

    def _last_time(self) -> tuple[Any, Any]:
        """Timestamp and Block-Height of the last message in the journal; `defaults` may be a message ahead."""
        root = self.journal.root
        return time_of(self._entries[-1][0]) if self._entries else (root.timestamp, root.height)

    def _outcome(self, engine: Engine, packed: Packed) -> Outcome:
        known = len(self._new_reads)
        raw = engine.evaluate(packed)
        return Outcome(raw, self.failure(raw, packed) if failed(raw) else None, self._new_reads[known:])

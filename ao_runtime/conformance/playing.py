"""A scenario, played in a network: its processes are spawned, its steps are taken, and what it expects is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..network import Network, NetworkProcess, Tree, addressed, looked_up, named
from .expectations import Unmet, unmet_error, unmet_inbox, unmet_state
from .network_scenario import Member, NetworkScenario, Step, move_clock

__all__ = ["Played", "play"]


@dataclass(frozen=True)
class Played:
    """A step that was taken.

    at
        Where it stands in the scenario: `steps[3]`, `processes[0]`.
    kind
        `spawn`, or that of the step.
    trees
        What came of it: of a message its tree, of a clock step the ticks' trees.
    expectations
        How many there were.
    unmet
        Those that are not met.
    failed_as_expected
        Whether an error was expected.
    """

    at: str
    kind: str
    trees: list[Tree] = field(default_factory=list)
    expectations: int = 0
    unmet: list[Unmet] = field(default_factory=list)
    failed_as_expected: bool = False

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "at": self.at,
            "kind": self.kind,
            "trees": [tree.to_dict() for tree in self.trees],
            "expectations": self.expectations,
            "unmet": [one.to_dict() for one in self.unmet],
        }


def play(scenario: NetworkScenario, network: Network) -> Iterator[Played]:
    """Play a scenario; each step is given when it was taken.

    Raises `InputError` where the network has a process of such a name, and for what makes no sense; `LoadError` for
    code that fails; what `Network` raises.
    """
    for member in scenario.processes:
        if network.labels.address(member.name) is not None:
            raise InputError(
                f"there is {member.name} already in this network", field="processes", advice="play it in a new folder"
            )
    for name in scenario.wallets:
        network.sender(name)
    seen: dict[str, int] = {}
    processes: dict[str, NetworkProcess] = {}
    for index, member in enumerate(scenario.processes):
        made = processes[member.name] = _spawned(network, member, processes)
        if member.monitor:
            made.monitor()
        yield Played(f"processes[{index}]", "spawn", [Tree(made.evaluations[0], network.label)])
    for step in scenario.steps:
        yield _taken(network, step, processes, seen)


def _spawned(network: Network, member: Member, processes: dict[str, NetworkProcess]) -> NetworkProcess:
    content: dict[str, Any] = {"data": member.code} if member.is_data else {"code": member.code}
    # A tag may name a process that was spawned before: `@token`.
    known = {f"@{name}": made.id for name, made in processes.items()}
    tags = [(name, known.get(value, value) if isinstance(value, str) else value) for name, value in member.tags]
    module = member.module if member.module is None or member.module in network.modules else None
    return network.spawn(member.file, **content, owner=member.owner, tags=tags, name=member.name, module=module)


def _taken(network: Network, step: Step, processes: dict[str, NetworkProcess], seen: dict[str, int]) -> Played:
    if step.kind == "expect":
        return _looked_at(network, step, processes, seen)
    if step.kind in ("send", "eval"):
        to = processes[step.process]
        try:
            sent = to.eval(step.value) if step.kind == "eval" else to.handle(addressed(network, step.value, step.keys))
        except InputError as error:
            raise error.within(f"{step.at}.{step.kind}") from None
        unmet = unmet_error(f"{step.at}.error", step.error, sent.error)
        counts = 0 if step.error is None else 1
        return Played(step.at, step.kind, [sent.tree], counts, unmet, bool(step.error) and not unmet)
    before = {id: len(network.compute.unit(id).evaluations) for id in network.messenger.monitored}
    move_clock(network.clock, step)
    ticks = [
        one
        for id, count in before.items()
        for one in network.compute.unit(id).evaluations[count:]
        if one.tick is not None
    ]
    ticks.sort(key=lambda one: one.timestamp)
    return Played(step.at, step.kind, [Tree(one, network.label) for one in ticks])


def _looked_at(network: Network, step: Step, processes: dict[str, NetworkProcess], seen: dict[str, int]) -> Played:
    unmet: list[Unmet] = []
    count = 0

    def same(value: Any) -> Any:
        return named(value, network.labels.read())

    for name, wanted in step.value.items():
        at = f"{step.at}.expect.{name}"
        count += len(wanted)
        if name != "inbox":
            get = processes[name].get
            unmet += unmet_state(at, wanted, lambda path, get=get: looked_up(network, get, path), same)  # type: ignore[misc]
            continue
        for wallet, messages in wanted.items():
            inbox = network.mail(wallet.removeprefix("@"))
            came = inbox[seen.get(wallet, 0) :]
            seen[wallet] = len(inbox)
            unmet += unmet_inbox(at, wallet, messages, came, same)
    return Played(step.at, step.kind, [], count, unmet)

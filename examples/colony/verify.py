"""A journal of many messages, verified by a colony with one executor and with two: how much sooner it is done."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ao_runtime import Process
from ao_runtime.colonies import APPROVED, Colonies, Executor, gen_id, gen_prvkey
from ao_runtime.executor import EXECUTOR_TYPE, Settings, Submitter, wait
from ao_runtime.store import Store

ROOT = Path(__file__).resolve().parents[2]
POOL = Path(__file__).with_name("pool.lua")
#: Messages that are written together, and after how many the journal is closed and opened again.
TOGETHER, CLOSED = 1000, 5000


def journal(file: Path, count: int) -> None:
    """A pool in which 500 accounts swap. It is closed now and then, and so keeps states to begin from."""
    for start in range(0, count, CLOSED):
        with Process.spawn(POOL, owner="alice", state=file) as process:
            for first in range(start, min(start + CLOSED, count), TOGETHER):
                numbers = range(first, min(first + TOGETHER, start + CLOSED, count))
                # The process's own message is the first one.
                process.handle_many([swap(number) for number in numbers if number])


def swap(number: int) -> dict[str, object]:
    """A message of them; every tenth is refused: it gives too little."""
    quantity = 10**12 * (1 + number % 7) if number % 10 else 7
    tags = {"Action": "Swap", "Token": "AB"[number % 2], "Quantity": str(quantity)}
    return {"From": f"account-{number % 500}", "Tags": tags, "Timestamp": 1_700_000_000_000 + number}


@contextmanager
def server() -> Iterator[tuple[str, str, str]]:
    """URL, colony and its owner's key: those of the environment, or of the small server of the tests."""
    if os.environ.get("COLONIES_URL"):
        yield tuple(os.environ[name] for name in ("COLONIES_URL", "COLONIES_COLONY_NAME", "COLONIES_COLONY_PRVKEY"))  # type: ignore[misc]
        return
    sys.path.insert(0, str(ROOT))
    from tests.executor.colony import NAME, Colony

    with Colony() as colony:
        yield colony.url, NAME, colony.owner


@contextmanager
def executor(url: str, colony: str, owner: str, data: Path, name: str, processor: int | None) -> Iterator[None]:
    """An executor as a program of its own, until the end of a `with` block; on that processor alone, if one is said."""
    environment = {
        **os.environ,
        "COLONIES_URL": url,
        "COLONIES_COLONY_NAME": colony,
        "COLONIES_COLONY_PRVKEY": owner,
        "COLONIES_PRVKEY": gen_prvkey(),
        "COLONIES_EXECUTOR_NAME": name,
        "COLONIES_DATA": str(data),
    }
    command = [sys.executable, "-m", "ao_runtime", "colony", "executor"]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, cwd=ROOT)
    if processor is not None:
        os.sched_setaffinity(running.pid, {processor})
    try:
        yield
    finally:
        running.terminate()
        running.wait()


def main() -> None:
    """Make the journal, verify it, and print a line for each number of executors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--executors", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--pin", action="store_true", help="each executor on one processor, as on machines of their own"
    )
    asked = parser.parse_args()
    processors = sorted(os.sched_getaffinity(0))
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, colony, owner = stack.enter_context(server())
        began = time.perf_counter()
        journal(data / "pool.ao", asked.messages)
        print(f"{asked.messages} messages in the journal after {time.perf_counter() - began:.1f} s", flush=True)
        settings = Settings(url, colony, gen_prvkey(), name=None, data=data)
        client = stack.enter_context(settings.client())
        mark = os.urandom(4).hex()
        submitter_name = f"submitter-{mark}"
        client.add_executor(Executor.new(submitter_name, gen_id(settings.prvkey), "people", colony), owner)
        client.approve_executor(colony, submitter_name, owner)
        first: float | None = None
        for number in asked.executors:
            with ExitStack() as running:
                names = [f"ao-{mark}-{number}-{place}" for place in range(number)]
                for place, name in enumerate(names):
                    processor = processors[place % len(processors)] if asked.pin else None
                    running.enter_context(executor(url, colony, owner, data, name, processor))
                while not ready(client, colony, names):
                    time.sleep(0.1)
                seconds, output = verified(settings, client, data / "pool.ao", f"{mark}-{number}", asked.parts)
            first = first or seconds
            print(
                f"{number} executor{'s' * (number > 1)}: {output['messages']} messages"
                f" {'all as recorded' if output['same'] else 'NOT as recorded'}, {output.get('parts', 1)} parts,"
                f" {seconds:.1f} s, {output['messages'] / seconds:.0f}/s, {first / seconds:.2f}x"
                f" (load {os.getloadavg()[0]:.1f})",
                flush=True,
            )


def ready(client: Colonies, colony: str, names: list[str]) -> bool:
    """Whether all executors are there, with all of their functions."""
    approved = {one.executorname for one in client.get_executors(colony) if one.state == APPROVED}
    offered = [one.executorname for one in client.get_functions(colony) if one.executortype == EXECUTOR_TYPE]
    return set(names) <= approved and all(offered.count(name) == 5 for name in names)


def verified(settings: Settings, client: Colonies, file: Path, job: str, parts: int) -> tuple[float, dict[str, object]]:
    """Seconds until the answer, and the answer."""
    began = time.perf_counter()
    with Store.open(file, write=False) as store:
        submitted = Submitter(settings, client).verify(store, file.name, f"verify-{job}", parts=parts)
    (output,) = wait(client, submitted)
    return time.perf_counter() - began, output


if __name__ == "__main__":
    main()

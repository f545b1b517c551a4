"""Executors as programs of their own, and processes that they evaluate."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from ao_runtime.colonies import Colonies, Conditions, FunctionSpec, gen_prvkey
from ao_runtime.executor.results import digest_of
from ao_runtime.store import Store

from ..cli.running import COMMAND, ROOT
from .colony import NAME, Colony

#: A process that counts, and takes its time where it is asked to.
CODE = """
Count = Count or 0
Handlers.add("count", "Count", function(msg)
  Count = Count + 1
  msg.reply({ Data = tostring(Count) })
end)
Handlers.add("work", "Work", function(msg)
  local n = 0
  for i = 1, tonumber(msg.Tags.Loops) do n = (n * 31 + i) % 1000003 end
  Count = Count + 1
  msg.reply({ Data = Count .. ":" .. n })
end)
Handlers.add("break", "Break", function(msg) error("broken") end)
"""
ENVIRONMENT = {"Process": {"Id": "counter", "Owner": "alice", "Tags": []}}
FIRST = {"Id": "counter", "From": "alice", "Tags": {"Type": "Process", "On-Boot": "Data"}, "Data": CODE}


def counts(number: int, action: str = "Count", **tags: Any) -> list[dict[str, Any]]:
    """So many messages to it."""
    tags = {"Action": action, **{name: str(value) for name, value in tags.items()}}
    return [{"From": "bob", "Tags": dict(tags), "Timestamp": 1000 + n} for n in range(number)]


class Running:
    """`ao-run colony executor` as a program of its own; its end is waited for at the end of a `with` block."""

    def __init__(self, colony: Colony, data: Path, name: str, *options: str, key: str | None = None) -> None:
        self.name = name
        self.key = key or gen_prvkey()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COLONIES_")},
            "COLONIES_URL": colony.url,
            "COLONIES_COLONY_NAME": NAME,
            "COLONIES_PRVKEY": self.key,
            "COLONIES_COLONY_PRVKEY": colony.owner,
            "COLONIES_EXECUTOR_NAME": name,
        }
        self.process = subprocess.Popen(
            [*COMMAND, "colony", "executor", "--data", str(data), *options],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip())

    @property
    def said(self) -> str:
        """What it has said until now."""
        return "\n".join(self.lines)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self, seconds: float = 30.0) -> int:
        """End it in order: its exit code."""
        if self.process.poll() is None:
            self.kill(signal.SIGCONT)
            self.kill(signal.SIGTERM)
        code = self.process.wait(seconds)
        self._reader.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        assert "Traceback" not in self.said, self.said
        assert "ALARM" not in self.said, self.said


def spec(function: str, job: str, seconds: int = 60, retries: int = 3, **kwargs: Any) -> FunctionSpec:
    """A job for our executors."""
    return FunctionSpec(
        funcname=function,
        kwargs={"job": job, **kwargs},
        conditions=Conditions(colonyname=NAME, executortype="ao-runtime", cpu="1m"),
        label=job,
        maxexectime=seconds,
        maxretries=retries,
        channels=["progress"],
    )


def evaluation(job: str, first: int, messages: list[Any], seconds: int = 60, **more: Any) -> FunctionSpec:
    """Messages to the counter on its journal."""
    given = {"process": "counter", "first": first, "messages": messages, "state": {"journal": "counter.ao"}}
    if not first:
        given["environment"] = ENVIRONMENT
    return spec("evaluate", job, seconds, **{**given, **more})


def submit(colony: Colony, key: str, *specs: FunctionSpec) -> list[str]:
    """The ids of processes that are submitted."""
    with Colonies(colony.url, key) as colonies:
        return [colonies.submit(one).processid for one in specs]


def results(file: Path) -> list[str]:
    """The results in a journal."""
    with Store.open(file, write=False) as store:
        return [entry.result.decode() for entry in store.entries()]


def check_whole(colony: Colony, file: Path, jobs: dict[str, tuple[int, int]]) -> None:
    """Every message is once in the journal, and what the colony was told of each job is what stands there.

    `jobs` says for each process which messages it has brought: the first, and how many.
    """
    lines = results(file)
    assert len(lines) == sum(count for _, count in jobs.values())
    numbers = [json.loads(line)["Messages"][0]["Data"] for line in lines if json.loads(line).get("Messages")]
    assert [int(text.split(":")[0]) for text in numbers] == list(range(1, len(numbers) + 1))
    for processid, (first, count) in jobs.items():
        process = colony.processes[processid]
        assert len(colony.closed[processid]) == 1, "closed more than once"
        (output,) = process["out"]
        assert output["results"] == lines[first : first + count]
        assert output["digest"] == digest_of(line.encode() for line in lines[first : first + count])
        assert (output["first"], output["count"]) == (first, count)
        commits = [one["value"] for one in process["attributes"] if one["key"] == "commit"]
        assert commits == [output["digest"]]
    with Store.open(file, write=False) as store:
        last = max(jobs, key=lambda id: jobs[id][0])
        state = colony.processes[last]["out"][0]["state"]
        assert state == {"journal": "counter.ao", "count": len(lines), "digest": store.history(len(lines)).hex()}

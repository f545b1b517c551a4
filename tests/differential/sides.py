"""The two sides of a comparison: each evaluates Lua text in a new process and answers with a text."""

from __future__ import annotations

import json
import select
import subprocess
from pathlib import Path
from typing import Any, Protocol

from ao_runtime import Limits, Process

from . import fetch

__all__ = ["Ours", "Side", "Theirs"]

FORMAT = "wasm64-unknown-emscripten-draft_2024_02_15"
DRIVER = Path(__file__).with_name("oracle.mjs")
#: What one Eval may take, on either side.
SECONDS = 30.0
OWNER = "OWNER"
ID = "PROCESS"
ENVIRONMENT = {"Process": {"Id": ID, "Owner": OWNER, "Tags": []}}


def _message(number: int, tags: dict[str, str], data: str | None = None) -> dict[str, Any]:
    message: dict[str, Any] = {
        "Id": f"MESSAGE-{number}" if number else ID,
        "Target": ID,
        "From": OWNER,
        "Owner": OWNER,
        "Module": "MODULE",
        "Block-Height": "1000",
        "Timestamp": 1700000000000 + number,
        "Tags": [{"name": name, "value": value} for name, value in tags.items()],
    }
    if data is not None:
        message["Data"] = data
    return message


def _text(result: dict[str, Any]) -> str | Exception:
    """What an Eval answered, in the shapes of all generations of modules."""
    if result.get("Error"):
        return RuntimeError(f"Error: {result['Error']}")
    data = result["Output"]
    while isinstance(data, dict):
        data = data["data"] if "data" in data else data["output"]
    return data if isinstance(data, str) else RuntimeError(f"Output: {data!r}")


class Side(Protocol):
    """Somebody who evaluates."""

    def eval(self, code: str) -> str | Exception:
        """The text that `code` returns, or why there is none."""

    def close(self) -> None:
        """Ends it."""


class Ours:
    """This project."""

    def __init__(self) -> None:
        limits = Limits(instructions=None, memory="2GB", seconds=SECONDS)
        self._process = Process(ENVIRONMENT, limits=limits)
        self._count = 0
        self._process.handle(_message(0, {"Type": "Process"})).raise_for_error()

    def eval(self, code: str) -> str | Exception:
        """See `Side`."""
        self._count += 1
        return _text(self._process.handle(_message(self._count, {"Action": "Eval"}, code)).to_dict())

    def close(self) -> None:
        """See `Side`."""


class Theirs:
    """A published module, in the loader that the network's compute units use."""

    def __init__(self, folder: Path, module: str) -> None:
        self._command = [fetch.node(), "--no-warnings", "--experimental-wasm-memory64", str(DRIVER)]
        self._command += [str(folder), module, FORMAT, json.dumps(ENVIRONMENT)]
        self._count = 0
        self._start()

    def _start(self) -> None:
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._node = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=nothing, text=True)
        first = self._ask(_message(0, {"Type": "Process"}))
        if first.get("result", {}).get("Error", first.get("crash")):
            self.close()
            raise RuntimeError(f"the reference does not start: {first}")

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(message) + "\n")
        self._node.stdin.flush()
        ready, _, _ = select.select([self._node.stdout], [], [], SECONDS)
        line = self._node.stdout.readline() if ready else ""
        if not line:
            self._node.kill()
            self._node.wait()
            return {"crash": "the reference ended" if ready else f"the reference took more than {SECONDS} s"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def eval(self, code: str) -> str | Exception:
        """See `Side`."""
        self._count += 1
        answer = self._ask(_message(self._count, {"Action": "Eval"}, code))
        if self._node.poll() is not None:
            # Calls share no state, so a new process will do.
            self.close()
            self._start()
        return _text(answer["result"]) if "result" in answer else RuntimeError(f"crash: {answer['crash']}")

    def close(self) -> None:
        """See `Side`."""
        for pipe in (self._node.stdin, self._node.stdout):
            if pipe is not None:
                pipe.close()
        self._node.wait()

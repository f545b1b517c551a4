"""The reference beside us: a published module in node, for benchmarks that compare.

It needs a folder with `node_modules/@permaweb/ao-loader`, the modules in `modules/`, and a driver `oracle.mjs` that
reads {"env"} and {"message"} as JSON lines and answers each with a line.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path


class Reference:
    """The oracle: one process of the network's module."""

    def __init__(self, folder: Path, module: str = "aos2_0_6", setup: str = "") -> None:
        command = ["node", "--no-warnings", "--experimental-wasm-memory64", "oracle.mjs", f"modules/{module}.wasm"]
        self._node = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._count = 0
        self._ask({"env": {"Process": {"Id": "P", "Owner": "O", "Tags": []}}})
        self._ask({"message": self._message("P", [{"name": "Type", "value": "Process"}], "")})
        if setup:
            self.eval(setup)

    def _message(self, identity: str, tags: list[dict[str, str]], data: str) -> dict[str, object]:
        fields = {"Id": identity, "From": "O", "Owner": "O", "Target": "P", "Module": "M", "Block-Height": "1"}
        return {**fields, "Timestamp": self._count, "Tags": tags, "Data": data}

    def _ask(self, request: object) -> dict[str, object]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(request) + "\n")
        self._node.stdin.flush()
        answer: dict[str, object] = json.loads(self._node.stdout.readline())
        return answer

    def eval(self, code: str) -> float:
        """Evaluate code; the seconds that it took."""
        self._count += 1
        tags = [{"name": "Action", "value": "Eval"}]
        start = time.perf_counter()
        answer = self._ask({"message": self._message(f"m{self._count}", tags, code)})
        taken = time.perf_counter() - start
        if "Error" in answer:
            raise SystemExit(f"the reference failed: {answer['Error']}")
        return taken

    def best(self, code: str, rounds: int = 5) -> float:
        """Seconds of the code, the best of some rounds, without what an empty message takes."""
        empty = min(self.eval("return 1") for _ in range(rounds))
        return min(self.eval(code) for _ in range(rounds)) - empty

    def close(self) -> None:
        """End the process."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait()

"""What the digests and ciphers of `.crypto` cost, ours and, with `--oracle DIR`, the network's in the same run.

DIR is where the published modules and their loader have been fetched to (`oracle.mjs`, `modules/`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from common import row

from ao_runtime import Process

PRELUDE = """
C = require('.crypto') S = C.utils.stream.fromString A = C.utils.array
K = ('x'):rep(1024) M = ('x'):rep(1024 * 1024) KEY = 'super_secret_shh' return 1
"""
# Name, Lua, how often ours, how often the network's (0: it would take minutes).
CASES = [
    ("SHA-256 of 1 KB", "C.digest.sha2_256(S(K)).asHex()", 2000, 100),
    ("SHA-256 of 1 MB", "C.digest.sha2_256(S(M)).asHex()", 20, 1),
    ("Keccak-256 of 1 KB", "C.digest.keccak256(K).asHex()", 2000, 100),
    ("Keccak-256 of 1 MB", "C.digest.keccak256(M).asHex()", 20, 1),
    ("SHA-512 of 1 KB", "C.digest.sha2_512(K).asHex()", 2000, 100),
    ("BLAKE2b of 1 000 bytes", "C.digest.blake2b(K:sub(1, 1000)).asHex()", 2000, 100),
    ("BLAKE2b of 1 KB (in Lua: its last block is full)", "C.digest.blake2b(K).asHex()", 200, 100),
    ("AES-128-CBC of 1 KB", "C.cipher.aes.encrypt(K, KEY).asHex()", 1000, 20),
    ("AES-128-CBC of 1 MB", "C.cipher.aes.encrypt(M, KEY).asHex()", 10, 1),
    ("NORX of 1 KB", "C.cipher.norx.encrypt(('k'):rep(32), ('n'):rep(32), K)", 200, 100),
    ("MORUS of 1 KB", "C.cipher.morus.encrypt(('k'):rep(32), ('n'):rep(16), K)", 200, 100),
    ("HMAC-SHA-256 of 1 KB", "C.mac.createHmac(S(K), A.fromString'key', 'sha256').asHex()", 1000, 20),
    ("PBKDF2, 100 iterations", "C.kdf.pbkdf2(A.fromString'p', A.fromString's', 100, 20).asHex()", 100, 1),
]


def loop(code: str, count: int) -> str:
    return f"for _ = 1, {count} do local _ = {code} end return 'done'"


def ours() -> list[float]:
    process = Process.spawn(limits={"seconds": 60, "instructions": None})
    process.eval(PRELUDE)
    times = []
    for _, code, count, _ in CASES:
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            answer = process.eval(loop(code, count))
            best = min(best, (time.perf_counter() - start) / count)
            assert answer.text == "done", answer.error
        times.append(best)
    return times


def theirs(folder: Path) -> list[float]:
    base = {"Target": "A", "From": "O", "Owner": "O", "Module": "M", "Block-Height": "1", "Timestamp": 1}
    driver = subprocess.Popen(
        ["node", "--no-warnings", "--experimental-wasm-memory64", "oracle.mjs"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert driver.stdin
    assert driver.stdout

    def send(request: object) -> str:
        assert driver.stdin
        assert driver.stdout
        driver.stdin.write(json.dumps(request) + "\n")
        driver.stdin.flush()
        return driver.stdout.readline()

    def evaluate(code: str, number: int) -> float:
        tags = [{"name": "Action", "value": "Eval"}]
        start = time.perf_counter()
        send({"message": {**base, "Id": f"m{number}", "Tags": tags, "Data": code}})
        return time.perf_counter() - start

    with driver:
        send({"env": {"Process": {"Id": "A", "Owner": "O", "Tags": []}}})
        send({"message": {**base, "Id": "A", "Tags": [{"name": "Type", "value": "Process"}]}})
        evaluate(PRELUDE, 0)
        idle = min(evaluate("return 1", i) for i in range(1, 4))
        return [
            (evaluate(loop(code, count), i) - idle) / count if count else 0.0
            for i, (_, code, _, count) in enumerate(CASES, 10)
        ]


def figure(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs" if seconds < 0.01 else f"{seconds * 1e3:.1f} ms"


def main() -> None:
    folder = Path(sys.argv[2]) if sys.argv[1:2] == ["--oracle"] else None
    reference = theirs(folder) if folder else [0.0] * len(CASES)
    for (name, *_), mine, other in zip(CASES, ours(), reference, strict=True):
        row(name, figure(mine), f"{figure(other)}, {other / mine:.0f}x" if other else "")


if __name__ == "__main__":
    main()

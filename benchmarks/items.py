"""What it costs to read, verify, sign and make data items; with --npm FOLDER beside arbundles, in the same run.

FOLDER has node_modules with arbundles, @dha-team/arbundles and warp-arbundles (`npm install` them there).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
import tracemalloc
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path

from common import best, micro, row

from ao_runtime.items import Bundle, DataItem, Wallet

DRIVER = Path(__file__).parent.parent / "tests" / "items" / "npm.mjs"
TAGS = {"Action": "Transfer", "Recipient": "r" * 43, "Quantity": "100"}
MESSAGE = {"Data-Protocol": "ao", "Variant": "ao.TN.1", "Type": "Message", "SDK": "aoconnect", **TAGS}
LARGE = 100_000_000


class Theirs:
    """arbundles in a process of node, if its folder is given."""

    def __init__(self, folder: Path | None) -> None:
        self._process = None
        if folder is not None:
            command = ["node", "--no-warnings", str(DRIVER), str(folder)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, what: str, raw: bytes) -> float | None:
        """The least time of many."""
        if self._process is None:
            return None
        assert self._process.stdin
        assert self._process.stdout
        request = {"request": "time", "what": what, "raw": urlsafe_b64encode(raw).decode().rstrip("=")}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        found: float = json.loads(self._process.stdout.readline())["seconds"]
        return found

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.communicate()


def compare(name: str, run: Callable[[], object], theirs: float | None = None) -> None:
    """A row: ours, theirs, and how many times as fast we are."""
    ours = best(run)
    row(name, micro(ours), f"{micro(theirs)}, {theirs / ours:.1f}x" if theirs else "")


def large(wallet: Wallet) -> None:
    """An item of 100 MB."""
    raw = bytes(DataItem.create(bytes(LARGE), wallet=wallet))
    tracemalloc.start()
    DataItem.parse(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    row("read an item of 100 MB", micro(best(lambda: DataItem.parse(raw))), f"{peak} bytes")
    item = DataItem.parse(raw)
    begin = time.perf_counter()
    assert item.verify()
    row("verify it", f"{(time.perf_counter() - begin) * 1e3:.0f} ms")


def read_and_verify(raw: bytes) -> None:
    """What whoever gets an item from a stranger does."""
    DataItem.parse(raw).verify()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, metavar="FOLDER", help="compare with arbundles in FOLDER/node_modules")
    theirs = Theirs(parser.parse_args().npm)
    wallets = {kind: Wallet.generate(kind) for kind in ("rsa", "ed25519", "ethereum")}
    found = {
        kind: DataItem.create("data", target=b"t" * 32, tags=MESSAGE, wallet=wallet) for kind, wallet in wallets.items()
    }
    raws = {kind: bytes(item) for kind, item in found.items()}
    row("", "ours", "arbundles")
    compare("read a message (7 tags), Arweave", lambda: DataItem.parse(raws["rsa"]))

    def read_all() -> object:
        item = DataItem.parse(raws["rsa"])
        return item.id, item.target, item.tags, item.data

    compare("... and its id, target, tags and data", read_all, theirs.seconds("parse", raws["rsa"]))
    for kind, item in found.items():
        compare(f"verify {kind}", item.verify, theirs.seconds("verify", raws[kind]))
    for kind, raw in raws.items():
        compare(f"read and verify {kind}", partial(read_and_verify, raw))
    for kind, wallet in wallets.items():
        compare(f"sign {kind}", partial(found[kind].sign, wallet))
    compare("the message of an item", found["ed25519"].message)
    bundle = bytes(Bundle.create([found["rsa"], found["ed25519"]] * 50))

    def ids() -> object:
        return Bundle.parse(bundle).ids

    compare("read a bundle of 100 items, check its ids", ids, theirs.seconds("unbundle", bundle))
    large(wallets["ed25519"])
    theirs.close()


if __name__ == "__main__":
    main()

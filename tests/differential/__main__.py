"""The differential test by hand: `python -m tests.differential [--seed S] [--module NAME] [--calls N]`."""

from __future__ import annotations

import argparse
import secrets
import sys

from .compare import compare
from .fetch import OracleMissingError, folder
from .modules import MODULES


def main() -> int:
    """Compares, prints, and answers the exit code: 1 for differences, 2 where the reference cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description="Ours against the reference.")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="any text; the same text makes the same calls")
    parser.add_argument("--module", action="append", choices=[module.name for module in MODULES], metavar="NAME")
    parser.add_argument("--calls", type=int, default=600, help="calls of each module (600)")
    parser.add_argument("--show", type=int, default=20, help="differences of a module that are printed (20)")
    options = parser.parse_args()
    try:
        reference = folder()
    except OracleMissingError as missing:
        print(f"not compared: {missing}", file=sys.stderr)
        return 2
    print(f"seed {options.seed}")
    different = 0
    for module in MODULES:
        if options.module and module.name not in options.module:
            continue
        result = compare(module, reference, seed=options.seed, calls=options.calls)
        print(result, flush=True)
        for difference in result.differences[: options.show]:
            print(f"  {difference}")
        different += len(result.differences)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

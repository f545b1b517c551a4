"""`python -m ao_runtime.cli` is `ao-run`."""

from . import main

main()

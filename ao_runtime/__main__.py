"""`python -m ao_runtime` is `ao-run`."""

from . import cli

if __name__ == "__main__":
    cli.main()

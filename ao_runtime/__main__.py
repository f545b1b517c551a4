"""`python -m ao_runtime` is `ao-run`."""

from .cli import main

if __name__ == "__main__":
    main()

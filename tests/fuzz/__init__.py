"""Mutated journals and states, by the thousand: `python -m tests.fuzz`."""

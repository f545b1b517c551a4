"""An executor of ColonyOS that evaluates ao, and what it takes to have a colony do so.

- `settings`: where the colony is, and who we are in it
- `worker`: takes jobs one after the other; `registering`, `reporter`, `closing`: what it says to the server
- `job`, `lease`: one attempt at a job: how long it goes on, and whether it may still be written down
- `functions`: what a job may ask for; `fields`, `data`, `results`: what it says, what it may name, what comes out
- `cutting`, `submitting`, `waiting`: large work in parts, sent once, and its answers

Nothing is evaluated twice into a state: see docs/executor.md.
"""

from __future__ import annotations

from .settings import VARIABLES, Settings, read_variables
from .worker import Worker

__all__ = ["VARIABLES", "Settings", "Worker", "read_variables"]

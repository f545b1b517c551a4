"""An executor of ColonyOS that evaluates ao, and what it takes to have a colony do so.

- `settings`: where the colony is, and who we are in it
- `worker`: takes jobs one after the other; `registering`, `reporter`, `closing`: what it says to the server
- `job`, `lease`: one attempt at a job: how long it goes on, and whether it may still be written down
- `functions`: what a job may ask for; `fields`, `data`, `results`: what it says, what it may name, what comes out
- `cutting`, `submitting`, `waiting`: large work in parts, sent once, and its answers

Nothing is evaluated twice into a state: docs/executor.md says how.
"""

from __future__ import annotations

from .data import Data
from .settings import EXECUTOR_TYPE, VARIABLES, Settings, read_variables
from .submitting import Submitted, Submitter, reference_to
from .waiting import read_text, results_of, wait
from .worker import Worker

__all__ = [
    "EXECUTOR_TYPE",
    "VARIABLES",
    "Data",
    "Settings",
    "Submitted",
    "Submitter",
    "Worker",
    "read_text",
    "read_variables",
    "reference_to",
    "results_of",
    "wait",
]

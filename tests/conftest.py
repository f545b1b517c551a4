"""For all tests: hypothesis measures no time (the machine may be busy), and prints how to repeat a failure.

In CI it always tries the same examples: a change must not fail because of what chance has brought to light. On a
developer's machine every run tries others.

Ctrl-C is heard, also where the tests were started in the background of a shell, which has its programs ignore it: some
tests send it.

RSA keys of a network's units take seconds to make: there is one set of them for all tests.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from ao_runtime.network import UnitKeys

settings.register_profile("ao", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ao")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def rsa_keys() -> UnitKeys:
    """RSA keys of units."""
    pytest.importorskip("cryptography", reason="signing needs the extra net")
    from ao_runtime.network import UnitKeys

    return UnitKeys.generate()

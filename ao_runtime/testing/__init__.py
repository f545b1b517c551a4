"""Testing processes, and seeing why they do what they do.

- `sending`, `failing`, `state`, `approving`: the asserts; `happened`: what they say when they fail
- `plugin` (`worlds`, `current`, `running`): the pytest plugin: fixtures, and a state of its own for every test
- `lua`: Lua tests, for `ao-run test` and for pytest (`collecting`)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later

if TYPE_CHECKING:
    from .approving import approves as approves
    from .failing import ao_fails as ao_fails
    from .happened import Unmet as Unmet
    from .sending import assert_nothing_sent as assert_nothing_sent
    from .sending import assert_sent as assert_sent
    from .state import assert_state as assert_state
    from .state import assert_waits as assert_waits

__all__ = [
    "Unmet",
    "ao_fails",
    "approves",
    "assert_nothing_sent",
    "assert_sent",
    "assert_state",
    "assert_waits",
]

__getattr__ = later(
    __name__,
    {
        "Unmet": ".happened",
        "ao_fails": ".failing",
        "approves": ".approving",
        "assert_nothing_sent": ".sending",
        "assert_sent": ".sending",
        "assert_state": ".state",
        "assert_waits": ".state",
    },
)

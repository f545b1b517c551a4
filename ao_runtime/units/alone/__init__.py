"""One unit on its own, among others' units.

- `compute`: evaluates what a scheduler unit has put in order (`following`, `nodes`, `chain`)
- `router`: sends requests on to compute units or messengers
- `app`, `options`: what all of them have in common; `others`: how they ask others' units
"""

from __future__ import annotations

from ...lazy import later

__all__ = ["ComputeOptions", "RouterOptions", "serve_compute", "serve_router"]

__getattr__ = later(
    __name__,
    {
        "ComputeOptions": ".compute",
        "RouterOptions": ".router",
        "serve_compute": ".compute",
        "serve_router": ".router",
    },
)

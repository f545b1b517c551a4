"""One unit on its own, among others' units.

- `router`: sends requests on to compute units or messengers
- `app`, `options`: what all of them have in common; `others`: how they ask others' units
"""

from __future__ import annotations

from ...lazy import later

__all__ = ["RouterOptions", "serve_router"]

__getattr__ = later(__name__, {"RouterOptions": ".router", "serve_router": ".router"})

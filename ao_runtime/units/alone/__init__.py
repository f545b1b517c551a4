"""One unit on its own, among others' units.

- `router`: sends requests on to compute units or messengers
- `scheduler`: orders messages (`scheduling`, `placing`, `writer`), keeps them (`scheduler_folder`, `database`,
  `places`), and tells the gateway of them (`at_gateway`, `uploading`, `poster`)
- `app`, `options`: what all of them have in common; `others`: how they ask others' units
"""

from __future__ import annotations

from ...lazy import later

__all__ = ["RouterOptions", "SchedulerOptions", "serve_router", "serve_scheduler"]

__getattr__ = later(
    __name__,
    {
        "RouterOptions": ".router",
        "SchedulerOptions": ".scheduler",
        "serve_router": ".router",
        "serve_scheduler": ".scheduler",
    },
)

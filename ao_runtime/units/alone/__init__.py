"""One unit on its own, among others' units.

- `compute`: evaluates what a scheduler unit has put in order (`following`, `nodes`)
- `messenger`: carries what wallets and processes send (`messaging`, `carrying`, `queues`, `effects`, `ticks`), and
  keeps what is on its way (`carried`); `directory`: which processes there are
- `router`: sends requests on to compute units or messengers
- `scheduler`: orders messages (`scheduling`, `placing`), keeps them (`places`), follows the chain's height (`tip`), and
  tells the gateway of them (`uploading`)
- `app`, `options`, `unit_folder`, `database`, `writer`: what all of them have in common; `others`: how they ask others'
  units, `gateway`: what they ask a gateway
"""

from __future__ import annotations

from ...lazy import later

__all__ = [
    "ComputeOptions",
    "MessengerOptions",
    "RouterOptions",
    "SchedulerOptions",
    "serve_compute",
    "serve_messenger",
    "serve_router",
    "serve_scheduler",
]

__getattr__ = later(
    __name__,
    {
        "ComputeOptions": ".compute",
        "MessengerOptions": ".messenger",
        "RouterOptions": ".router",
        "SchedulerOptions": ".scheduler",
        "serve_compute": ".compute",
        "serve_messenger": ".messenger",
        "serve_router": ".router",
        "serve_scheduler": ".scheduler",
    },
)

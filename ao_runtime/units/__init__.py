"""The network over HTTP: scheduler, messenger, compute unit, router and gateway as front ends of one `Network`.

- `server` (`listening`, `protocol`, `forks`): opens ports and serves until it is told to stop
- `running`: what holds for whatever is served; `router` (`routing`): requests to others' units
- `alone/`: one unit on its own, among others' units
- `front` (`border`, `metrics`): which unit a request is for, and what holds for every request
- `scheduler_unit`, `messenger_unit`, `compute_unit`, `router_unit`, `gateway`, `uploader`: the routes of each
- `sdk`: ao-sdk's endpoints, over the units' own functions
- `explorer/`: pages for people, of the gateway's port
- `scheduling`: what a scheduler unit asks of a scheduler; `network_scheduling`: that of a whole network
- `nodes`, `cursors`, `chain`, `graphql_schema`: how messages, pages and transactions are written
- `about`: what the network says of itself
- `requests`, `answers`: what is read of a request, and JSON as JavaScript writes it
- `hub`, `worker`: the network behind them, in one thread of its own

What it needs is in the extra `net` (Starlette, uvicorn, graphql-core, Jinja2), and imported when something is served.
"""

from __future__ import annotations

from ..lazy import later

__all__ = [
    "PORT",
    "ComputeOptions",
    "MessengerOptions",
    "Options",
    "RouterOptions",
    "SchedulerOptions",
    "serve",
    "serve_compute",
    "serve_messenger",
    "serve_router",
    "serve_scheduler",
]

__getattr__ = later(
    __name__,
    {
        "ComputeOptions": ".alone",
        "MessengerOptions": ".alone",
        "PORT": ".listening",
        "Options": ".server",
        "RouterOptions": ".alone",
        "SchedulerOptions": ".alone",
        "serve": ".server",
        "serve_compute": ".alone",
        "serve_messenger": ".alone",
        "serve_router": ".alone",
        "serve_scheduler": ".alone",
    },
)

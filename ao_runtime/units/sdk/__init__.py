"""ao-sdk's endpoints: one HTTP API of plain JSON over the units' own functions (spec: ao-sdk).

- `unit`: the app, and which paths are its own; `endpoint`: what an endpoint is, and how its requests are read
- `processes`, `messages`, `scheduler`, `compute`, `messenger`, `cron`: the endpoints
- `bodies`, `shapes`: what requests and answers are made of; `openapi`: the same as a document
- `places`, `signing`: where a message stands, and who signs what nobody has signed

Nothing here holds a state of its own.
"""

from __future__ import annotations

from .unit import is_own, sdk_unit

__all__ = ["is_own", "sdk_unit"]

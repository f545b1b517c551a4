"""What a network says of itself: what a program or a test needs to find its way around."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .chain import block_id
from .hub import Hub

__all__ = ["about"]


def about(hub: Hub) -> dict[str, Any]:
    """The answer to `GET /info`: what gateways say, and where this network's units are and what they are called."""
    height = hub.chain.height
    modules = hub.network.modules
    return {
        "network": "ao.local",
        "version": 1,
        "release": 1,
        "height": height,
        "current": block_id(height),
        "blocks": height,
        "peers": 0,
        "queue_length": 0,
        "node_state_latency": 0,
        "timestamp": hub.network.clock.now,
        "urls": hub.urls,
        "units": {name: hub.urls[name] for name in ("mu", "su", "cu", "ur") if name in hub.urls},
        "addresses": {"su": hub.scheduler, "mu": hub.messenger, "cu": hub.compute},
        "scheduler": hub.scheduler,
        "authority": hub.messenger,
        "local_user": None if hub.user is None else hub.user.ao_address,
        "modules": [{"id": id, "name": _name(modules[id].dialect)} for id in modules.given],
        # `version` is what nodes of the chain have.
        "software": f"ao-runtime {_version()}",
    }


def _name(dialect: str | None) -> str:
    """What a module is called; nothing of its path, which is the machine's own business."""
    return "brought" if dialect is None else f"aos {dialect}"


def _version() -> str:
    try:
        return version("ao-runtime")
    except PackageNotFoundError:
        return "unknown"

"""All that a network has done, as plain data: two runs are the same if this is the same."""

from __future__ import annotations

from typing import Any

from ao_runtime.network import Network


def trace(net: Network) -> dict[str, Any]:
    """Of each process its order, with ids and hash chain, and what it answered; the inboxes and the clock."""
    return {
        "processes": {
            process.id: {
                "name": process.name,
                "order": [
                    (one.id, one.nonce, one.hash_chain, one.timestamp, one.block_height, one.item.id)
                    for one in net.scheduler.schedule(process.id).assignments
                ],
                "results": [
                    (one.nonce, one.skipped, None if one.result is None else one.result.to_dict())
                    for one in process.evaluations
                ],
            }
            for process in net.processes
        },
        "mail": [item.id for item in net.storage.mail],
        "pending": [repr(delivery) for delivery in net.pending],
        "clock": (net.clock.now, net.clock.height),
    }

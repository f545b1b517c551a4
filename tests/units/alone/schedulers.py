"""Schedulers that are alone, for tests: started, refused, asked, and their orders counted again."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from tests.cli.running import Ran, ao_run

from ..serving import Served

__all__ = ["ID", "check_order", "metric", "pages", "refused", "scheduler", "tags_of"]

#: An id of which nobody knows anything.
ID = "i" * 42 + "A"


@contextmanager
def scheduler(gateway: str, *words: str, port: int = 0) -> Iterator[Served]:
    """A scheduler alone."""
    served = Served(*words, "--unit", "su", "--gateway", gateway, port=port)
    try:
        yield served
    finally:
        served.close()


def refused(*words: str) -> Ran:
    """What is said of options with which nothing is served."""
    ran = ao_run("serve", "--port", "0", *words)
    assert (ran.out, "Traceback" in ran.err) == ("", False)
    return ran


def pages(served: Served, process: str, limit: int = 1000) -> list[dict[str, Any]]:
    """The nodes of a process, page by page."""
    nodes: list[dict[str, Any]] = []
    query: dict[str, Any] = {"process-id": process, "limit": limit}
    while True:
        told = served.get("su", f"/{process}", **query).json()
        nodes += [edge["node"] for edge in told["edges"]]
        if not told["page_info"]["has_next_page"]:
            return nodes
        query["from"] = told["edges"][-1]["cursor"]


def tags_of(node: dict[str, Any]) -> dict[str, str]:
    """The tags of an assignment."""
    return {tag["name"]: tag["value"] for tag in node["assignment"]["tags"]}


def raw(id: str) -> bytes:
    """The 32 bytes of an id."""
    return urlsafe_b64decode(id + "=")


def check_order(nodes: list[dict[str, Any]], process: str) -> None:
    """Nonces without a hole, timestamps that rise, block heights that do not fall, and the hash chain."""
    chain = sha256(raw(process)).digest()
    last, height = -1, 0
    for nonce, node in enumerate(nodes):
        tags = tags_of(node)
        assert (tags["Process"], tags["Nonce"]) == (process, str(nonce))
        assert tags["Hash-Chain"] == urlsafe_b64encode(chain).decode().rstrip("=")
        assert (int(tags["Timestamp"]) > last, int(tags["Block-Height"]) >= height) == (True, True)
        last, height = int(tags["Timestamp"]), int(tags["Block-Height"])
        chain = sha256(raw(node["assignment"]["id"]) + chain).digest()


def metric(served: Served, name: str) -> int:
    """A number of `/metrics`."""
    found = re.search(rf"^{name} (\d+)$", served.get("su", "/metrics").text, re.MULTILINE)
    assert found is not None
    return int(found[1])

"""What the commands for a running network have in common: where it is, who signs, and which process is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ....errors import HttpError, InputError

if TYPE_CHECKING:
    from ....client import Client
    from ....items import Wallet

__all__ = ["Asked", "asked_options", "connected", "find", "processes", "required", "signer_option"]

_F = TypeVar("_F", bound=Callable[..., Any])

_PROCESSES = """query ($ids: [ID!], $tags: [TagFilter!], $after: String) {
  transactions(ids: $ids, tags: $tags, first: 100, after: $after, sort: HEIGHT_DESC) {
    pageInfo { hasNextPage } edges { cursor node { id owner { address } tags { name value } block { height } } }
  }
}"""
#: Pages of a hundred processes that are looked through.
_PAGES = 10

_OPTIONS = (
    click.option("--url", metavar="URL", required=True, help="Of a network that ao-run serve serves: its gateway."),
    click.option("--mu", metavar="URL", help="The messenger unit, where it is elsewhere. [URL/mu]"),
    click.option("--cu", metavar="URL", help="The compute unit, where it is elsewhere. [URL/cu]"),
)
#: Who signs.
signer_option = click.option("--from", "sender", metavar="WALLET.json", help="The wallet that signs (a file).")


class Asked(dict[str, Any]):
    """A process as the gateway knows it: `id`, `owner`, `tags` (a list)."""

    def tag(self, name: str) -> str | None:
        """The value of its first tag of that name."""
        return next((str(tag["value"]) for tag in self["tags"] if tag["name"] == name), None)


def asked_options(command: _F) -> _F:
    """Adds `--url`, `--mu` and `--cu`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def connected(url: str, mu: str | None, cu: str | None, wallet: Wallet | None = None) -> Client:
    """A client of the network."""
    from ....client import connect

    base = url.rstrip("/")
    return connect(mu=mu or f"{base}/mu", cu=cu or f"{base}/cu", gateway=base, wallet=wallet)


def required(file: str | None) -> Wallet:
    """The wallet that signs. Raises `click.UsageError` where none was named."""
    from ...wallet import open_wallet

    if file is None:
        raise click.UsageError("--from WALLET.json is needed: what is sent over HTTP is signed (ao-run wallet new)")
    return open_wallet(file)


def processes(client: Client, name: str | None = None) -> list[Asked]:
    """The processes of the network, the newest first, 1000 at most; those of that name."""
    tags = [{"name": "Type", "values": ["Process"]}, {"name": "Data-Protocol", "values": ["ao"]}]
    if name is not None:
        tags.append({"name": "Name", "values": [name]})
    found: list[Asked] = []
    after = None
    for _ in range(_PAGES):
        page, more = _page(client, tags=tags, after=after)
        found += (one for _, one in page)
        if not more or not page:
            break
        after = page[-1][0]
    return found


def find(client: Client, which: str) -> Asked:
    """The process of that id or that tag Name. Raises `InputError` where there is none, or are several."""
    from ....network import is_id

    if is_id(which):
        page, _ = _page(client, ids=[which])
        if page and page[0][1].tag("Type") == "Process":
            return page[0][1]
        raise InputError(f"there is no process {which}", field="PROCESS", advice="ao-run net process --url lists them")
    found = processes(client, which)
    if len(found) > 1:
        ids = ", ".join(one["id"] for one in found[:5])
        raise InputError(
            f"{len(found)} processes are called {which!r}", field="PROCESS", advice=f"name one by its id: {ids}"
        )
    if not found:
        raise InputError(
            f"no process is called {which!r}", field="PROCESS", advice="ao-run net process --url lists them"
        )
    return found[0]


def _page(client: Client, **variables: Any) -> tuple[list[tuple[str, Asked]], bool]:
    told = client.graphql(_PROCESSES, **{name: value for name, value in variables.items() if value is not None})
    from ....network import is_id

    try:
        transactions = told["transactions"]
        found = [
            (str(edge["cursor"]), Asked(id=node["id"], owner=str(node["owner"]["address"]), tags=_tags(node["tags"])))
            for edge in transactions["edges"]
            for node in [edge["node"]]
            if is_id(node["id"])
        ]
        return found, bool(transactions["pageInfo"]["hasNextPage"])
    except (KeyError, TypeError):
        raise HttpError("the answer has no transactions", unit="gateway") from None


def _tags(given: Any) -> list[dict[str, str]]:
    return [{"name": str(tag["name"]), "value": str(tag["value"])} for tag in given]

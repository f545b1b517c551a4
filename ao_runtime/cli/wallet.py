"""`ao-run wallet`: makes wallets, and tells their addresses."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import click

from .show import warn
from .text import document, echo

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["open_wallet", "wallet"]


@click.group("wallet", short_help="Make a wallet, or show its address.")
def wallet() -> None:
    """Make a wallet, or show its address: the key that signs data items, in a file (JWK, as Arweave's keyfiles).

    \b
    ao-run wallet new key.json
    ao-run wallet address key.json
    """


_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")


@wallet.command("new", short_help="Make a wallet.")
@click.argument("file", metavar="FILE")
@click.option(
    "--kind",
    type=click.Choice(["rsa", "ed25519", "ethereum"]),
    default="rsa",
    help="Whose keys: rsa (Arweave), ed25519 or ethereum. [rsa]",
)
@_JSON
def new(file: str, kind: str, as_json: bool) -> int:
    """Make a wallet, write it to a new FILE that only you may read, and print its address.

    A file that is there already is never overwritten. RSA takes some seconds. With --json as ao-run wallet address.

    \b
    ao-run wallet new key.json
    """
    from ..items import Wallet

    made = Wallet.generate(kind)
    made.save(file)
    _show(made, file, as_json=as_json)
    return 0


@wallet.command("address", short_help="Show the address of a wallet.")
@click.argument("file", metavar="FILE")
@_JSON
def address(file: str, as_json: bool) -> int:
    """Print the address of the wallet in FILE, as a process sees it: of Ethereum's 0x…, else of 43 characters.

    With --json: {"file", "kind", "address", "ao_address", "owner"}, where "address" has 43 characters for all kinds.
    """
    _show(open_wallet(file), file, as_json=as_json)
    return 0


def open_wallet(file: str) -> Wallet:
    """The wallet in a file; a warning of it goes to stderr."""
    from ..items import Wallet

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = Wallet.load(file)
    for warning in said:
        warn(str(warning.message))
    return found


def _show(found: Wallet, file: str, *, as_json: bool) -> None:
    if as_json:
        names = ("kind", "address", "ao_address", "owner")
        document({"file": file, **{name: getattr(found, name) for name in names}})
    else:
        echo(found.ao_address)

"""`ao-run item`: data items and bundles in files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import InputError, ItemError
from .options import name_value
from .text import document, echo

if TYPE_CHECKING:
    from ..items import Bundle, DataItem

__all__ = ["item"]

_F = TypeVar("_F", bound=Callable[..., Any])


@click.group("item", short_help="Show, verify, sign and bundle data items (ANS-104).")
def item() -> None:
    """Show, verify, sign and bundle data items: how messages are written down on the network (ANS-104).

    A FILE holds one item or one bundle as it is sent, or is - for standard input.

    \b
    ao-run item sign --message --wallet key.json message.json -o message.item
    ao-run item show message.item
    ao-run item verify message.item
    """


@item.command("show", short_help="Show what an item or a bundle holds.")
@click.argument("file", metavar="FILE")
@click.option("--data", "only_data", is_flag=True, help="Print the item's data as it is, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def show(file: str, only_data: bool, as_json: bool) -> int:
    """Show what the item or bundle in FILE holds: ids, who signed, target, anchor, tags; bundles inside too.

    Whether it is signed by its owner is not looked at: ao-run item verify does. With --json: {"id", "size",
    "signature_type", "signature", "owner": {"address", "key"}, "ao_address", "target", "anchor", "tags",
    "data_size"}, with "items" if it holds a bundle; of a bundle {"size", "items"}.

    \b
    ao-run item show message.item
    ao-run item show --data module.item > module.wasm
    """
    from . import item_text

    found = _read(file)
    if only_data:
        from ..items import Bundle

        if isinstance(found, Bundle):
            raise InputError("is a bundle, which has no data of its own", file=file)
        item_text.write(found.data_view, None)
    elif as_json:
        document(item_text.described(found))
    else:
        for line in item_text.lines(found):
            echo(line)
    return 0


@item.command("verify", short_help="Ask whether items are signed by their owners.")
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else.")
def verify(file: str, as_json: bool) -> int:
    """Ask whether the item in FILE is signed by its owner; of a bundle, whether every item is, also in bundles inside.

    What is no item or bundle, and what is not signed by its owner, is told with the field and the byte, and the exit
    code is 1. With --json: {"valid", "error", "items": [{"path", "id", "ao_address", "valid", "error"}]}.

    \b
    ao-run item verify message.item
    """
    from . import item_text

    verdicts: list[item_text.Verdict] = []
    error = None
    try:
        for verdict in item_text.verdicts(_read(file)):
            verdicts.append(verdict)
            if not as_json:
                echo(verdict.line())
    except ItemError as problem:
        error = str(problem)
        if not as_json:
            from .show import complain

            complain(f"{file}: {error}" if problem.file is None else error)
    valid = error is None and all(verdict.error is None for verdict in verdicts)
    if as_json:
        found = [verdict.described() for verdict in verdicts]
        document({"valid": valid, "error": error, "items": found})
    return 0 if valid else 1


_OUTPUT = click.option("-o", "--output", metavar="FILE", help="Write to this new file, and print the item's id.")


def _wallet(*, required: bool) -> Callable[[_F], _F]:
    return click.option("-w", "--wallet", metavar="FILE", required=required, help="The wallet that signs (a JWK).")


_TAGS = click.option(
    "--tag", "tags", type=name_value, metavar="NAME=VALUE", multiple=True, help="A tag; may be repeated."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of bytes or an id.")


@item.command("sign", short_help="Make a signed item of data or of a message.")
@click.argument("file", metavar="FILE")
@_wallet(required=True)
@click.option("--message", "is_message", is_flag=True, help="FILE is a message in JSON, not the data itself.")
@click.option("--target", metavar="ID", help="The process or wallet that it is for.")
@click.option("--anchor", metavar="TEXT", help="32 bytes of text, or their base64url.")
@_TAGS
@_OUTPUT
@_JSON
def sign(
    file: str,
    wallet: str,
    is_message: bool,
    target: str | None,
    anchor: str | None,
    tags: tuple[tuple[str, str], ...],
    output: str | None,
    as_json: bool,
) -> int:
    """Make a data item of the bytes in FILE, signed by a wallet, and write it to standard output or to a new file.

    With --message, FILE is a message as ao-run handle reads it. Its Target, Anchor, Tags and Data become the item, with
    the tags that aoconnect adds; the options replace its Target and Anchor, and add tags. With --json: {"id",
    "ao_address", "size", "file"}, or with "item" (base64url) where there is no --output.

    \b
    ao-run item sign --wallet key.json --tag Content-Type=text/plain notes.txt -o notes.item
    echo '{"Target": "…", "Action": "Ping"}' | ao-run item sign --message --wallet key.json - > ping.item
    """
    from ..items import DataItem
    from . import item_text
    from .wallet import open_wallet

    if is_message:
        message = _one_message(file)
        given = {"Target": target, "Anchor": anchor}
        message.update((name, text) for name, text in given.items() if text is not None)
        message["Tags"] = [*message["Tags"], *({"name": name, "value": text} for name, text in tags)]
        made = DataItem.of(message, open_wallet(wallet))
    else:
        data = item_text.read(file)
        made = DataItem.create(data, target=target, anchor=anchor, tags=tags, wallet=open_wallet(wallet))
    item_text.give(made, output, as_json=as_json)
    return 0


@item.command("bundle", short_help="Put items together in a bundle.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@_wallet(required=False)
@_TAGS
@_OUTPUT
@_JSON
def bundle(
    files: tuple[str, ...],
    wallet: str | None,
    tags: tuple[tuple[str, str], ...],
    output: str | None,
    as_json: bool,
) -> int:
    """Put the items in the FILEs together in a bundle, and write it to standard output or to a new file.

    With --wallet the bundle becomes the data of an item, signed by it, with the tags that say so. All items must be
    signed by their owners. With --json: of an item as ao-run item sign, of a bundle {"ids", "size", "file"}, or with
    "bundle" (base64url) where there is no --output.

    \b
    ao-run item bundle one.item two.item -o both.bundle
    ao-run item bundle --wallet key.json one.item two.item -o both.item
    """
    from ..items import Bundle, DataItem
    from . import item_text
    from .wallet import open_wallet

    if tags and wallet is None:
        raise click.UsageError("tags are those of an item: --tag needs --wallet")
    items = []
    for file in files:
        try:
            found = DataItem.parse(item_text.read(file))
            found.check()
        except ItemError as error:
            raise error.within(file=file) from None
        items.append(found)
    made = Bundle.create(items)
    item_text.give(made if wallet is None else made.item(open_wallet(wallet), tags=tags), output, as_json=as_json)
    return 0


def _one_message(file: str) -> dict[str, Any]:
    from .documents import read_messages

    found = read_messages(file)
    if len(found) != 1:
        raise InputError(f"holds {len(found)} messages; an item is of one", file=file)
    return found[0].wire


def _read(file: str) -> DataItem | Bundle:
    """The item or the bundle in a file. A bundle begins with a number of 32 bytes, of which most are 0."""
    from ..items import Bundle, DataItem
    from .item_text import read

    data = read(file)
    try:
        if any(data[8:32]):
            return DataItem.parse(data)
        return Bundle.parse(data)
    except ItemError as error:
        raise error.within(file=file) from None

"""How items come by their ids: by a count and their own fields where nothing is signed, else by real signatures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from ..errors import ItemError, NetworkError, RefusedError
from .ids import digest_of, to_id
from .item import Assignment, Item, assignment_tags

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["Maker", "SignedMaker", "UnsignedMaker"]

Parts = tuple[bytes, ...]


class Maker(Protocol):
    """Makes items and seals assignments."""

    #: How many items wallets have sent; with the same count the same item has the same id.
    count: int

    def address(self, name: str) -> str:
        """The address of the wallet that is called so."""

    def item(
        self,
        owner: str,
        target: str,
        anchor: bytes,
        names: Parts,
        values: Parts,
        data: bytes,
        *,
        origin: bytes | None = None,
        shown: str | None = None,
    ) -> Item:
        """A new item. `origin` is what it comes of (`Delivery.key`); None is a wallet, whose items are counted.

        `shown` is the address that its owner shows, if it is another one.
        """

    def seal(self, assignment: Assignment) -> None:
        """Give an assignment its id."""


class UnsignedMaker:
    """Nothing is signed: an id is SHA-256 over where an item comes from and all its fields (`ids.digest_of`).

    That is the delivery that it is, or the count of what wallets have sent: one who sends the same twice has sent two
    messages, as on the network, where each has a signature of its own.
    """

    def __init__(self, seed: str = "") -> None:
        self.count = 0
        self._raw_seed = seed.encode("utf-8", "replace")

    def address(self, name: str) -> str:
        """SHA-256 of the network's seed and the name."""
        return to_id(digest_of((b"address", self._raw_seed, name.encode("utf-8", "replace"))))

    def item(
        self,
        owner: str,
        target: str,
        anchor: bytes,
        names: Parts,
        values: Parts,
        data: bytes,
        *,
        origin: bytes | None = None,
        shown: str | None = None,
    ) -> Item:
        """A new item, whose id stands for origin or count, owner, target, anchor, tags and data."""
        if origin is None:
            self.count += 1
            origin = b"%d" % self.count
        owner = shown or owner
        head = f"{owner} {target} {len(names)} {len(anchor)}".encode()
        # As `digest_of` does it: there is one for every message.
        whole = b"\xff".join((self._raw_seed, origin, head, *names, *values, anchor, data))
        id = to_id(sha256(whole).digest())
        return Item(id, owner, target, anchor, names, values, data)

    def seal(self, assignment: Assignment) -> None:
        """The id stands for all that the assignment says."""
        one = assignment
        text = (
            f"{one.process} {one.nonce} {one.hash_chain} {one.block_height} {one.timestamp} {one.item.id}"
            f" {one.scheduler}"
        )
        if one.exclude:
            text += f" {' '.join(one.exclude)}"
        one.digest = sha256(text.encode()).digest()


class SignedMaker:
    """Every item and every assignment is a real data item, signed by the key of its owner.

    A name's key is Ed25519, made from the network's seed and the name; other wallets can be brought, `named` are those
    of some names. All signatures are deterministic, those of RSA too: what is signed again after a kill, since it was
    not on the disk yet, or never is (messages to wallets), has the id that clients know, and what is delivered twice is
    the same item. What is meant to be two, and signed twice, would have one id: it gets an anchor of its own, a count.
    """

    def __init__(self, seed: str = "", named: Mapping[str, Wallet] | None = None) -> None:
        self.count = 0
        self._raw_seed = seed.encode("utf-8", "replace")
        self._wallets: dict[str, Wallet] = {}
        self._addresses: dict[str, str] = {}
        #: Whether there is an item of that id already, for that target.
        self.taken: Callable[[str, str], bool] = lambda id, target: False
        for name, wallet in (named or {}).items():
            self._addresses[name] = self.add(wallet)

    def address(self, name: str) -> str:
        """The address of the key that is made for the name."""
        address = self._addresses.get(name)
        if address is None:
            from ..items import Wallet

            seed = digest_of((b"key", self._raw_seed, name.encode("utf-8", "replace")))
            address = self._addresses[name] = self.add(Wallet.from_ed25519(seed))
        return address

    def add(self, wallet: Wallet) -> str:
        """Sign with this wallet whatever is of its address, which is returned."""
        self._wallets[wallet.ao_address] = wallet.deterministic()
        return wallet.ao_address

    def public_key(self, address: str) -> str | None:
        """The public key of an address that this network signs for, base64url; None for any other."""
        wallet = self._wallets.get(address)
        return None if wallet is None else wallet.owner

    def wallet(self, name: str) -> Wallet:
        """The key that is made for the name."""
        return self._wallets[self.address(name)]

    def take(self, other: SignedMaker) -> None:
        """Have the keys of another network too."""
        self._wallets |= other._wallets
        self._addresses |= other._addresses

    def item(
        self,
        owner: str,
        target: str,
        anchor: bytes,
        names: Parts,
        values: Parts,
        data: bytes,
        *,
        origin: bytes | None = None,
        shown: str | None = None,
    ) -> Item:
        """A new item. Raises `NetworkError` where nobody has the owner's key, `RefusedError` for what is no item."""
        from ..items import DataItem

        wallet = self._wallets.get(owner)
        if wallet is None:
            raise NetworkError(
                f"nobody here has the key of {owner}", advice="in a signed network wallets send: net.wallet(name)"
            )
        if origin is None:
            self.count += 1
        try:
            tags = list(zip(names, values, strict=True))
            made = DataItem.create(data, target=target or None, anchor=anchor or None, tags=tags, wallet=wallet)
            if not anchor and self.taken(made.id, target):
                anchor = b"%032d" % self.count
                made = DataItem.create(data, target=target or None, anchor=anchor, tags=tags, wallet=wallet)
        except ItemError as error:
            raise RefusedError(str(error)) from None
        return Item(made.id, shown or owner, target, anchor, names, values, data, made.signature, bytes(made))

    def seal(self, assignment: Assignment) -> None:
        """Sign it, as an item of the scheduler's with the assignment's tags."""
        from ..items import DataItem

        tags = [(tag["name"].encode(), tag["value"].encode()) for tag in assignment_tags(assignment)]
        made = DataItem.create(tags=tags, wallet=self._wallets[assignment.scheduler])
        assignment.digest, assignment.signature = made.raw_id, made.signature

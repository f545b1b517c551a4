"""The keys of a network's own units, and of the local user of one that is served.

Of Ed25519 they follow from the network's seed, as those of its wallets do, and are written down nowhere. Of RSA, as on
the real network, no key follows from a seed: they are made when the network is new, which takes some seconds, and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..models import shown

if TYPE_CHECKING:
    from ..items import Wallet

__all__ = ["KEY_KINDS", "UNIT_WALLETS", "UnitKeys", "unit_keys"]

#: The kinds of keys that units may have; the first where nothing is said.
KEY_KINDS = ("ed25519", "rsa")

#: Whoever has a key of its own in a network, and what its wallet is called there (`SignedMaker.address`).
UNIT_WALLETS = {
    "scheduler": "scheduler of the network",
    "messenger": "messenger of the network",
    "compute": "compute unit of the network",
    "user": "local user",
}


class UnitKeys:
    """RSA wallets of all units, by the names of `UNIT_WALLETS`. Immutable; equal where their addresses are.

    Raises `InputError` where a unit has none, or one of another kind.
    """

    __slots__ = ("wallets",)
    kind = "rsa"

    def __init__(self, wallets: Mapping[str, Wallet]) -> None:
        for unit in UNIT_WALLETS:
            if unit not in wallets:
                raise InputError(f"there is no key of the {unit}", field="keys")
            if wallets[unit].kind != self.kind:
                raise InputError(f"the key of the {unit} is none of RSA", field="keys")
        self.wallets: dict[str, Wallet] = {unit: wallets[unit] for unit in UNIT_WALLETS}

    @classmethod
    def generate(cls) -> UnitKeys:
        """New ones."""
        from ..items import Wallet

        return cls({unit: Wallet.generate(cls.kind) for unit in UNIT_WALLETS})

    @classmethod
    def from_jwks(cls, told: Any) -> UnitKeys:
        """What `to_jwks` gave. Raises `InputError` for anything else."""
        from ..items import Wallet

        if not isinstance(told, Mapping):
            raise InputError("must be keys by units", field="keys")
        return cls({unit: Wallet.from_jwk(told[unit]) for unit in UNIT_WALLETS if unit in told})

    def to_jwks(self) -> dict[str, dict[str, str]]:
        """The keys by units, with their secrets."""
        return {unit: wallet.to_jwk() for unit, wallet in self.wallets.items()}

    def named(self) -> dict[str, Wallet]:
        """The wallets by what they are called in a network."""
        return {UNIT_WALLETS[unit]: wallet for unit, wallet in self.wallets.items()}

    def __eq__(self, other: object) -> bool:
        return self.wallets == other.wallets if isinstance(other, UnitKeys) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.wallets.values()))

    def __repr__(self) -> str:
        return f"<UnitKeys {self.kind}>"


def unit_keys(keys: str | UnitKeys, signed: bool) -> UnitKeys | None:
    """The keys that are no matter of the seed: those, or new ones; None of Ed25519.

    Raises `InputError` for a kind that there is not, and for RSA in a network that signs nothing.
    """
    kind = keys.kind if isinstance(keys, UnitKeys) else keys
    if kind not in KEY_KINDS:
        raise InputError(f"must be {' or '.join(KEY_KINDS)}, found {shown(keys)}", field="keys")
    if kind == "ed25519":
        return None
    if not signed:
        raise InputError("nothing is signed in this network", field="keys", advice="signed=True signs")
    return keys if isinstance(keys, UnitKeys) else UnitKeys.generate()

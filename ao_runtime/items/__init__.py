"""Data items (ANS-104) and wallets: how a message is signed, and written down on the network.

What signs and verifies needs the extra `net` (`pip install cryptography coincurve`). Reading and writing needs nothing.
"""

from __future__ import annotations

from .addresses import ao_address_of
from .bundle import Bundle, Place
from .deep_hash import deep_hash
from .encoding import decode as from_base64url
from .item import DataItem
from .message import message_parts
from .transaction import check_transaction
from .wallet import Wallet, WalletWarning

__all__ = [
    "Bundle",
    "DataItem",
    "Place",
    "Wallet",
    "WalletWarning",
    "ao_address_of",
    "check_transaction",
    "deep_hash",
    "from_base64url",
    "message_parts",
]

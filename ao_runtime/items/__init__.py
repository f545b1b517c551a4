"""Data items (ANS-104) and wallets: how a message is signed, and written down on the network.

What signs and verifies needs the extra `net` (`pip install cryptography coincurve`). Reading and writing needs nothing.
"""

from __future__ import annotations

from .bundle import Bundle, Place
from .deep_hash import deep_hash
from .item import DataItem
from .message import message_parts
from .wallet import Wallet, WalletWarning

__all__ = ["Bundle", "DataItem", "Place", "Wallet", "WalletWarning", "deep_hash", "message_parts"]

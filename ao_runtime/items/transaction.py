"""What the signature of one of Arweave's own transactions, format 2, is over: the deep hash of its fields."""

from __future__ import annotations

from ..errors import ItemError
from . import signatures
from .deep_hash import Deep, deep_hash

__all__ = ["check_transaction"]

_RSA = 1


def check_transaction(owner: bytes, fields: list[Deep], signature: bytes) -> None:
    """Whether the owner, an RSA modulus of 512 bytes, has signed a transaction; 512 bytes are a signature.

    `fields` are those after the owner: target, quantity, reward, last_tx, tags as pairs, data_size, data_root; the
    numbers as text. Raises an `ItemError` that says what is wrong.
    """
    problem = signatures.check(_RSA, owner, deep_hash([b"2", owner, *fields]), signature)
    if problem is not None:
        raise ItemError(problem.words, field=problem.field)

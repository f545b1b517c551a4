"""Items with something changed: bytes, lengths, counts and tags, as an attacker or a bad disk would."""

from __future__ import annotations

from random import Random

from ao_runtime.items import Bundle, DataItem

from .making import avro, item, long
from .vectors import VECTORS, raw_of, wallet

__all__ = ["mutated", "seeds", "signed_badly"]

_NUMBERS = (0, 1, 2, 127, 128, 129, 255, 256, 4096, 4097, 1 << 31, (1 << 53) - 1, 1 << 63, (1 << 64) - 1)


def seeds() -> list[bytes]:
    """The items and bundles that are changed: all vectors, good and bad, and an item of 200 kB."""
    found = [raw_of(vector) for part in ("items", "invalid", "bundles") for vector in VECTORS[part]]
    large = DataItem.create(b"d" * 200_000, target=b"t" * 32, tags=[("A", "b")] * 20, wallet=wallet("ed1"))
    return [*(raw for raw in found if raw), bytes(large), bytes(Bundle.create([large, large]))]


def mutated(random: Random, raw: bytes) -> bytes:
    """The bytes with one to four changes."""
    changed = bytearray(raw)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        kind = random.randrange(9)
        at = _place(random, len(changed))
        if kind == 0:
            changed[at : at + 1] = bytes([changed[at] ^ 1 << random.randrange(8)]) if changed else b"\0"
        elif kind == 1:
            changed[at : at + 1] = bytes([random.randrange(256)])
        elif kind == 2:
            del changed[at:]
        elif kind == 3:
            del changed[at : at + random.choice((1, 2, 8, 32, 64))]
        elif kind == 4:
            changed[at:at] = random.randbytes(random.choice((1, 2, 8, 32)))
        elif kind == 5:
            number = random.choice(_NUMBERS) + random.choice((-1, 0, 0, 1))
            width = random.choice((8, 8, 32))
            changed[at : at + width] = (number % (1 << 64)).to_bytes(width, "little")
        elif kind == 6:
            changed[at : at + 10] = long(random.choice(_NUMBERS) * random.choice((1, -1)))
        elif kind == 7:
            start, length = _place(random, len(raw)), random.randrange(1, 100)
            changed[at : at + length] = raw[start : start + length]
        else:
            changed[:2] = random.randrange(12).to_bytes(2, "little")
    return bytes(changed)


def signed_badly(random: Random) -> bytes:
    """An item whose signature is good, with up to two of its fields wrong."""
    tags = [
        (random.randbytes(random.randrange(1, 4)), random.randbytes(random.randrange(4)))
        for _ in range(random.randrange(5))
    ]
    raw = avro(*tags) if tags else b""
    wrong = random.choices(("tags", "count", "size", "presence", "target", "nothing"), k=2)
    if "tags" in wrong:
        raw = mutated(random, raw or b"\0")[:5000]
    number = (random.choice(_NUMBERS) + random.choice((-1, 0, 1))) % (1 << 64)
    return item(
        wallet(random.choice(("ed1", "eth1"))),
        target=b"t" * 31 if "target" in wrong else random.choice((b"", b"t" * 32)),
        anchor=random.choice((b"", b"a" * 32)),
        count=random.choice((number, len(tags) + 1)) if "count" in wrong else len(tags),
        tags=raw,
        size=random.choice((number, len(raw) + 1, max(0, len(raw) - 1))) if "size" in wrong else None,
        data=random.randbytes(random.randrange(20)),
        presence=random.choice(((0, 1), (1, 0), (2, 0), (1, 255))) if "presence" in wrong else None,
    )  # fmt: skip


def _place(random: Random, size: int) -> int:
    """A place: at the ends of fields more often than anywhere else."""
    if not size:
        return 0
    ends = (2, 34, 66, 98, 100, 108, 116, 132, 514, 1026, 1027, 1044, 1059, 1060, 1068, 1076, 2054, 3081, 32, 64, 96)
    at = random.choice(ends) + random.randrange(-2, 3) if random.random() < 0.5 else random.randrange(size)
    return min(max(at, 0), size - 1)

"""The merkle tree over a transaction's data: how it is cut, and paths that lead to each byte."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.errors import ItemError
from ao_runtime.units.merkle import LEAST, MOST, Tree, cut, hashes_of, root_of, walk

SIZES = st.one_of(
    st.integers(1, 3 * MOST),
    st.builds(lambda chunks, more: chunks * MOST + more, st.integers(1, 40), st.integers(-2, LEAST + 2)),
)


@given(size=SIZES)
def test_cut(size: int) -> None:
    """One chunk begins where the last one ends, all are 32 to 256 KiB, but one that is alone; or the last is empty."""
    bounds = cut(size)
    assert [start for start, _ in bounds] == [0, *(end for _, end in bounds[:-1])]
    assert bounds[-1][1] == size
    lengths = [end - start for start, end in bounds]
    assert max(lengths) <= MOST
    if lengths[-1] == 0:
        assert size % MOST == 0
        lengths.pop()
    assert len(lengths) == 1 or min(lengths) >= LEAST


@given(size=SIZES, part=st.floats(0, 1, exclude_max=True))
def test_a_path_leads_to_each_byte(size: int, part: float) -> None:
    """From the root to the chunk that has it, and the hash is the chunk's; another root, or another byte, is none."""
    hashes = [sha256(str(start).encode()).digest() for start, _ in cut(size)]
    tree = Tree(size, hashes)
    offset = int(size * part)
    path = tree.path(offset)
    number = next(at for at, (start, end) in enumerate(cut(size)) if start <= offset < end)
    assert walk(tree.root, path, offset, size) == (*cut(size)[number], hashes[number])
    for changed in (path[:-1], path + path, bytes([path[0] ^ 1]) + path[1:]):
        with pytest.raises(ItemError, match="does not lead"):
            walk(tree.root, changed, offset, size)
    with pytest.raises(ItemError, match="does not lead"):
        walk(sha256(tree.root).digest(), path, offset, size)


def test_a_root_is_of_all_the_data() -> None:
    """One byte more or less, or another one, is another root."""
    data = bytes(MOST + 5)
    roots = {root_of(data), root_of(data[:-1]), root_of(data + b"\0"), root_of(b"\1" + data[1:]), root_of(b"")}
    assert len(roots) == 5
    assert Tree(len(data), hashes_of(data)).root == root_of(data)

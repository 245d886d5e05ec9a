"""The Merkle tree of RFC 6962: root, inclusion and consistency proofs, and their verification. Hashes are 32 bytes.

Source: RFC 6962, 2.1 (tree and proofs), RFC 9162, 2.1.3.2 and 2.1.4.2 (verification).
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

__all__ = [
    "EMPTY",
    "Tree",
    "frontier",
    "frontier_root",
    "grown",
    "leaf_hash",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY = hashlib.sha256().digest()
"""Root of the tree without leaves."""

_LEAF, _NODE = b"\x00", b"\x01"
_WIDTH = 32


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf: sha256 of 0x00 and its content."""
    return hashlib.sha256(_LEAF + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


class Tree:
    """A tree over leaf hashes. Every complete subtree is hashed once; proofs then cost O(log n)."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        level = list(leaves)
        self._levels = [level]
        while len(level) > 1:
            level = [hashlib.sha256(_NODE + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
            self._levels.append(level)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def leaf(self, index: int) -> bytes:
        """Return the hash of one leaf, counted from 0."""
        return self._levels[0][index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves; default: of all.

        Raises:
            ValueError: there are fewer leaves.
        """
        end = self.size if size is None else size
        if not 0 <= end <= self.size:
            raise ValueError(end)
        return self._hash(0, end) if end else EMPTY

    def _hash(self, start: int, end: int) -> bytes:
        """Return the hash of leaves start ≤ i < end, where start is a multiple of the power of two that holds them."""
        count = end - start
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + _split(count)
        return _node(self._hash(start, middle), self._hash(middle, end))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that leaf `index` is among the first `size` leaves (RFC 6962, 2.1.1).

        Raises:
            ValueError: there is no such leaf.
        """
        end = self.size if size is None else size
        if not 0 <= index < end <= self.size:
            raise ValueError(index)
        start, path = 0, []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._hash(middle, end))
                end = middle
            else:
                path.append(self._hash(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, first: int, second: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `second` leaves continues the one of `first` (RFC 6962, 2.1.2).

        Raises:
            ValueError: not 0 ≤ first ≤ second ≤ size.
        """
        last = self.size if second is None else second
        if not 0 <= first <= last <= self.size:
            raise ValueError(first)
        start, end, whole, path = 0, last, True, []
        while first not in (0, last) and first - start != end - start:
            middle = start + _split(end - start)
            if first <= middle:
                path.append(self._hash(middle, end))
                end = middle
            else:
                path.append(self._hash(start, middle))
                start, whole = middle, False
        if not whole:
            path.append(self._hash(start, end))
        return path[::-1]


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    return frontier_root(grown([], 0, leaves))


def grown(peaks: Sequence[bytes], size: int, leaves: Iterable[bytes]) -> list[bytes]:
    """Return the frontier of a tree after `leaves` were added to one of `size` leaves with frontier `peaks`.

    A frontier holds the roots of the complete subtrees from left to right, one for each 1 of the size in binary.
    """
    stack, count = list(peaks), size
    for leaf in leaves:
        here, place = leaf, count
        while place & 1:
            here = _node(stack.pop(), here)
            place >>= 1
        stack.append(here)
        count += 1
    return stack


def frontier(tree: Tree) -> list[bytes]:
    """Return the frontier of a whole tree."""
    bits = [bit for bit in reversed(range(tree.size.bit_length())) if tree.size >> bit & 1]
    starts = [0]
    for bit in bits:
        starts.append(starts[-1] + (1 << bit))
    return [tree._hash(start, end) for start, end in pairwise(starts)]  # noqa: SLF001 - of this room


def frontier_root(peaks: Sequence[bytes]) -> bytes:
    """Return the root of the tree with this frontier."""
    if not peaks:
        return EMPTY
    here = peaks[-1]
    for peak in reversed(peaks[:-1]):
        here = _node(peak, here)
    return here


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` shows the leaf hash at `index` in the tree of `size` leaves with `root`.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size or any(len(one) != _WIDTH for one in (leaf, root, *proof)):
        return False
    place, last, here = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            here = _node(one, here)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            here = _node(here, one)
        place, last = place >> 1, last >> 1
    return last == 0 and here == root


def verify_consistency(first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the tree (second, new) continues the tree (first, old).

    Source: RFC 9162, 2.1.4.2. A tree of no leaves is continued by every tree; its proof is empty.
    """
    if not 0 <= first <= second or any(len(one) != _WIDTH for one in (old, new, *proof)):
        return False
    if first in (0, second):
        return not proof and (old == EMPTY if first == 0 else old == new) and (second > 0 or new == EMPTY)
    path = [old, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    one_side = other_side = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            one_side, other_side = _node(one, one_side), _node(one, other_side)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            other_side = _node(other_side, one)
        place, last = place >> 1, last >> 1
    return last == 0 and one_side == old and other_side == new

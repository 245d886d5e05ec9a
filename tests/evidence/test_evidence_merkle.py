"""The Merkle tree against the reference values of Certificate Transparency, and every proof up to 64 leaves."""

import hashlib
import random
import time

import pytest

from factordb.evidence import merkle
from factordb.evidence.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion

CONTENTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Leaves and roots of the test vectors of RFC 6962's reference log, for 0 to 8 leaves."""
SIZE = 64


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(leaf_hash(f"leaf {number}".encode()) for number in range(SIZE))


def _by_definition(leaves: list[bytes]) -> bytes:
    """Return the root by the recursion of RFC 6962, 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = max(2**power for power in range(10) if 2**power < len(leaves))
    return hashlib.sha256(b"\x01" + _by_definition(leaves[:half]) + _by_definition(leaves[half:])).digest()


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_the_reference_log(count: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(one)) for one in CONTENTS[:count]]
    assert Tree(leaves).root().hex() == ROOTS[count]
    assert merkle.root_of(leaves).hex() == ROOTS[count]


def test_every_prefix_root_and_frontier_is_that_of_the_definition(tree: Tree) -> None:
    leaves = [tree.leaf(index) for index in range(SIZE)]
    for size in range(SIZE + 1):
        expected = _by_definition(leaves[:size])
        assert tree.root(size) == expected
        peaks = merkle.frontier(Tree(leaves[:size]))
        assert merkle.frontier_root(peaks) == expected
        grown = merkle.grown(peaks, size, leaves[size:])
        assert merkle.frontier_root(grown) == tree.root()


def test_every_inclusion_proof_holds_and_no_forged_one_does(tree: Tree) -> None:
    draw, accepted, forged = random.Random(6962), 0, 0  # noqa: S311 - which proofs are forged is no secret
    for size in range(1, SIZE + 1):
        root = tree.root(size)
        for index in range(size):
            leaf, proof = tree.leaf(index), tree.inclusion(index, size)
            accepted += verify_inclusion(leaf, index, size, proof, root)
            other = (index + draw.randrange(1, size)) % size if size > 1 else 1
            forged += verify_inclusion(leaf, other, size, proof, root)
            forged += verify_inclusion(leaf_hash(b"forged"), index, size, proof, root)
            forged += verify_inclusion(leaf, index, size, [*proof, leaf], root)
            forged += verify_inclusion(leaf, index, size, proof, bytes(32))
            forged += verify_inclusion(leaf, index, size, proof, root[:31])
            if proof:
                place = draw.randrange(len(proof))
                forged += verify_inclusion(leaf, index, size, proof[:-1], root)
                forged += verify_inclusion(leaf, index, size, [*proof[:place], bytes(32), *proof[place + 1 :]], root)
    assert accepted == SIZE * (SIZE + 1) // 2
    assert forged == 0


def test_every_consistency_proof_holds_and_no_forged_one_does(tree: Tree) -> None:
    accepted, forged, pairs = 0, 0, 0
    for second in range(SIZE + 1):
        for first in range(second + 1):
            pairs += 1
            old, new, proof = tree.root(first), tree.root(second), tree.consistency(first, second)
            accepted += verify_consistency(first, second, old, new, proof)
            forged += verify_consistency(first, second, bytes(32), new, proof)
            forged += verify_consistency(first, second, old, new, [*proof, bytes(32)])
            if first not in (0, second):
                forged += verify_consistency(first, second, old, bytes(32), proof)
                forged += verify_consistency(first, second, old, new, proof[:-1])
                forged += verify_consistency(first, second, old, new, [bytes(32), *proof[1:]])
                forged += verify_consistency(second, first, new, old, proof)
    assert (accepted, forged) == (pairs, 0)


def test_two_forks_cannot_both_continue_one_head(tree: Tree) -> None:
    """Whatever proof the fork's owner makes, its first root is not the anchored one."""
    leaves = [tree.leaf(index) for index in range(SIZE)]
    for first in range(1, 40):
        fork = Tree([*leaves[: first - 1], leaf_hash(b"another"), *leaves[first:]])
        for second in (first, first + 1, SIZE):
            honest, forged = tree.consistency(first, second), fork.consistency(first, second)
            assert verify_consistency(first, second, tree.root(first), tree.root(second), honest)
            for proof in (honest, forged):
                assert not verify_consistency(first, second, tree.root(first), fork.root(second), proof)


@pytest.mark.parametrize("call", ["root", "inclusion", "consistency"])
def test_what_is_not_in_the_tree_is_refused(tree: Tree, call: str) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        getattr(tree, call)(SIZE + 1)


def test_a_hundred_thousand_leaves_take_well_under_a_second() -> None:
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(100_000)]
    before = time.process_time()
    tree = Tree(leaves)
    proof = tree.inclusion(77_777)
    used = time.process_time() - before
    print(f"root and proof of 100,000 leaves: {used:.3f} s")  # noqa: T201 - the figure
    assert verify_inclusion(leaves[77_777], 77_777, 100_000, proof, tree.root())
    assert len(proof) == 17
    assert merkle.frontier_root(merkle.grown([], 0, leaves)) == tree.root()
    assert used < 1

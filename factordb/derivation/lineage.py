"""Factors built on factors: a graph, what a changed factor moves downstream, and cycles solved or refused.

An edge says that a child takes `amount` of a parent: child = Σ amount · parent + rest. The change of a factor is
therefore the solution of (I − A) Δ = δ, with A[child, parent] = amount and the changed factor held: exact where every
edge on the way is linear, of first order otherwise. A cycle of linear edges has one meaningful solution where the
spectral radius of |A| on its members is below 1 (Perron and Frobenius: the Neumann series converges); else it is
refused.
Source: Heijungs and Suh, The Computational Structure of Life Cycle Assessment, 2002, ch. 2; Collatz 1942, Wielandt 1950
(bounds of the spectral radius).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components
from scipy.sparse.linalg import splu

from factordb.errors import StatementError, UsageError

FloatArray: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]
MOST_STEPS = 10_000
MOST_NAMED = 12
"""Members of a cycle that a sentence names."""


@dataclass(frozen=True, slots=True, eq=False)
class Lineage:
    """A graph of n factors: amounts that children take of their parents."""

    names: pa.Array
    """Factors, shape (n,)."""
    amounts: sparse.csr_array
    """A[child, parent], shape (n, n); several edges of one pair are added up."""
    curved: NDArray[np.bool_]
    """Factors that are not linear in some parent of theirs, shape (n,)."""

    def place(self, name: str) -> int:
        """Return the position of a factor, -1 where it is in no edge."""
        return int(pc.index(self.names, name).as_py())

    def downstream(self, place: int) -> Places:
        """Return the positions of everything built on a factor, itself included, nearest first."""
        return _reached(self.amounts.T.tocsr(), place)

    def upstream(self, place: int) -> Places:
        """Return the positions of everything a factor is built on, itself included, nearest first."""
        return _reached(self.amounts, place)


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """What a changed factor moves: positions, changes, and whether they are exact; the changed factor is not listed."""

    places: Places
    changes: FloatArray
    exact: NDArray[np.bool_]


def lineage_of(
    child: ArrayLike | pa.Array, parent: ArrayLike | pa.Array, amount: ArrayLike, exact: ArrayLike
) -> Lineage:
    """Return the graph of m edges.

    Args:
        child: name of the factor that is built, shape (m,).
        parent: name of the factor it is built on, shape (m,).
        amount: d child / d parent, in units of the one per unit of the other, shape (m,).
        exact: whether the child is linear in this parent, shape (m,).

    Raises:
        StatementError: an amount is no finite number.
    """
    ends = [_words(child), _words(parent)]
    both = pa.chunked_array(ends).combine_chunks()
    coded = both.dictionary_encode()
    numbers = coded.indices.to_numpy().astype(np.intp)
    count, edges = len(coded.dictionary), len(ends[0])
    sizes = np.asarray(amount, dtype=np.float64).ravel()
    if not np.isfinite(sizes).all():
        wrong = ", ".join(str(place + 1) for place in np.flatnonzero(~np.isfinite(sizes))[:5])
        raise StatementError(
            problem=f"the amount of edge {wrong} is no finite number",
            remedy="state how much of the input one unit of the factor takes",
            problem_zh=f"第 {wrong} 条边的系数不是有限的数",
            remedy_zh="请说明每单位因子取用多少该输入",
        )
    rows, columns = numbers[:edges], numbers[edges:]
    matrix = sparse.csr_array((sizes, (rows, columns)), shape=(count, count))
    matrix.sum_duplicates()
    curved = np.zeros(count, dtype=bool)
    curved[rows[~np.asarray(exact, dtype=bool).ravel()]] = True
    return Lineage(coded.dictionary, matrix, curved)


def evaluated(graph: Lineage, rest: ArrayLike) -> FloatArray:
    """Return the values of all factors, shape (n,): the solution of (I − A) x = rest.

    Args:
        graph: the factors.
        rest: the part of each that does not come from its parents; the value itself of one that has none.

    Raises:
        UsageError: a cycle has no finite solution; names its members.
    """
    given = np.asarray(rest, dtype=np.float64)
    return _solved(graph.amounts, given, graph.names)


def moved(graph: Lineage, place: int, change: float) -> Moves:
    """Return what moves when the factor at `place` changes by `change`, nearest first.

    The changed factor is held at its new value: what it takes of others plays no part, so a cycle through it is open.

    Raises:
        UsageError: a cycle downstream has no finite solution; names its members.
    """
    places = graph.downstream(place)
    held = _without_first_row(graph.amounts[places][:, places].tocsr())
    given = np.zeros(len(places))
    given[0] = change
    names = graph.names.take(pa.array(places))
    changes = _solved(held, given, names)
    curved = np.flatnonzero(graph.curved[places] & (np.arange(len(places)) > 0))
    exact = ~_any_reached(held.T.tocsr(), curved)
    return Moves(places[1:], changes[1:], exact[1:])


def cycles(graph: Lineage) -> list[tuple[str, ...]]:
    """Return the members of every cycle, in order of name; a factor that takes of itself is one too."""
    return [tuple(sorted(graph.names.take(pa.array(one)).to_pylist())) for one in _cycles(graph.amounts)]


def _words(given: ArrayLike | pa.Array) -> pa.Array:
    if isinstance(given, pa.ChunkedArray):
        return given.combine_chunks().cast(pa.string())
    return given if isinstance(given, pa.Array) else pa.array(np.asarray(given).tolist(), pa.string())


def _reached(matrix: sparse.csr_array, place: int) -> Places:
    order = breadth_first_order(matrix, place, directed=True, return_predecessors=False)
    return np.asarray(order, dtype=np.intp)


def _any_reached(matrix: sparse.csr_array, starts: Places) -> NDArray[np.bool_]:
    """Return which nodes some start leads to, the starts included: one search from a node put before all of them."""
    count = matrix.shape[0]
    found = np.zeros(count, dtype=bool)
    if len(starts):
        edges = matrix.tocoo()
        rows = np.concatenate([edges.coords[0], np.full(len(starts), count)])
        columns = np.concatenate([edges.coords[1], starts])
        wider = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(count + 1, count + 1))
        reached = _reached(wider, count)
        found[reached[reached < count]] = True
    return found


def _without_first_row(matrix: sparse.csr_array) -> sparse.csr_array:
    keep = np.ones(matrix.shape[0])
    keep[0] = 0.0
    cut = sparse.csr_array(sparse.diags_array(keep) @ matrix)
    cut.eliminate_zeros()
    return cut


def _solved(matrix: sparse.csr_array, given: FloatArray, names: pa.Array) -> FloatArray:
    """Return the solution of (I − A) x = given, in an order in which parents come first: no fill but inside cycles."""
    for members in _cycles(matrix):
        _require_contraction(matrix, members, names)
    order = _parents_first(matrix)
    whole = sparse.csc_array(sparse.eye_array(len(given)) - matrix[order][:, order])
    factors = splu(whole, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": False})
    found = np.empty(len(given))
    found[order] = factors.solve(given[order])
    return found


def _parents_first(matrix: sparse.csr_array) -> Places:
    """Return an order of the nodes in which every parent outside its cycle comes before its children."""
    _, label = connected_components(matrix, directed=True, connection="strong")
    edges = matrix.tocoo()
    child, parent = label[edges.coords[0]], label[edges.coords[1]]
    # the search numbers components as it leaves them, one end of the graph first; which end is looked up, not assumed
    if (parent <= child).all():
        return np.argsort(label, kind="stable")
    if (parent >= child).all():
        return np.argsort(-label, kind="stable")
    return np.argsort(_depths(child, parent, int(label.max()) + 1)[label], kind="stable")


def _depths(child: NDArray[np.int32], parent: NDArray[np.int32], count: int) -> Places:
    """Return the length of the longest way from a root to each component."""
    outer = child != parent
    child, parent = child[outer], parent[outer]
    depth = np.zeros(count, dtype=np.intp)
    for _ in range(count):
        before = depth.copy()
        np.maximum.at(depth, child, before[parent] + 1)
        if (depth == before).all():
            break
    return depth


def _cycles(matrix: sparse.csr_array) -> list[Places]:
    _, label = connected_components(matrix, directed=True, connection="strong")
    sizes = np.bincount(label)
    own = np.flatnonzero((matrix.diagonal() != 0) & (sizes[label] == 1))
    several = np.flatnonzero(sizes[label] > 1)
    several = several[np.argsort(label[several], kind="stable")]
    groups = np.split(several, np.flatnonzero(np.diff(label[several])) + 1) if several.size else []
    return [*groups, *np.split(own, own.size)[: own.size]] if own.size else groups


def _require_contraction(matrix: sparse.csr_array, members: Places, names: pa.Array) -> None:
    """Refuse a cycle whose spectral radius of |A| is not proven to be below 1."""
    inner = sparse.csr_array(abs(matrix[members][:, members]))
    if _below_one(inner):
        return
    named = sorted(names.take(pa.array(members)).to_pylist())
    shown, more = "、".join(named[:MOST_NAMED]), len(named) - MOST_NAMED
    tail, tail_zh = (f" and {more} more", f"等 {len(named)} 个") if more > 0 else ("", "")
    raise UsageError(
        problem=f"these factors are built on each other without end: {shown.replace('、', ', ')}{tail}",
        remedy="take one of them from a fixed version instead, such as that of the year before",
        problem_zh=f"以下因子循环引用且无有限解：{shown}{tail_zh}",
        remedy_zh="请将其中之一改为固定版本，例如上一年度的版本",
    )


def _below_one(inner: sparse.csr_array) -> bool:
    """Return whether the spectral radius of a non-negative irreducible matrix is proven to be below 1.

    Collatz–Wielandt: min (Av)ᵢ/vᵢ ≤ ρ ≤ max (Av)ᵢ/vᵢ for every v > 0; the step with I + A keeps v positive.
    """
    v = np.ones(inner.shape[0])
    for _ in range(MOST_STEPS):
        image = inner @ v
        ratio = image / v
        if ratio.max() < 1:
            return True
        if ratio.min() >= 1:
            return False
        v = v + image
        v /= v.max()
    return False

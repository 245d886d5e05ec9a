"""Old and new value of a factor beside each other, in one unit: how far it moved, and whether beyond its interval."""

import pyarrow as pa
import pyarrow.compute as pc


def moved_value(old: pa.Table, new: pa.Table) -> dict[str, pa.ChunkedArray]:
    """Return relative_change (a fraction of the old value) and beyond_old_interval of rows that stand side by side.

    Where the unit differs both values are compared in their canonical unit; where that differs too, or the old value
    is 0, the change is null. The interval is the old release's shortest 95 % interval; without one the mark is null.

    Args:
        old: release rows of the older release.
        new: release rows of the newer one, the same factors in the same order.
    """
    now = value_in_old_unit(old, new)
    was = old.column("value")
    size = pc.abs(was)
    relative = pc.divide(pc.subtract(now, was), pc.if_else(pc.equal(size, 0.0), pa.scalar(None, pa.float64()), size))
    low, high = old.column("shortest_low95"), old.column("shortest_high95")
    return {"relative_change": relative, "beyond_old_interval": pc.or_(pc.less(now, low), pc.greater(now, high))}


def value_in_old_unit(old: pa.Table, new: pa.Table) -> pa.ChunkedArray:
    """Return the new values in the old rows' units; null where no conversion is known."""
    nothing = pa.scalar(None, pa.float64())
    same = pc.fill_null(pc.equal(old.column("unit"), new.column("unit")), fill_value=False)
    canonical = pc.fill_null(pc.equal(old.column("canonical_unit"), new.column("canonical_unit")), fill_value=False)
    known = pc.fill_null(pc.not_equal(old.column("canonical_value"), 0.0), fill_value=False)
    base = pc.if_else(known, old.column("canonical_value"), nothing)
    there = pc.multiply(new.column("canonical_value"), pc.divide(old.column("value"), base))
    return pc.if_else(same, new.column("value"), pc.if_else(canonical, there, nothing))

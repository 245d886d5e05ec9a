"""The table of a measured submission: one row a claimed factor, as intake reads any other source's, and its source.

What is claimed stands beside what the raw records came to; the level of traceability decides the tier and is never
typed by anybody. The table names the package by its hash, so that every number leads back to it.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from factordb.model.pipeline import Pipeline, Record
from factordb.model.source import Source
from factordb.model.submission import Package, Row
from factordb.model.vocabulary import Tier

__all__ = ["PIPELINE", "PIPELINE_NAME", "Judged", "source_of", "table_of"]

PIPELINE_NAME: Final = "submission"

_FIELDS: Final = (
    "name_zh", "name_en", "flow", "code_system", "product_code", "technology", "boundary", "region_text",
    "reference_year", "published_on", "value", "unit", "gas", "gwp_set", "sd", "statement_text", "bound_basis", "tier",
    "verified", "trace_level", "signed_share", "te", "geo", "source_id", "source_place", "source_value",
)  # fmt: skip

PIPELINE: Final = Pipeline(
    name=PIPELINE_NAME,
    title_zh="实测数据报送包",
    title_en="Packages of measured data",
    source=PIPELINE_NAME,
    records=(Record(name=PIPELINE_NAME, key=("submission_factor",), columns={name: name for name in _FIELDS}),),
    expect_columns=("submission_factor", "value", "unit", "traceability"),
)
"""How intake reads a submission: canonical names, one row a factor."""


@dataclass(frozen=True)
class Judged:
    """What the receiving side found of one claimed factor.

    Attributes:
        level: T0 to T4, computed.
        tier: rank of the value by clause (五) at that level.
        value: what the raw records came to, in the claim's unit; None where there is no recipe.
        u: its standard uncertainty from the records; None where none was drawn.
        why: reasons for the level, zh and en.
        signed: share of the test results that their laboratory signed, 0 ... 1; None without tests.
    """

    level: str
    tier: Tier
    value: float | None
    u: float | None
    why: tuple[tuple[str, str], ...] = ()
    signed: float | None = None


def source_of(package: Package, sha256: str, judged: Mapping[str, Judged]) -> Source:
    """Return the source that a submission is. Its tier is that of its best factor; each row carries its own."""
    cover = {name: cell.text for name, cell in package.cover.items()}
    number = cover.get("submission_id", package.root)
    organisation = cover.get("organisation", "")
    order = list(Tier)
    best = min((one.tier for one in judged.values()), key=order.index, default=Tier.INDUSTRY)
    demonstration = "（演示证据）" if package.demonstration else ""
    rights = {row["licence"].text for row in package.table("rights") if "licence" in row}
    return Source(
        source_id=number.lower(),
        title_zh=f"{organisation}实测数据报送 {number}{demonstration}",
        title_en=f"Measured data submitted by {organisation}, {number}"
        + (" (demonstration evidence)" if package.demonstration else ""),
        publisher=organisation or number,
        tier=best,
        document_no=number,
        published_on=_day(cover.get("created_on", "")),
        licence="；".join(sorted(rights)) or None,
        obtain=f"报送包 sha256 {sha256} / package sha256 {sha256}",
        te=None,
        demonstration=package.demonstration,
    )


def table_of(package: Package, sha256: str, source: Source, judged: Mapping[str, Judged]) -> bytes:
    """Return the table as CSV: one row a factor of the package, in their order.

    Args:
        package: as it was loaded.
        sha256: of the package's tag manifest.
        source: from `source_of`.
        judged: factor_key -> what was found.
    """
    text = io.StringIO()
    rows = [_row(package, row, sha256, source, judged[row["factor_key"].text]) for row in package.table("factors")
            if "factor_key" in row]  # fmt: skip
    writer = csv.DictWriter(text, ["submission_factor", *_FIELDS, "traceability"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _row(package: Package, row: Row, sha256: str, source: Source, judged: Judged) -> dict[str, str]:
    said = {name: cell.text for name, cell in row.items()}
    u, k = said.get("expanded_u", ""), said.get("coverage_k", "")
    place = row["value"].place if "value" in row else ""
    direct = ("name_zh", "name_en", "flow", "code_system", "product_code", "technology", "boundary", "value", "unit",
              "gas", "gwp_set", "te", "geo")  # fmt: skip
    return {
        **{name: said.get(name, "") for name in direct},
        "submission_factor": f"{source.source_id}/{said['factor_key']}",
        "region_text": said.get("region", ""),
        "reference_year": said.get("period_to", "")[:4],
        "published_on": source.published_on.isoformat() if source.published_on else "",
        "sd": _half(u, k),
        "statement_text": f"U = {u}, k = {k}" if u and k else "",
        "bound_basis": "reported: uncertainty budget of the submission" if u and k else "",
        "tier": judged.tier.value,
        "verified": str(judged.tier is Tier.MEASURED_VERIFIED).lower(),
        "trace_level": judged.level,
        "signed_share": "" if judged.signed is None else f"{judged.signed:.4g}",
        "source_id": source.source_id,
        "source_place": f"{place} (package sha256 {sha256[:16]})",
        "source_value": "" if judged.value is None else _digits(judged.value, said.get("value", "")),
        "traceability": json.dumps(
            {
                "level": judged.level,
                "recomputed": judged.value,
                "u_from_records": judged.u,
                "package": sha256,
                "submission": package.cover["submission_id"].text if "submission_id" in package.cover else package.root,
                "period": [said.get("period_from", ""), said.get("period_to", "")],
                "demonstration": package.demonstration,
                "why": [{"zh": zh, "en": en} for zh, en in judged.why],
            },
            ensure_ascii=False,
            sort_keys=True,
        ),
    }


def _half(u: str, k: str) -> str:
    """Return the standard uncertainty U/k as text; empty where one of them is no positive number."""
    try:
        expanded, factor = float(u), float(k)
    except ValueError:
        return ""
    return f"{expanded / factor:.10g}" if expanded >= 0 and factor > 0 else ""


def _digits(value: float, claim: str) -> str:
    """Return the recomputed value with as many decimals as the claim has: the two are compared as published."""
    _, _, decimals = claim.partition(".")
    return f"{value:.{len(decimals)}f}" if claim and decimals.isdigit() else f"{value:.10g}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

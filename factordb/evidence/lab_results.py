"""Test results that the laboratory itself signed: DSSE envelopes over the texts of its reports.

Documents can be edited, and an edit that agrees with itself everywhere is seen by no rule. A result that its laboratory
signed cannot: it is worth most (traceability.md 3.5, 3.6).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any, Final

from factordb.errors import IntegrityError
from factordb.evidence import dsse
from factordb.evidence.canonical import canonical
from factordb.evidence.keys import KeyFact, PrivateKey
from factordb.model.evidence_facts import SignedResult, SignedResults

__all__ = ["PAYLOAD_TYPE", "read_signed_results", "signed_results"]

PAYLOAD_TYPE: Final = "application/vnd.factordb.laboratory-result+json"
FORMAT: Final = "factordb-laboratory-result/1"


def signed_results(laboratory: str, results: Iterable[SignedResult], signer: PrivateKey) -> bytes:
    """Return the envelope of a laboratory's results, signed by its key."""
    content = {"schema": FORMAT, "laboratory": laboratory, "results": [asdict(one) for one in results]}
    return dsse.sealed(PAYLOAD_TYPE, canonical(content), [signer])


def read_signed_results(path: str, envelope: bytes, keys: Collection[KeyFact] | None, today: date) -> SignedResults:
    """Return what a laboratory signed, and by whose key; what cannot be read is told as its fault.

    Args:
        path: of the file in the package.
        envelope: content of the file.
        keys: on record; None: the signature is not looked at.
        today: day on which the key must be valid.
    """
    try:
        said = dsse.signed_by(envelope, keys or ())
        content = json.loads(said.payload)
        if said.payload_type != PAYLOAD_TYPE or content["schema"] != FORMAT:
            return SignedResults(path, fault=f"{said.payload_type}, {content.get('schema')}")
        results = tuple(_result(one) for one in content["results"])
        laboratory = str(content["laboratory"])
    except (IntegrityError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        return SignedResults(path, fault=str(fault)[:80])
    signer = said.keys[0] if said.keys else None
    moment = datetime.combine(today, time.max, tzinfo=UTC)
    return SignedResults(
        path, laboratory, results, signer.organisation if signer else "", bool(signer and signer.holds(moment)),
        looked_at=keys is not None,
    )  # fmt: skip


def _result(row: Mapping[str, Any]) -> SignedResult:
    return SignedResult(**{name: str(row[name]) for name in SignedResult.__dataclass_fields__})

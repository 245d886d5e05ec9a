"""Writes factors as an openLCA package: a process and a result for each, and the objects they refer to."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.inventories.composing import declared_unit, sheets
from factordb.formats.inventories.datasheet import Datasheet, Spread, stable_uuid
from factordb.formats.inventories.ghg import CO2E, gwp100
from factordb.formats.inventories.losses import Losses
from factordb.formats.inventories.people_comment import comment_of
from factordb.formats.inventories.sidecar import NAME, sidecar_line
from factordb.formats.openlca.objects import VERSION, Objects, ref
from factordb.formats.openlca.shape import shape
from factordb.formats.safe_zip import package_target
from factordb.model.release import ReleaseFacts
from factordb.model.vocabulary import Kind

MARK_OF_VERSION: Final = "olca-schema.json"
TAG: Final = "factordb"
YEAR: Final = "reference year "
NOT_RATED: Final = "n.a."


def write_openlca(content: Content, target: Path) -> WrittenOut:
    """Write the factors of `content` as a package at `target`.

    Raises:
        FileProblemError: it cannot be written.
    """
    losses, written, aside = Losses("openlca"), 0, list[bytes]()
    objects = Objects(content.facts, content.sources)
    with package_target(target) as out:
        out.add(MARK_OF_VERSION, b'{"version":2}')
        for row, gases, sheet in sheets(content):
            if sheet is None:
                aside.append(sidecar_line(row, gases))
                losses.aside()
                continue
            held = shape(sheet)
            written += 1
            losses.written(row, gases=bool(gases) and len(sheet.emissions) == 1)
            for folder, found in _documents(row, gases, held, objects, content.facts):
                out.add(f"{folder}/{found['@id']}.json", _json(found))
        for folder, found in objects.all():
            out.add(f"{folder}/{found['@id']}.json", _json(found))
        if aside:
            out.add(NAME, b"".join(aside))
    return WrittenOut(target, written, losses.list())


def _json(found: Mapping[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _documents(
    row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], sheet: Datasheet, objects: Objects, facts: ReleaseFacts
) -> list[tuple[str, dict[str, Any]]]:
    declared = declared_unit(row["unit"], row["gas"])
    if declared is None:
        raise RuntimeError(row["factor_id"])
    unit, prop, _ = objects.unit(declared)
    product, product_ref = objects.product(sheet, declared)
    reference = {"flow": product_ref, "flowProperty": prop, "unit": unit, "amount": 1.0, "isInput": False}
    kg, mass, _ = objects.unit(declared_unit("kgCO2e/kg", None) or declared)
    exchanges: list[dict[str, Any]] = [reference | {"internalId": 1, "isQuantitativeReference": True}]
    for number, one in enumerate(sheet.emissions, start=2):
        line: dict[str, Any] = {
            "flow": objects.gas(one),
            "flowProperty": mass,
            "unit": kg,
            "amount": one.amount,
            "isInput": False,
        }
        line |= {"internalId": number, "isQuantitativeReference": False}
        line |= {"uncertainty": uncertainty(one.spread)} if one.spread else {}
        exchanges.append(line)
    documents = [
        ("flows", product),
        (
            "processes",
            _process(row, gases, sheet, objects, facts) | {"exchanges": exchanges, "lastInternalId": len(exchanges)},
        ),
    ]
    if row["kind"] == Kind.FACTOR.value:
        documents.append(("results", _result(sheet, objects, facts, reference)))
    return documents


def _process(
    row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], sheet: Datasheet, objects: Objects, facts: ReleaseFacts
) -> dict[str, Any]:
    stamp = f"{facts.as_of.isoformat()}T00:00:00Z"
    found = ref("Process", sheet.uuid, sheet.name) | {
        "category": sheet.category or "",
        "description": comment_of(row, gases),
        "processType": "LCI_RESULT",
        "version": VERSION,
        "lastChange": stamp,
        "defaultAllocationMethod": "NO_ALLOCATION",
        "tags": [
            TAG,
            f"kind:{row['kind']}",
            f"tier:{row['tier']}",
            f"gwp:{sheet.gwp_set}",
            f"boundary:{sheet.boundary}",
        ],
        "processDocumentation": _documentation(row, sheet, objects, facts, stamp),
    }
    if sheet.region:
        found["location"] = objects.location(sheet.region, sheet.region_text)
    if sheet.scores:
        system = objects.rating(row["scheme"])
        entry = ";".join(NOT_RATED if score is None else str(score) for score in sheet.scores)
        found |= {"dqSystem": system, "exchangeDqSystem": system, "dqEntry": f"({entry})"}
    return found


def _documentation(
    row: Mapping[str, Any], sheet: Datasheet, objects: Objects, facts: ReleaseFacts, stamp: str
) -> dict[str, Any]:
    source = objects.source(row["source_id"])
    found = {
        "creationDate": stamp,
        "isCopyrightProtected": True,
        "validFrom": sheet.valid_from.isoformat() if sheet.valid_from else None,
        "validUntil": sheet.valid_until.isoformat() if sheet.valid_until else None,
        "timeDescription": f"{YEAR}{sheet.reference_year}" if sheet.reference_year is not None else None,
        "geographyDescription": sheet.region_text,
        "technologyDescription": sheet.technology,
        "useAdvice": f"source tier: {row['tier']}; {row['verdict'] or ''}".rstrip("; "),
        "publication": source,
        "sources": [source],
        "dataSetOwner": objects.actor(sheet.publisher) if sheet.publisher else None,
        "dataGenerator": objects.actor(facts.publisher),
    }
    return {name: cell for name, cell in found.items() if cell is not None}


def _result(sheet: Datasheet, objects: Objects, facts: ReleaseFacts, reference: dict[str, Any]) -> dict[str, Any]:
    method, category = objects.gwp_set(sheet.gwp_set)
    weights = gwp100(sheet.gwp_set or None) | {CO2E: 1.0}
    total = math.fsum((one.amount or 0.0) * weights[one.gas] for one in sheet.emissions)
    return ref("Result", stable_uuid("result", sheet.key), sheet.name) | {
        "version": VERSION,
        "lastChange": f"{facts.as_of.isoformat()}T00:00:00Z",
        "impactMethod": method,
        "flowResults": [reference | {"isRefFlow": True}],
        "impactResults": [{"indicator": category, "amount": total}],
    }


def uncertainty(spread: Spread) -> dict[str, Any]:
    """Return a distribution in the words of openLCA; `geomSd` is exp(sigma), the root of GSD²."""
    if spread.family == "lognormal" and spread.width is not None:
        return {
            "distributionType": "LOG_NORMAL_DISTRIBUTION",
            "geomMean": spread.centre,
            "geomSd": math.exp(spread.width),
        }
    if spread.family == "normal":
        return {"distributionType": "NORMAL_DISTRIBUTION", "mean": spread.centre, "sd": spread.width}
    if spread.family == "triangular":
        return {"distributionType": "TRIANGLE_DISTRIBUTION", "minimum": spread.low, "mode": spread.centre,
                "maximum": spread.high}  # fmt: skip
    return {"distributionType": "UNIFORM_DISTRIBUTION", "minimum": spread.low, "maximum": spread.high}

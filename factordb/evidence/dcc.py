"""Digital calibration certificates (PTB's DCC, XML): number, days, laboratory, items, statements, results.

Parsing proves nothing: a certificate that somebody edited parses as well as the original. Whether a signature is there
is told; whether it holds is for a verifier with the laboratory's certificate, and stays None here.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from factordb.model.evidence_facts import CalibrationResult, CertificateFacts
from factordb.safe_xml import UnsafeXmlError, parsed

__all__ = ["read_certificate"]

DCC: Final = "https://ptb.de/dcc"
SI: Final = "https://ptb.de/si"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
NAMES: Final = {"dcc": DCC, "si": SI, "ds": SIGNATURE}


def read_certificate(data: bytes) -> CertificateFacts:
    """Return what the digital certificate in `data` says; `fault` where it is none or is refused."""
    try:
        root = parsed(data)
    except UnsafeXmlError as fault:
        return CertificateFacts(fault=f"{fault.code}: {fault.found}")
    if root.tag != f"{{{DCC}}}digitalCalibrationCertificate":
        return CertificateFacts(fault=f"root element {etree.QName(root).localname}")
    return CertificateFacts(
        schema=root.get("schemaVersion", ""),
        certificate_no=_text(root, ".//dcc:administrativeData/dcc:coreData/dcc:uniqueIdentifier"),
        began_on=_day(_text(root, ".//dcc:coreData/dcc:beginPerformanceDate")),
        ended_on=_day(_text(root, ".//dcc:coreData/dcc:endPerformanceDate")),
        laboratory=_text(root, ".//dcc:calibrationLaboratory//dcc:name/dcc:content"),
        identifications=tuple(dict.fromkeys(_texts(root, ".//dcc:items//dcc:identification/dcc:value"))),
        statements=tuple(dict.fromkeys(_statements(root))),
        results=tuple(_results(root)),
        signed=bool(_found(root, ".//ds:Signature/ds:SignatureValue")),
    )


def _found(element: etree._Element, path: str) -> list[etree._Element]:
    return list(element.iterfind(path, NAMES))


def _texts(element: etree._Element, path: str) -> Iterator[str]:
    for one in _found(element, path):
        text = (one.text or "").strip()
        if text:
            yield text


def _text(element: etree._Element, path: str) -> str:
    return next(_texts(element, path), "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _statements(root: etree._Element) -> Iterator[str]:
    """Yield the reference types of statements and influences: what a machine can read of them."""
    for path in (".//dcc:statements/dcc:statement", ".//dcc:measurementMetaData/dcc:metaData"):
        for one in _found(root, path):
            yield from one.get("refType", "").split()


def _results(root: etree._Element) -> Iterator[CalibrationResult]:
    for one in _found(root, ".//dcc:result//dcc:quantity"):
        name = _text(one, "dcc:name/dcc:content") or one.get("refType", "")
        for real in _found(one, "si:real"):
            value = _number(_text(real, "si:value"))
            if value is None:
                continue
            yield CalibrationResult(
                name, value, _text(real, "si:unit"),
                _number(_either(real, "expandedUnc/si:uncertainty", "expandedMU/si:valueExpandedMU")),
                _number(_either(real, "expandedUnc/si:coverageFactor", "expandedMU/si:coverageFactor")),
            )  # fmt: skip
        for values in _found(one, "si:realListXMLList"):
            yield from _listed(name, values)


def _either(real: etree._Element, old: str, new: str) -> str:
    """Return a part of the uncertainty, as written up to D-SI 1 or from D-SI 2 on."""
    return _text(real, f"si:{old}") or _text(real, f"si:measurementUncertaintyUnivariate/si:{new}")


def _listed(name: str, values: etree._Element) -> Iterator[CalibrationResult]:
    numbers = [_number(one) for one in _text(values, "si:valueXMLList").split()]
    units = _text(values, "si:unitXMLList").split()
    old, new = "si:expandedUncXMLList/si:", "si:measurementUncertaintyUnivariateXMLList/si:expandedMUXMLList/si:"
    spread = (_text(values, f"{old}uncertaintyXMLList") or _text(values, f"{new}valueExpandedMUXMLList")).split()
    factor = (_text(values, f"{old}coverageFactorXMLList") or _text(values, f"{new}coverageFactorXMLList")).split()
    for place, value in enumerate(numbers):
        if value is not None:
            yield CalibrationResult(
                name, value, _one(units, place), _number(_one(spread, place)), _number(_one(factor, place))
            )


def _one(texts: list[str], place: int) -> str:
    """Return the text at a place; a list of one is meant for all."""
    if len(texts) == 1:
        return texts[0]
    return texts[place] if place < len(texts) else ""


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None

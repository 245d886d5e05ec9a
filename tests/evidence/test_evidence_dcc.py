"""Digital calibration certificates: what they say is read, what is hostile or none is told, parsing proves nothing."""

from datetime import date

import pytest

from factordb.evidence.dcc import read_certificate

CERTIFICATE = """<?xml version="1.0" encoding="UTF-8"?>
<dcc:digitalCalibrationCertificate xmlns:dcc="https://ptb.de/dcc" xmlns:si="https://ptb.de/si" schemaVersion="{schema}">
  <dcc:administrativeData>
    <dcc:coreData>
      <dcc:countryCodeISO3166_1>CN</dcc:countryCodeISO3166_1>
      <dcc:uniqueIdentifier>DEMO-2025-0042</dcc:uniqueIdentifier>
      <dcc:beginPerformanceDate>2025-01-06</dcc:beginPerformanceDate>
      <dcc:endPerformanceDate>2025-01-08</dcc:endPerformanceDate>
    </dcc:coreData>
    <dcc:items><dcc:item>
      <dcc:name><dcc:content lang="en">demonstration analyser</dcc:content></dcc:name>
      <dcc:identifications>
        <dcc:identification><dcc:issuer>manufacturer</dcc:issuer><dcc:value>SN-881</dcc:value></dcc:identification>
        <dcc:identification><dcc:issuer>customer</dcc:issuer><dcc:value>JL-017</dcc:value></dcc:identification>
      </dcc:identifications>
    </dcc:item></dcc:items>
    <dcc:calibrationLaboratory>
      <dcc:contact><dcc:name><dcc:content lang="zh">示范计量院</dcc:content></dcc:name></dcc:contact>
    </dcc:calibrationLaboratory>
    <dcc:statements>
      <dcc:statement refType="basic_conformity"/><dcc:statement refType="basic_recalibration basic_validityRange"/>
    </dcc:statements>
  </dcc:administrativeData>
  <dcc:measurementResults><dcc:measurementResult><dcc:results><dcc:result><dcc:data>
    <dcc:quantity>
      <dcc:name><dcc:content lang="en">error of indication</dcc:content></dcc:name>
      <si:real><si:value>0.12</si:value><si:unit>\\percent</si:unit>{real}</si:real>
    </dcc:quantity>
    <dcc:quantity refType="basic_measuredValue">
      <si:realListXMLList>
        <si:valueXMLList>1.0 2.0 3.0</si:valueXMLList><si:unitXMLList>\\ppm</si:unitXMLList>
        <si:expandedUncXMLList>
          <si:uncertaintyXMLList>0.1 0.2 0.3</si:uncertaintyXMLList>
          <si:coverageFactorXMLList>2</si:coverageFactorXMLList>
        </si:expandedUncXMLList>
      </si:realListXMLList>
    </dcc:quantity>
  </dcc:data></dcc:result></dcc:results></dcc:measurementResult></dcc:measurementResults>
  {signature}
</dcc:digitalCalibrationCertificate>
"""
OLD = "<si:expandedUnc><si:uncertainty>0.05</si:uncertainty><si:coverageFactor>2</si:coverageFactor></si:expandedUnc>"
NEW = (
    "<si:measurementUncertaintyUnivariate><si:expandedMU><si:valueExpandedMU>0.05</si:valueExpandedMU>"
    "<si:coverageFactor>2</si:coverageFactor></si:expandedMU></si:measurementUncertaintyUnivariate>"
)
SIGNED = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/>'
    "<ds:SignatureValue>ZGVtb25zdHJhdGlvbg==</ds:SignatureValue></ds:Signature>"
)


def _certificate(*, schema: str = "3.3.0", real: str = OLD, signature: str = SIGNED) -> bytes:
    told = CERTIFICATE
    for name, text in (("schema", schema), ("real", real), ("signature", signature)):
        told = told.replace("{" + name + "}", text)
    return told.encode()


@pytest.mark.parametrize("real", [OLD, NEW], ids=["uncertainty up to D-SI 1", "uncertainty from D-SI 2 on"])
def test_a_certificate_says_number_days_laboratory_items_statements_and_results(real: str) -> None:
    facts = read_certificate(_certificate(real=real))
    assert facts.fault == ""
    assert (facts.schema, facts.certificate_no, facts.laboratory) == ("3.3.0", "DEMO-2025-0042", "示范计量院")
    assert (facts.began_on, facts.ended_on) == (date(2025, 1, 6), date(2025, 1, 8))
    assert facts.identifications == ("SN-881", "JL-017")
    assert facts.statements == ("basic_conformity", "basic_recalibration", "basic_validityRange")
    first, *listed = facts.results
    assert (first.name, first.value, first.unit, first.expanded_u, first.coverage_k) == (
        "error of indication", 0.12, "\\percent", 0.05, 2.0,
    )  # fmt: skip
    assert [(one.value, one.unit, one.expanded_u, one.coverage_k) for one in listed] == [
        (1.0, "\\ppm", 0.1, 2.0), (2.0, "\\ppm", 0.2, 2.0), (3.0, "\\ppm", 0.3, 2.0),
    ]  # fmt: skip


def test_a_signature_is_told_and_never_taken_for_verified() -> None:
    assert read_certificate(_certificate()).signed
    assert read_certificate(_certificate()).signature_holds is None
    assert not read_certificate(_certificate(signature="")).signed


def test_an_edited_certificate_parses_as_well_as_the_original() -> None:
    edited = read_certificate(_certificate().replace(b"SN-881", b"SN-999"))
    assert edited.signed
    assert edited.fault == ""
    assert edited.identifications[0] == "SN-999"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html/>", "html"),
        (b"<dcc", "XML-BROKEN"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "XML-DOCTYPE"),
        (b"", "XML-BROKEN"),
        (b"\x00\xff" * 40, "XML-"),
    ],
)
def test_what_is_no_certificate_or_hostile_is_told(data: bytes, told: str) -> None:
    assert told in read_certificate(data).fault


def test_missing_parts_stay_empty() -> None:
    facts = read_certificate(b'<d:digitalCalibrationCertificate xmlns:d="https://ptb.de/dcc" schemaVersion="2.4.0"/>')
    assert facts.fault == ""
    assert (facts.certificate_no, facts.began_on, facts.identifications, facts.results) == ("", None, (), ())

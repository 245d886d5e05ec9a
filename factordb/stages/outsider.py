"""A release examined by anybody, from its folder and a list of public keys: no library is needed.

Files against the manifest, evidence against the ledger beside it, the ledger against the rules of four eyes, and all of
it against the curators' signatures. The signed content is used from the bytes whose signatures were verified.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.errors import FactorDBError
from factordb.evidence import dsse, ledger
from factordb.evidence.canonical import parsed
from factordb.evidence.keys import KeyFact, read_key_list
from factordb.evidence.ledger import Export
from factordb.evidence.roster import SINGLE_OPERATOR, moment, replayed
from factordb.formats import manifest
from factordb.formats.manifest import ATTESTATION, MANIFEST
from factordb.model.release import TABLES
from factordb.reference import tables
from factordb.stages import attest, four_eyes

__all__ = ["ReleaseCheck", "examine", "problem", "verify_ledger_file", "verify_release"]

Problem = dict[str, str]
"""kind, path, zh, en."""


@dataclass(frozen=True)
class ReleaseCheck:
    """What was found: problems (none: the release is what its signers vouch for), who signed, and on what.

    Attributes:
        problems: kind, path, and a sentence in zh and en of each.
        signers: names of the persons whose signatures hold; empty where no keys were given.
        mode: how the release says it was approved.
        checkpoint: size, root and time of the ledger it stands on.
        keys_given: whether signatures were asked for.
    """

    problems: list[Problem]
    signers: list[str] = field(default_factory=list)
    mode: str = ""
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    keys_given: bool = False

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify_release(folder: Path, keys_file: Path | None = None, *, signatures: int = 0) -> ReleaseCheck:
    """Return what is wrong with the release in `folder`; without keys its signatures are not judged.

    Args:
        folder: the release folder, however it was come by.
        keys_file: `keys.json` of the publisher, got by another way than the release.
        signatures: how many persons must have signed at least; the release's own mode may ask for more.

    Raises:
        FileProblemError: the list of keys cannot be read.
    """
    return examine(folder, read_key_list(keys_file) if keys_file else None, signatures=signatures)


def verify_ledger_file(path: Path) -> dict[str, Any]:
    """Return what an exported ledger, or a proof, says of itself; no library is needed.

    Of a ledger: its checkpoint, recomputed, and every breach of four eyes. Of a proof (.json): whether it holds.

    Raises:
        FileProblemError: the file cannot be read.
        IntegrityError: it is no ledger, or some line is no event in its order.
    """
    if path.suffix == ".json" and path.is_file():
        try:
            return {"holds": ledger.proof_holds(parsed(path.read_bytes()))}
        except ValueError:
            return {"holds": False}
    export = ledger.read_export(path)
    breaches = [one.as_dict() for one in four_eyes.review(export.events)]
    return {"checkpoint": export.checkpoint, "breaches": breaches}


def problem(kind: str, path: str, detail: str = "", detail_zh: str = "") -> Problem:
    """Return a problem in words."""
    said = tables.toml("words/attestation")["problems"][kind]
    zh, en = (said[lang].format(path=path, detail=text) for lang, text in (("zh", detail_zh or detail), ("en", detail)))
    return {"kind": kind, "path": path, "zh": zh, "en": en}


def examine(
    folder: Path, keys: Mapping[str, KeyFact] | None, *, recorded: str | None = None, signatures: int = 0
) -> ReleaseCheck:
    """Return what is wrong with the release in `folder`.

    Args:
        folder: the release folder.
        keys: public keys to judge signatures by; None: do not judge them.
        recorded: hash of the manifest as a library recorded it.
        signatures: how many persons must have signed at least.
    """
    listed = manifest.verify(folder, manifest_sha256=recorded)
    problems = [_listed(one) for one in listed]
    facts = _manifest_facts(folder)
    lacking = [*_strange_files(folder)]
    if facts is None or any(one["kind"] == "no_attestation" for one in lacking):
        return ReleaseCheck(problems + lacking, keys_given=keys is not None)
    problems += lacking
    try:
        export = ledger.read_export(folder / attest.LEDGER)
        checkpoint = parsed((folder / attest.CHECKPOINT).read_bytes())
        proof = parsed((folder / attest.CONSISTENCY).read_bytes())
        problems += _evidence(folder, export, checkpoint, proof)
        problems += _in_ledger(folder, export, facts)
    except FactorDBError as fault:
        return ReleaseCheck([*problems, problem("ledger", attest.LEDGER, fault.problem, fault.problem_zh)])
    except (ValueError, KeyError, TypeError, AttributeError, OSError, pa.ArrowException) as fault:
        return ReleaseCheck([*problems, problem("ledger", ATTESTATION, f"{type(fault).__name__}: {fault}")])
    mode = str(facts["approval"]["mode"])
    signers: list[str] = []
    if keys is not None:
        needed = max(four_eyes.required_signatures(mode), signatures)
        found, signers = _signatures(folder, export, needed, keys)
        problems += found
    return ReleaseCheck(problems, signers, mode, checkpoint, keys_given=keys is not None)


def _listed(one: manifest.ReleaseProblem) -> Problem:
    return {"kind": str(one.kind), "path": one.path, "zh": one.words("zh"), "en": one.words("en")}


def _manifest_facts(folder: Path) -> dict[str, Any] | None:
    """Return the manifest's facts, or None where `manifest.verify` has said already that it is none."""
    try:
        facts = parsed((folder / MANIFEST).read_bytes())
        _ = facts["release"], facts["approval"]["mode"], facts["base_release"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(facts)


def _strange_files(folder: Path) -> Iterator[Problem]:
    """Yield what is missing from the evidence, and what does not belong there."""
    place = folder / ATTESTATION
    present = {f"{ATTESTATION}/{path.relative_to(place).as_posix()}": path for path in place.rglob("*")}
    for name in attest.FILES:
        path = present.pop(name, None)
        if path is None and name != attest.ENVELOPE:
            yield problem("no_attestation", name)
        elif path is not None and (path.is_symlink() or not path.is_file()):
            yield problem("extra_attestation", name)
    for name in sorted(present):
        yield problem("extra_attestation", name)


def _evidence(folder: Path, export: Export, checkpoint: Mapping[str, Any], proof: Mapping[str, Any]) -> list[Problem]:
    """Return where checkpoint, proof and ledger do not agree."""
    found = [
        problem("form", name)
        for name, content in ((attest.CHECKPOINT, checkpoint), (attest.CONSISTENCY, proof))
        if attest.document(content) != (folder / name).read_bytes()
    ]
    if dict(checkpoint) != export.checkpoint:
        found.append(problem("checkpoint", attest.CHECKPOINT))
    first = proof["first"]
    whole = ledger.proof_holds(proof) and ledger.same_head(proof["second"], export.checkpoint)
    if not whole or export.tree.root(first["size"]).hex() != first["root"] or set(proof) - _PROOF_MEMBERS:
        found.append(problem("consistency", attest.CONSISTENCY))
    return found


_PROOF_MEMBERS = {"format", "first", "second", "proof"}


def _in_ledger(folder: Path, export: Export, facts: Mapping[str, Any]) -> list[Problem]:
    """Return where the release differs from what the ledger says of it, and every breach of four eyes."""
    name, digest = facts["release"], manifest.sha256_of(folder / MANIFEST)
    released = [one["facts"] for one in export.events if one["kind"] == "released" and one["subject"] == name]
    found = []
    if not released or released[-1].get("manifest_sha256") != digest:
        found.append(problem("not_recorded", MANIFEST, str(name)))
    decided = attest.decision_of(export.events, name)
    stated = facts["approval"]["mode"]
    if decided is not None and decided["facts"].get("mode") != stated:
        found.append(problem("mode", MANIFEST, f"{stated} / {decided['facts'].get('mode')}"))
    if decided is not None and stated != SINGLE_OPERATOR:
        found += _unreviewed(folder, frozenset(decided["facts"].get("cases", ())), export)
    breaches = four_eyes.review(export.events)
    return found + [problem("four_eyes", attest.LEDGER, one.words("en"), one.words("zh")) for one in breaches]


def _unreviewed(folder: Path, held: frozenset[str], export: Export) -> Iterator[Problem]:
    """Yield the tables that hold rows of versions which no case of the decision is about."""
    opened = (case for one in export.events if one["kind"] == "case_opened" for case in one["facts"]["cases"])
    versions = pa.array([case["version_id"] for case in opened if case["case_id"] in held], pa.string())
    for name in TABLES:
        path = folder / "data" / f"{name}.parquet"
        if path.exists():
            rows = pq.read_table(path, columns=["version_id"])["version_id"]
            strange = rows.length() - (pc.sum(pc.is_in(rows, value_set=versions)).as_py() or 0)
            if strange:
                yield problem("unreviewed_rows", f"data/{name}.parquet", str(strange))


def _signatures(
    folder: Path, export: Export, threshold: int, keys: Mapping[str, KeyFact]
) -> tuple[list[Problem], list[str]]:
    """Return what is wrong with the signatures, and the names of those whose signatures hold."""
    place = folder / attest.ENVELOPE
    if not place.exists():
        return [problem("unsigned", attest.ENVELOPE)], []
    envelope = place.read_bytes()
    try:
        said = dsse.verified(envelope, list(keys.values()), payload_type=attest.PAYLOAD_TYPE, threshold=threshold)
    except FactorDBError as fault:
        return [problem("signature", attest.ENVELOPE, fault.problem, fault.problem_zh)], []
    found = [] if said.exact else [problem("form", attest.ENVELOPE)]
    if said.strange:
        found.append(problem("strange_signature", attest.ENVELOPE, str(said.strange)))
    found += [problem("key", attest.ENVELOPE, key.key_id) for key in said.keys if not _held(key, export)]
    expected = attest.statement(folder, export.events)
    stated = parsed(said.payload)
    if stated != expected:
        parts = [name for name in expected["predicate"] if stated.get("predicate", {}).get(name)
                 != expected["predicate"][name]]  # fmt: skip
        found.append(problem("statement", attest.ENVELOPE, ", ".join(parts) or MANIFEST))
    return found, sorted(key.name or key.person_id for key in said.keys)


def _held(key: KeyFact, export: Export) -> bool:
    """Return whether the list of keys and the ledger agree that this was a curator's valid key at the checkpoint."""
    roster = replayed(export.events)
    own = roster.key(key.key_id)
    now = moment(export.checkpoint["time"])
    agreed = own is not None and own.person_id == key.person_id and own.public_key == key.public_key
    return agreed and key.holds(now) and "curator" in key.roles and roster.may_sign(key.key_id, now)

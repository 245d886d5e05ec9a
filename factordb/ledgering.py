"""The ledger and the signatures as verbs of the library: keys, checkpoints, proofs, signed releases."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from factordb.errors import ConflictError, IntegrityError, NotFoundError, NotPermittedError, UsageError
from factordb.evidence import ledger as book
from factordb.evidence.anchor import write_file
from factordb.evidence.canonical import parsed
from factordb.evidence.keys import PrivateKey, key_id_of, key_list, key_rows, read_key_file, read_public_key
from factordb.evidence.roster import Roster, replayed
from factordb.stages import anchor, attest, four_eyes, outsider
from factordb.store import history
from factordb.store import records as record_store
from factordb.writing import Writing

_PAGE = 200


class Ledgering(Writing):
    """The verbs and questions of ledger and signatures."""

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────────────

    def keys(self) -> list[dict[str, Any]]:
        """Return the public keys with their persons and validity, revoked ones included, in the order of their ids."""
        return key_rows(self._roster().keys().values())

    def export_keys(self, path: Path) -> int:
        """Write `keys.json`, which outsiders verify releases with; return how many keys it lists."""
        held = self._roster().keys()
        write_file(path, key_list(held.values()))
        return len(held)

    def add_key(self, person_id: str, public_key: str, *, actor: str, valid_from: datetime | None = None) -> str:
        """Record a person's public key (64 hex digits, or a file of them) and return its id; valid from now, or later.

        Raises:
            NotFoundError: there is no such person.
            ConflictError: the key is on record already; a revoked key never comes back.
            NotPermittedError: on the reviewers' route only an administrator does this.
        """
        raw = read_public_key(public_key)
        key_id = key_id_of(raw)
        with self._writing():
            roster = self._roster()
            self._administers(roster, actor)
            if person_id not in roster.people:
                raise NotFoundError("person", person_id, known=", ".join(sorted(roster.people)) or "—")
            if roster.key(key_id) is not None:
                raise ConflictError(
                    problem=f"the key {key_id} is on record already",
                    remedy="make a new key with `factordb key new`",
                    problem_zh=f"密钥 {key_id} 已有记录",
                    remedy_zh="请用 `factordb key new` 新建密钥",
                )
            facts = {
                "person_id": person_id,
                "public_key": raw.hex(),
                "valid_from": (valid_from or record_store.now()).isoformat(),
            }
            self._record("key_added", key_id, actor, facts)
        return key_id

    def revoke_key(self, key_id: str, *, actor: str, reason: str) -> None:
        """Record that a key signs no more; what it signed before stays signed.

        Raises:
            NotFoundError: there is no such key.
            ConflictError: it is revoked already.
            UsageError: no reason is given.
            NotPermittedError: on the reviewers' route only an administrator, or the key's own person, does this.
        """
        if not reason.strip():
            raise UsageError(
                problem="a reason must be written", remedy="give one with --reason",
                problem_zh="须写明理由", remedy_zh="请用 --reason 说明",
            )  # fmt: skip
        with self._writing():
            roster = self._roster()
            held = roster.key(key_id)
            if held is None:
                raise NotFoundError("key", key_id, known=", ".join(sorted(roster.keys())) or "—")
            if held.person_id != actor:
                self._administers(roster, actor)
            if held.revoked is not None:
                raise ConflictError(
                    problem=f"the key {key_id} is revoked already", remedy="nothing is left to do",
                    problem_zh=f"密钥 {key_id} 已被吊销", remedy_zh="无需再作处理",
                )  # fmt: skip
            self._record("key_revoked", key_id, actor, {"reason": reason})

    # ── ledger ───────────────────────────────────────────────────────────────────────────────────────────

    def ledger(self, start: int = 0, limit: int = _PAGE) -> list[dict[str, Any]]:
        """Return a page of the ledger: index, leaf hash and event, oldest first, from index `start`."""
        now = self._live()
        page = range(start, min(start + limit, now.tree.size))
        return [{"index": place, "leaf": now.tree.leaf(place).hex(), **parsed(now.lines[place])} for place in page]

    def checkpoint(self) -> dict[str, Any]:
        """Return the ledger's checkpoint now: size, root, and the time of the last event."""
        now = self._live()
        return book.checkpoint(now.tree, now.time)

    def verify_ledger(self) -> dict[str, Any]:
        """Recompute the whole ledger and return its checkpoint and every breach of four eyes.

        Compared are the anchor and the checkpoint of every release on disk.

        Raises:
            IntegrityError: it is not the ledger that was anchored, or that some release stands on.
        """
        now = attest.live(self._engine)
        heads = anchor.heads(self.workspace)
        for name, size, root in heads:
            if not now.continues(size, root):
                raise IntegrityError(
                    problem=f"the ledger ({now.tree.size} events) does not continue the one of {name} ({size} events)",
                    remedy="restore records.sqlite from a backup; export both ledgers to see where they part",
                    problem_zh=f"账本（{now.tree.size} 个事件）没有延续 {name} 所记的账本（{size} 个事件）",
                    remedy_zh="请由备份恢复 records.sqlite；可分别导出两份账本，比较其分歧之处",
                )
        self._anchored = True
        self._anchor()
        return {
            "checkpoint": book.checkpoint(now.tree, now.time),
            "compared": [name for name, _, _ in heads],
            "breaches": [one.as_dict() for one in four_eyes.review(now.events)],
        }

    def inclusion_proof(self, event_id: int, size: int | None = None) -> dict[str, Any]:
        """Return the proof that an event is in the ledger of `size` events; default: of all.

        Raises:
            NotFoundError: there is no such event in it.
        """
        now = self._live()
        ids = [parsed(line)["event_id"] for line in now.lines]
        if event_id not in ids or not ids.index(event_id) < (now.tree.size if size is None else size) <= now.tree.size:
            raise NotFoundError("event", str(event_id), known=f"1 … {ids[-1] if ids else 0}")
        return book.inclusion_proof(now.tree, ids.index(event_id), event_id, size)

    def consistency_proof(self, first: int, second: int | None = None) -> dict[str, Any]:
        """Return the proof that the ledger of `second` events (default: all) continues that of `first` events.

        Raises:
            NotFoundError: the ledger has never had so many events.
        """
        now = self._live()
        if not 0 <= first <= (now.tree.size if second is None else second) <= now.tree.size:
            raise NotFoundError("ledger size", f"{first}, {second}", known=f"0 … {now.tree.size}")
        return book.consistency_proof(now.tree, first, second)

    def export_ledger(self, path: Path) -> dict[str, Any]:
        """Write the ledger, one canonical event a line, and return its checkpoint."""
        now = self._live()
        write_file(path, book.exported(now.lines))
        return book.checkpoint(now.tree, now.time)

    def anchor_anew(self, *, actor: str, reason: str) -> dict[str, Any]:
        """Take the ledger as it is for the true one, record who said so and why, and return its checkpoint.

        After a backup was restored on purpose. Releases whose checkpoint is lost stay irreconcilable with it.
        """
        if not reason.strip():
            raise UsageError(
                problem="a reason must be written", remedy="give one with --reason",
                problem_zh="须写明理由", remedy_zh="请用 --reason 说明",
            )  # fmt: skip
        self._anchored = False
        with self._writing(orphans=False):
            now = attest.live(self._engine)
            lost = [one for one in anchor.heads(self.workspace, damaged="damaged") if not now.continues(*one[1:])]
            facts = {"reason": reason, "lost": [{"where": at, "size": size, "root": root} for at, size, root in lost]}
            self._record("anchored_anew", "library", actor, facts)
            anchor.start(self.workspace, self._engine, [at for at, _, _ in lost if at != "anchor.json"])
        self._anchored = True
        return self.checkpoint()

    # ── releases ─────────────────────────────────────────────────────────────────────────────────────────

    def attest_release(self, release_id: str) -> dict[str, Any]:
        """Write the evidence beside a release, once: checkpoint, consistency proof, ledger; return its checkpoint."""
        return self._attest(self._release_row(release_id))

    def sign_release(self, release_id: str, key_file: Path, passphrase: str) -> list[str]:
        """Sign a release with a curator's key and return the ids of the keys that have signed it by now.

        Raises:
            NotFoundError: there is no such release, or the key is not on record.
            NotPermittedError: the key is revoked or not valid yet, or its person is no curator.
            IntegrityError: the release on disk is not what was built, or breaks the rules of four eyes.
            ConflictError: the same person has signed with another key.
        """
        row = self._release_row(release_id)
        key = read_key_file(key_file, passphrase)
        folder = self.workspace.releases / release_id
        with self._writing():
            roster = self._roster()
            person = self._signer(roster, key)
            self._cover(row, key)
            found = outsider.examine(folder, None, recorded=row.manifest_sha256).problems
            if found:
                raise IntegrityError(
                    problem=f"release {release_id} cannot be signed: {found[0]['en']}",
                    remedy="`factordb release verify` names every problem",
                    problem_zh=f"发布 {release_id} 不能签署：{found[0]['zh']}",
                    remedy_zh="`factordb release verify` 列出全部问题",
                )
            export = book.read_export(folder / attest.LEDGER)
            signed = attest.sign(folder, attest.statement(folder, export.events), key, roster.keys())
            if key.key_id not in self._recorded_signatures(release_id):
                facts = {"key_id": key.key_id, "manifest_sha256": row.manifest_sha256}
                self._record("release_signed", release_id, person, facts)
        return signed

    def check_release(self, release_id: str) -> outsider.ReleaseCheck:
        """Return what an outsider finds on a release, and what only its library knows: records, signatures, forks."""
        row = self._release_row(release_id)
        folder = self.workspace.releases / release_id
        now, recorded = self._live(), self._recorded_signatures(release_id)
        keys = self._roster().keys() if recorded or (folder / attest.ENVELOPE).exists() else None
        found = outsider.examine(folder, keys, recorded=row.manifest_sha256)
        problems = list(found.problems)
        size = int(found.checkpoint.get("size", 0))
        if found.checkpoint and not now.continues(size, str(found.checkpoint["root"])):
            problems.append(outsider.problem("fork", attest.CHECKPOINT))
        if keys is not None and (folder / attest.ENVELOPE).exists():
            problems += attest.unmatched(folder, keys, recorded, outsider.problem)
        later = [one for one in four_eyes.review(now.events) if one.event_id > size and one.detail == release_id]
        problems += [outsider.problem("four_eyes", "records", one.words("en"), one.words("zh")) for one in later]
        return outsider.ReleaseCheck(problems, found.signers, found.mode, found.checkpoint, found.keys_given)

    def verify_release(self, release_id: str) -> list[dict[str, str]]:
        """Return the problems of a release on disk: files, evidence, signatures, four eyes; empty: none."""
        return self.check_release(release_id).problems

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────

    def _live(self) -> attest.Live:
        return attest.live(self.records)

    def _roster(self) -> Roster:
        return replayed(self._live().events)

    def _record(self, kind: str, subject: str, actor: str, facts: Mapping[str, object]) -> None:
        with record_store.session(self.records) as opened:
            history.record(opened, kind, subject, actor=actor, facts=facts)

    def _recorded_signatures(self, release_id: str) -> set[str]:
        signed = (one for one in self._live().events if one["kind"] == "release_signed")
        return {str(one["facts"]["key_id"]) for one in signed if one["subject"] == release_id}

    def _release_row(self, release_id: str) -> record_store.ReleaseRow:
        with record_store.session(self.records) as opened:
            rows = history.releases(opened)
        row = next((one for one in rows if one.release_id == release_id), None)
        if row is None:
            raise NotFoundError("release", release_id, known=", ".join(one.release_id for one in rows) or "—")
        return row

    def _attest(self, row: record_store.ReleaseRow, *, again: bool = False) -> dict[str, Any]:
        folder = self.workspace.releases / row.release_id
        base = self.workspace.releases / row.base_release if row.base_release else None
        return attest.attest(folder, base, self._live(), again=again)

    def _cover(self, row: record_store.ReleaseRow, key: PrivateKey) -> None:
        """See to it that the key is in the ledger which the release's checkpoint covers.

        Before the first signature, and while no release continues it, the checkpoint moves to the present.
        """
        folder = self.workspace.releases / row.release_id
        self._attest(row)
        with record_store.session(self.records) as opened:
            continued = any(one.base_release == row.release_id for one in history.releases(opened))
        if not continued and not (folder / attest.ENVELOPE).exists():
            self._attest(row, again=True)
        covered = replayed(book.read_export(folder / attest.LEDGER).events)
        if covered.key(key.key_id) is None:
            raise ConflictError(
                problem=f"the key {key.key_id} is younger than the checkpoint that release {row.release_id} stands on",
                remedy="sign with a key that was on record then, or sign the next release",
                problem_zh=f"密钥 {key.key_id} 的登记晚于发布 {row.release_id} 的检查点",
                remedy_zh="请用当时已登记的密钥签署，或签署下一个发布",
            )

    def _administers(self, roster: Roster, actor: str) -> None:
        if roster.mode != "single-operator" and "administrator" not in roster.roles(actor):
            raise NotPermittedError(
                problem=f"{actor} is no administrator",
                remedy="ask an administrator of the library",
                problem_zh=f"{actor} 不是管理员",
                remedy_zh="请联系库的管理员",
            )

    def _signer(self, roster: Roster, key: PrivateKey) -> str:
        """Return the person whose key it is, after checking that a signature now would be a curator's."""
        held = roster.key(key.key_id)
        if held is None:
            raise NotFoundError("key", key.key_id, known=", ".join(sorted(roster.keys())) or "`factordb key add`")
        if not roster.may_sign(key.key_id, record_store.now()):
            raise NotPermittedError(
                problem=f"the key {key.key_id} of {held.person_id} is revoked, not valid yet, or not a curator's",
                remedy="a release is signed by curators with valid keys: `factordb key list`",
                problem_zh=f"{held.person_id} 的密钥 {key.key_id} 已吊销、尚未生效，或不属于审定人",
                remedy_zh="发布须由审定人以有效密钥签署：`factordb key list`",
            )
        return held.person_id

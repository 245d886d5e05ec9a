"""Anybody tries anything through the stored service: nothing is published without the approvals that the rules ask."""

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from factordb import Library
from factordb.errors import FactorDBError
from factordb.store import records
from factordb.store.records import ReleaseRow


def _fellow() -> ModuleType:
    name = "factordb_reviewed_library"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "reviewed_library.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


made = _fellow()
ROW = "丙产品,全国,2024,2.5,kgCO2e/kg,5,\n"
"""One candidate with findings to settle."""
PEOPLE = ("root", *made.PEOPLE)
KINDS = ("subject", "uncertainty")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machine")
    made.submit(made.make(folder / "library"), ROW)
    return folder


class Stored(RuleBasedStateMachine):
    """What was permitted is judged by an account of its own, kept from who succeeded with what."""

    prepared: Path

    @initialize()
    def copy(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.prepared, self.folder, dirs_exist_ok=True)
        self.library = Library.open(self.folder / "library")
        about = self.library.case("丙产品")
        self.case, self.findings = about["case_id"], sorted(about["findings"])
        self.said: dict[tuple[str, str], bool] = {}
        self.waived: dict[str, set[str]] = {code: set() for code in self.findings}
        self.judges: set[str] = set()
        self.curator, self.moves = "", 0

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    def _try(self, verb: str, *words: str, **facts: str) -> bool:
        if verb != "assign":
            facts["seen"] = made.seen(self.library)[self.case]
        try:
            done = getattr(self.library, verb)([self.case], *words, **facts)
        except FactorDBError:
            return False
        assert (done[0] if isinstance(done, tuple) else done).cases == (self.case,)
        return True

    @rule(who=st.sampled_from(PEOPLE), reviewer=st.sampled_from(PEOPLE), kind=st.sampled_from(KINDS))
    def assigns(self, who: str, reviewer: str, kind: str) -> None:
        if self._try("assign", reviewer, kind, actor=who):
            assert who == "eve"
            self.judges.add(reviewer)

    @rule(who=st.sampled_from(PEOPLE), reviewer=st.sampled_from(("ann", "bob")), kind=st.sampled_from(KINDS))
    def revokes(self, who: str, reviewer: str, kind: str) -> None:
        try:
            self.library.unassign([self.case], reviewer, kind, reason="busy", actor=who)
        except FactorDBError:
            return
        assert who == "eve"
        self.said.pop((reviewer, kind), None)

    @rule(who=st.sampled_from(PEOPLE), kind=st.sampled_from(KINDS), approves=st.booleans())
    def says(self, who: str, kind: str, approves: bool) -> None:
        verb = "approve" if approves else "dissent"
        if self._try(verb, kind, actor=who, reason="read"):
            self.said[who, kind] = approves
            self.judges.add(who)

    @rule(who=st.sampled_from(PEOPLE), at=st.integers(0, 9))
    def overrides(self, who: str, at: int) -> None:
        code = self.findings[at % len(self.findings)]
        if self._try("override", code, actor=who, reason="known"):
            self.waived[code].add(who)
            self.judges.add(who)

    @rule(who=st.sampled_from(PEOPLE))
    def adopts(self, who: str) -> None:
        if self._try("adopt_cases", actor=who, reason="sound"):
            self.curator = who

    @rule(left_out=st.sampled_from(("", "", "ann", "bob", "waiver")), decides=st.sampled_from(("cat", "ann", "dan")))
    def the_way_is_gone_with_one_step_left_out(self, left_out: str, decides: str) -> None:
        for who, kind in (("ann", "subject"), ("bob", "uncertainty")):
            if who != left_out:
                self.assigns("eve", who, kind)
                self.says(who, kind, approves=True)
        for at in range(len(self.findings)):
            for who in ("ann", "bob")[: 1 if left_out == "waiver" else 2]:
                self.overrides(who, at)
        self.adopts(decides)

    @rule()
    def the_base_moves(self) -> None:
        """Another release appears, as of another curator's cases."""
        self.moves += 1
        with records.session(self.library.records) as opened:
            opened.add(
                ReleaseRow(
                    release_id=f"2026.{90 + self.moves}", as_of=made.AS_OF, decision_id="", rule_set="",
                    manifest_sha256="", content_hash="", factors=0, built_on=records.now(),
                )
            )  # fmt: skip
        self.said.clear()
        self.curator = ""
        for who in self.waived.values():
            who.clear()

    @invariant()
    def adopted_means_approved(self) -> None:
        if not hasattr(self, "case"):
            return
        state = self.library.case(self.case)["state"]
        assert state in {"unassigned", "in_review", "adopted"}
        assert (state == "adopted") == bool(self.curator)
        if not self.curator:
            return
        yes = [pair for pair, approves in self.said.items() if approves]
        assert any(a[0] != b[0] and a[1] != b[1] for a in yes for b in yes)
        assert all(len(who) > 1 for who in self.waived.values())
        assert self.curator in {"cat", "dan", "ann"} - self.judges
        assert not {"sue", "cousin", "root", "ray", "eve"} & (self.judges | {self.curator})
        assert not self.library.verify_ledger()["breaches"]


def _walk(prepared: Path, examples: int, steps: int) -> None:
    Stored.prepared = prepared
    run_state_machine_as_test(
        Stored,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_no_way_through_the_stored_service_leads_past_the_approvals(prepared: Path) -> None:
    _walk(prepared, 3, 6)


@pytest.mark.slow
def test_no_way_through_the_stored_service_leads_past_the_approvals_tried_long(prepared: Path) -> None:
    _walk(prepared, 20, 10)

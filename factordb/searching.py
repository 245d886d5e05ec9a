"""Questions about published releases: search, choice, comparison. They wait for nobody and change nothing.

`ReleasedFactors` asks one read model; `Searching` gives a library the same questions, on the newest or a named release.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from factordb.errors import NotFoundError, UsageError
from factordb.paths import Workspace
from factordb.selection import choice, comparison, places, saying
from factordb.selection import search as searching
from factordb.selection.question import Question, known_gwp_set
from factordb.selection.released import settings
from factordb.stages import publish


class ReleasedFactors:
    """The factors of one release, as they were published."""

    def __init__(self, model: publish.Model, newer: publish.Model | None = None) -> None:
        """Ask `model`; `newer` is the newest release, which may have withdrawn or replaced some of its factors."""
        self._model = model
        self._newer = newer if newer is not None and newer.folder != model.folder else None

    @property
    def release(self) -> dict[str, str]:
        """What fixes an answer: release_id, as_of, manifest_sha256, and the name of the read model."""
        facts = self._model.facts
        return {"release_id": str(facts["release"]), "as_of": str(facts["as_of"]),
                "manifest_sha256": str(facts["manifest_sha256"]), "read_model": self._model.name}  # fmt: skip

    @property
    def parquet(self) -> Path:
        """The file of all rows, for analysis."""
        return self._model.parquet

    def search(
        self, text: str = "", *, limit: int = 20, cursor: str = "", facets: bool = True, **criteria: Any
    ) -> dict[str, Any]:
        """Return one page of released factors: release, total, corrected, hits, facets, next.

        Args:
            text: name, synonym, pinyin, code or identifier, Chinese or English; empty: everything.
            limit: hits of a page.
            cursor: `next` of the page before; bound to this release.
            facets: count the values of the other criteria among the hits.
            **criteria: as in `selection.asking.CRITERIA`; several values of one are alternatives.
        """
        found = searching.search(
            self._model.index,
            self._model.rows.rows,
            text=text,
            criteria=criteria,
            limit=limit,
            cursor=cursor,
            model=self._model.name,
            facets=facets,
        )
        return {"release": self.release, **found}

    def possible_filters(self, text: str = "", **criteria: Any) -> dict[str, dict[str, int]]:
        """Return criterion -> value -> hits: the filters that would still find something."""
        return searching.counted(self._model.index, text, criteria, facets=True)[1]

    def released(self, name: str) -> dict[str, Any]:
        """Return one released row with its source, gas amounts and citation, by id or its beginning."""
        row = self._model.rows.one(name)
        return {
            "release": self.release,
            "factor": row,
            "source": self._model.rows.source(row["source_id"]),
            "gases": self._model.rows.gases(row["version_id"]),
            "citation": publish.citation(self._model, row),
        }

    def choose(self, product: str = "", **asked: Any) -> dict[str, Any]:
        """Return the best factor for a question by clause (五), with its reasons, alternatives and citation.

        Args:
            product: words for the product or activity; empty where `factor` is given.
            **asked: factor, amount, unit, region, year, boundary, gwp_set, technology, gas, allow_flags;
                as in `selection.question.Question`.
        """
        try:
            question = Question(product, **asked)
        except TypeError as fault:
            known = ", ".join(Question.__dataclass_fields__)
            raise UsageError(
                problem=f"a choice does not know what was asked ({fault})",
                remedy=f"ask with some of: {known}",
                problem_zh=f"无法识别的提问项（{fault}）",
                remedy_zh=f"可用的提问项：{known}",
            ) from fault
        rows = self._model.rows
        found = choice.choose(self._model.index, rows.rows, rows.one, rows.gases, self._later, question)
        row = found["factor"]
        source = rows.source(row["source_id"]) if row else {}
        cited = publish.citation(self._model, row) if row else None
        return {"release": self.release, **found, "source": source, "citation": cited}

    def compare(self, first: str, second: str = "", *, gwp_set: str = "") -> dict[str, Any]:
        """Return the comparison of a factor with another, or with its like of other countries and regions.

        Args:
            first: a factor or version id, or its beginning.
            second: another; empty: factors of the same product from outside the country of the first.
            gwp_set: the set to compare under.

        Raises:
            NotFoundError: a factor or the set is not known.
        """
        known_gwp_set(gwp_set)
        rows = self._model.rows
        one = rows.one(first)
        others = [rows.one(second)] if second else self._abroad(one)
        found = [comparison.compare(one, other, rows.gases, gwp_set=gwp_set) for other in others]
        words = [] if found else [saying.said("compare.none")]
        return {"release": self.release, "factor": one, "comparisons": found, "words": words}

    def _abroad(self, one: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return factors of the same product and kind from outside the country, or the place, of the first."""
        line = places.lineage(one["region"])
        country = next((code for code in line if places.step_of(code) == "country"), None)
        index = self._model.index
        if not one["concept"] or not one["region"]:
            return []
        # outside any country the own place alone is left out: everything lies within the world
        own = places.children([country]) if country else [one["region"]]
        like = index.both(*(index.any_of(name, [str(one[name])]) for name in ("concept", "kind") if one[name]))
        abroad = index.without(like, [index.any_of("region", [*own, "none"])])
        return self._model.rows.rows(index.numbers(abroad, int(settings()["compared"])))

    def _later(self, factor_ids: Sequence[str]) -> dict[str, str]:
        if self._newer is None:
            return {}
        here, there = (one.rows.versions(factor_ids) for one in (self._model, self._newer))
        return {
            name: "superseded" if name in there else "withdrawn"
            for name, version in here.items()
            if there.get(name) != version
        }


class Searching:
    """The questions a drafter asks of a published release."""

    workspace: Workspace

    def released_factors(self, release: str = "") -> ReleasedFactors:
        """Return the factors of a release, the newest without a name; its read model is built where it is missing.

        Raises:
            NotFoundError: there is no such release.
            UsageError: nothing has been released yet.
        """
        root = self.workspace.read_models
        known = publish.releases(self.workspace.releases)
        if not known:
            raise UsageError(
                problem="nothing has been released yet",
                remedy="build a release: `factordb run`, or `factordb release build`",
                problem_zh="尚无发布版本",
                remedy_zh="请先构建发布版本：`factordb run`，或 `factordb release build`",
            )
        if release and release != "latest" and release not in known:
            raise NotFoundError("release", release, known=", ".join(known))
        newest = publish.publish(self.workspace.releases / known[-1], root)
        if release in {"", "latest", known[-1]}:
            return ReleasedFactors(publish.opened(newest))
        named = publish.publish(self.workspace.releases / release, root, newest=False)
        return ReleasedFactors(publish.opened(named), publish.opened(newest))

    def publish_release(self, release: str, progress: publish.Progress | None = None) -> Path:
        """Return the read model of a release, built where it is missing; the pointer moves to it."""
        return publish.publish(self.workspace.releases / release, self.workspace.read_models, progress=progress)

    def search(self, text: str = "", *, release: str = "", **asked: Any) -> dict[str, Any]:
        """Return one page of released factors, as `ReleasedFactors.search`."""
        return self.released_factors(release).search(text, **asked)

    def possible_filters(self, text: str = "", *, release: str = "", **criteria: Any) -> dict[str, dict[str, int]]:
        """Return the filters that would still find something, as `ReleasedFactors.possible_filters`."""
        return self.released_factors(release).possible_filters(text, **criteria)

    def choose(self, product: str = "", *, release: str = "", **asked: Any) -> dict[str, Any]:
        """Return the best factor for a question, as `ReleasedFactors.choose`."""
        return self.released_factors(release).choose(product, **asked)

    def compare(self, first: str, second: str = "", *, release: str = "", gwp_set: str = "") -> dict[str, Any]:
        """Return a comparison like with like, as `ReleasedFactors.compare`."""
        return self.released_factors(release).compare(first, second, gwp_set=gwp_set)


def open_release(folder: Path | str, read_models: Path | str | None = None) -> ReleasedFactors:
    """Return the factors of a release folder that was downloaded, without any library.

    Args:
        folder: the release folder; it is verified against its manifest.
        read_models: where its read model is kept; beside the release by default.

    Raises:
        NotFoundError: the folder is no release; IntegrityError: it differs from its manifest.
    """
    whole = Path(folder).resolve()
    root = Path(read_models) if read_models else whole.parent / "read_models"
    return ReleasedFactors(publish.opened(publish.publish(whole, root, newest=False)))

"""The releases that may be served: of a library, or one that was downloaded. They wait for nobody and change nothing.

`PublishedReleases` finds releases by name, opens their read models once, and notices a new release by itself.
"""

import csv
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from factordb.errors import NotFoundError, UsageError
from factordb.formats import manifest
from factordb.formats.footprint.serving import footprints_of
from factordb.formats.release_content import content_of_release
from factordb.paths import Workspace
from factordb.reference import table, tables
from factordb.searching import ReleasedFactors
from factordb.stages import compare, publish
from factordb.store.footprint_shelf import FootprintShelf, write_shelf
from factordb.units import convert, parse
from factordb.values.refusal import Refused

LATEST: Final = "latest"
_URN: Final = "urn:uuid:"
_NOBODY: Final = "\x1f"
"""An identifier that no factor has."""
CHANGES: Final = "changes.csv"
EVENT_OF: Final[Mapping[str, str]] = {
    "superseded": "deprecated", "expired": "deprecated", "withdrawn": "withdrawn", "demoted": "withdrawn",
}  # fmt: skip
"""Change of a release -> kind of event; every other change publishes a version."""
VOCABULARIES: Final[Mapping[str, str]] = {
    "tiers": "tiers/source_tiers",
    "flags": "search/flags",
    "gwp-sets": "gwp/sets",
    "units": "units/dimensions",
    "regions": "regions/regions",
}
"""Name of a vocabulary -> its reference table."""


class PublishedReleases:
    """Releases by name, each with its read model. Safe to ask from several threads."""

    def __init__(self, releases: Path, read_models: Path, *, only: str = "") -> None:
        """Serve the releases below `releases`, or `only` one of them; read models stand below `read_models`."""
        self._releases = releases
        self._read_models = read_models
        self._only = only
        self._seen = -1
        self._names: list[str] = []
        self._folders: dict[str, Path] = {}
        self._opened: dict[str, ReleasedFactors] = {}
        self._shelves: dict[str, FootprintShelf] = {}
        self._products: dict[str, dict[str, str]] = {}
        self._differing: dict[tuple[str, str], frozenset[str]] = {}
        self._lock = threading.RLock()

    @classmethod
    def of_library(cls, root: Path) -> "PublishedReleases":
        """Return the releases of the library at `root`.

        Raises:
            UsageError: there is no library there.
        """
        workspace = Workspace(root.resolve())
        if not workspace.records.exists():
            raise UsageError(
                problem=f"there is no library at {root}",
                remedy="make one with `factordb init`, or name another folder with --library",
                problem_zh=f"{root} 处没有库",
                remedy_zh="请用 `factordb init` 新建，或以 --library 指定其他目录",
            )
        return cls(workspace.releases, workspace.read_models)

    @classmethod
    def of_folder(cls, folder: Path, read_models: Path | None = None) -> "PublishedReleases":
        """Return the one release in `folder`; its read model stands beside it by default.

        Raises:
            NotFoundError: the folder is no release.
        """
        here = folder.resolve()
        name = publish.model_name(here).rpartition("-")[0]
        served = cls(here.parent, read_models or here.parent / "read_models", only=name)
        served._folders = {name: here}
        served._names = [name]
        return served

    # ── which there are ──────────────────────────────────────────────────────────────────────────────────

    @property
    def names(self) -> list[str]:
        """Return the ids of the releases, oldest first."""
        self._look()
        return self._names

    @property
    def newest(self) -> str:
        """Return the id of the newest release.

        Raises:
            UsageError: nothing has been released yet.
        """
        self._look()
        if not self._names:
            raise UsageError(
                problem="nothing has been released yet",
                remedy="build a release: `factordb run`, or `factordb release build`",
                problem_zh="尚无发布版本",
                remedy_zh="请先构建发布版本：`factordb run`，或 `factordb release build`",
            )
        return self._names[-1]

    def _look(self) -> None:
        """Read the names again where a release came or went: the folder's own time says so."""
        if self._only:
            return
        try:
            now = self._releases.stat().st_mtime_ns
        except OSError:
            now = 0
        if now == self._seen:
            return
        with self._lock:
            self._names = publish.releases(self._releases)
            self._folders = {name: self._releases / name for name in self._names}
            self._opened.clear()
            self._shelves.clear()
            self._products.clear()
            self._differing.clear()
            self._seen = now

    def fixed(self, release: str = "") -> str:
        """Return the id of a release that was named, the newest for "" and "latest".

        Raises:
            NotFoundError: there is no such release.
        """
        if release in {"", LATEST}:
            return self.newest
        if release not in self.names:
            raise NotFoundError("release", release, known=", ".join(self.names))
        return release

    def folder(self, release: str = "") -> Path:
        """Return the folder of a release."""
        return self._folders[self.fixed(release)]

    def cover(self, release: str = "") -> dict[str, Any]:
        """Return what stands in the manifest of a release, its files with size and hash among it."""
        path = self.folder(release) / manifest.MANIFEST
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {**found, "manifest_sha256": manifest.sha256_of(path)}

    def file(self, release: str, path: str) -> Path:
        """Return a file of a release that its manifest lists, or the manifest itself; nothing else is handed out.

        Raises:
            NotFoundError: the manifest lists no such file.
        """
        listed = {one["path"] for one in self.cover(release)["files"]} | {manifest.MANIFEST}
        if path not in listed:
            raise NotFoundError("file of the release", path, known=", ".join(sorted(listed)))
        return self.folder(release) / path

    # ── what they hold ───────────────────────────────────────────────────────────────────────────────────

    def factors(self, release: str = "") -> ReleasedFactors:
        """Return the factors of a release, ready to be asked."""
        name = self.fixed(release)
        found = self._opened.get(name)
        if found is None:
            with self._lock:
                own, newest = (publish.opened(self._model(one)) for one in (name, self.newest))
                found = self._opened[name] = ReleasedFactors(own, newest)
        return found

    def _model(self, name: str) -> Path:
        return publish.publish(self._folders[name], self._read_models, newest=False)

    def narrowed(
        self, release: str = "", *, products: Sequence[str] = (), status: Sequence[str] = (), updated_after: str = ""
    ) -> dict[str, list[str]]:
        """Return the criteria of a search for what can be known only beside other releases, or by other names.

        Args:
            release: the release that is asked.
            products: identifiers of factors or versions, or the URNs by which footprints name their product.
            status: Active, Deprecated: whether the newest release holds a version too.
            updated_after: day; only versions that a release after it brought.
        """
        name = self.fixed(release)
        found: dict[str, list[str]] = {}
        if products:
            found["factor"] = [self._product(name, one) for one in products]
        if set(status) == {"Active"}:
            found["not_version"] = sorted(self._unlike(name, self.newest))
        only = self._unlike(name, self.newest) if set(status) == {"Deprecated"} else None
        new = self._new_since(name, updated_after) if updated_after else None
        held = [one for one in (only, new) if one is not None]
        if held:
            found["version"] = sorted(frozenset.intersection(*held)) or [_NOBODY]
        return found

    def _product(self, name: str, product: str) -> str:
        """Return the factor whose footprints name this product; the text itself where it is no such URN."""
        if not product.lower().startswith(_URN):
            return product
        if name not in self._products:
            self._products[name] = publish.products_of(self.factors(name).parquet)
        return self._products[name].get(product.lower().removeprefix(_URN), _NOBODY)

    def _new_since(self, name: str, day: str) -> frozenset[str] | None:
        """Return the versions of a release that no release up to a day held; None: all of them."""
        if self.cover(name)["as_of"] <= day:
            return frozenset()
        before = [one for one in self.names if self.cover(one)["as_of"] <= day]
        return self._unlike(name, before[-1]) if before else None

    def _unlike(self, name: str, other: str) -> frozenset[str]:
        """Return the versions that a release holds and another does not."""
        if name == other:
            return frozenset()
        if (name, other) not in self._differing:
            own, known = (self.factors(one).parquet for one in (name, other))
            self._differing[name, other] = publish.versions_only_in(own, known)
        return self._differing[name, other]

    def difference(self, old: str, new: str) -> dict[str, Any]:
        """Return what differs between two releases: counts and one row a factor."""
        return compare.diff_releases(self.folder(old), self.folder(new)).as_dict()

    def changes(self, release: str) -> list[dict[str, Any]]:
        """Return what a release changed as CloudEvents 1.0, one a line: published, deprecated or withdrawn.

        The identity of an event is that of the change, so that who reads them twice can tell. Superseded and expired
        factors are deprecated; demoted ones are withdrawn as factors of the release.
        """
        cover = self.cover(release)
        with self.file(release, CHANGES).open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return [
            {
                "specversion": "1.0",
                "type": f"cn.factordb.factor.{EVENT_OF.get(row['change'], 'published')}.v1",
                "source": f"urn:factordb:release:{cover['release']}",
                "id": "-".join(filter(None, (cover["release"], row["factor_id"], row["change"], row["field"]))),
                "time": f"{cover['as_of']}T00:00:00Z",
                "datacontenttype": "application/json",
                "subject": row["factor_id"],
                "data": row,
            }
            for row in rows
        ]

    def history(self, factor_id: str) -> list[dict[str, Any]]:
        """Return the versions of a factor, oldest release first: release, version_id, value_text, unit, factor_id."""
        found = []
        for name in self.names:
            try:
                row = self.factors(name).released(factor_id)["factor"]
            except NotFoundError:
                continue
            kept = ("factor_id", "version_id", "value_text", "unit", "gwp_set", "tier", "dqr", "valid_until")
            found.append({"release_id": name, **{one: row[one] for one in kept}})
        if not found:
            raise NotFoundError("released factor", factor_id, known="`factordb factor search`")
        return found

    def footprints(self) -> FootprintShelf:
        """Return the product footprints of PACT v3 of the newest release; those only older ones hold are deprecated.

        They are rendered once a release and kept beside the read models.
        """
        name = self.newest
        found = self._shelves.get(name)
        if found is None:
            with self._lock:
                model = publish.model_name(self._folders[name])
                path = self._read_models / f"{model}.pact3.sqlite"
                if not path.exists():
                    newest_first = [self._folders[one] for one in reversed(self._names)]
                    write_shelf(path, footprints_of(content_of_release(one) for one in newest_first))
                found = self._shelves[name] = FootprintShelf(path, model)
        return found


def converted(value: float, source: str, target: str) -> dict[str, Any]:
    """Return a value in another unit: value, unit, trail.

    Raises:
        UsageError: a unit cannot be read, or the two measure different things; names the dimensions.
    """
    done = convert(value, source, target)
    if isinstance(done, Refused):
        told = _dimensions(source, target)
        raise UsageError(
            problem=f"{done.problem_en}{told['en']}",
            remedy="name two units of one dimension, as in kWh and MJ, or kgCO2e/kWh and tCO2e/MWh",
            problem_zh=f"{done.problem_zh}{told['zh']}",
            remedy_zh="请给出同一量纲的两个单位，如 kWh 与 MJ，或 kgCO2e/kWh 与 tCO2e/MWh",
        )
    number, trail = done
    return {"value": number, "unit": target, "trail": trail}


def _dimensions(source: str, target: str) -> dict[str, str]:
    """Return what each of two units measures, in words that end a sentence; empty where one cannot be read."""
    units = [parse(one) for one in (source, target)]
    known = {row["dimension"]: row for row in table(VOCABULARIES["units"]).to_pylist()}
    found = {}
    for lang, between, begin in (("zh", "；", "："), ("en", "; ", ": ")):
        words = [
            "/".join(str(known[one][lang]) if one in known else one
                     for one in (unit.numerator_dimension, unit.denominator_dimension) if one)
            for unit in units if not isinstance(unit, Refused)
        ]  # fmt: skip
        pairs = zip((source, target), words, strict=False)
        found[lang] = (
            between + between.join(f"{name}{begin}{word}" for name, word in pairs) if len(words) == len(units) else ""
        )
    return found


def vocabulary(name: str) -> list[dict[str, Any]]:
    """Return the rows of a vocabulary, words in both languages.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name == "criteria":
        from factordb.selection.asking import CRITERIA  # noqa: PLC0415 - a shelf that not every face needs

        return [{"criterion": one} for one in CRITERIA]
    if name not in VOCABULARIES:
        raise NotFoundError("vocabulary", name, known=", ".join([*VOCABULARIES, "criteria"]))
    return [dict(row) for row in table(VOCABULARIES[name]).to_pylist()]


def api_words(lang: str) -> Mapping[str, Any]:
    """Return the words of the API in one language."""
    return tables.toml(f"words/api_{lang}")

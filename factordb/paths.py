"""Where things stand: the workshop (pipelines, dashboards, data) and a library's own folder."""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def workshop() -> Path:
    """Return the folder that holds `pipelines/`, `dashboards/` and `data/`.

    In a checkout that is the project's root; in an installed wheel `factordb/_workshop`.
    """
    shipped = PACKAGE / "_workshop"
    return shipped if shipped.is_dir() else PACKAGE.parent


@dataclass(frozen=True)
class Workspace:
    """The files of one library below its folder."""

    root: Path

    @property
    def records(self) -> Path:
        """What people did: SQLite."""
        return self.root / "records.sqlite"

    @property
    def anchor(self) -> Path:
        """Head of the ledger, kept outside the records so that a rollback of them is seen."""
        return self.root / "anchor.json"

    @property
    def factors(self) -> Path:
        """What was submitted and computed: DuckDB."""
        return self.root / "factors.duckdb"

    @property
    def staging(self) -> Path:
        """Files of batches and appraisals that are not merged yet."""
        return self.root / "staging"

    @property
    def objects(self) -> Path:
        """Raw files by their sha256, written once."""
        return self.root / "objects"

    @property
    def evidence(self) -> Path:
        """Packages of measured data, every version of each, in the Oxford Common File Layout."""
        return self.root / "evidence"

    @property
    def published(self) -> Path:
        """Immutable read models under versioned names, and the pointer to the newest."""
        return self.root / "published"

    @property
    def releases(self) -> Path:
        """Released data packages."""
        return self.root / "releases"

    @property
    def read_models(self) -> Path:
        """Look-up files and search indexes of releases, and the pointer to the newest."""
        return self.root / "read_models"

    @property
    def reports(self) -> Path:
        """Pages of the Great Expectations gate."""
        return self.root / "reports"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.root / "writer.lock"

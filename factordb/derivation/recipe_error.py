"""A fault of a recipe: a value that a check turns into a finding, raised where a calculation cannot go on."""

from factordb.reference import tables

__all__ = ["RecipeError"]


class RecipeError(ValueError):
    """What is wrong with a recipe or its records.

    Attributes:
        kind: key of the sentence in `reference/words/recipe_{zh,en}.toml`.
        step: step, column, constant or unit it is about.
        found: what stands there.
        expected: what should.
    """

    def __init__(self, kind: str, step: str, *, found: str = "", expected: str = "") -> None:
        super().__init__(f"{kind}: {step}: {found}")
        self.kind, self.step, self.found, self.expected = kind, step, found, expected

    def words(self, lang: str) -> str:
        """Return one sentence in `lang`, "zh" or "en"."""
        sentence = tables.toml(f"words/recipe_{lang}")["fault"][self.kind]
        return str(sentence.format(step=self.step, found=self.found, expected=self.expected))

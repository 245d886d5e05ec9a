"""The report of a trial footprint as a list of blocks, which HTML and DOCX write alike; one language at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

from factordb.formats.plots import Influence, Interval, interval_plot, tornado_plot
from factordb.reference import table, toml
from factordb.uncertainty.drawing import bar_plot

CO2E: Final = "kgCO2e"
COLON: Final = {"zh": "：", "en": ": "}
SCORES: Final = (("TeR", "te"), ("GR", "gr"), ("TiR", "ti"), ("P", "p"), ("DQR", "dqr"))


@dataclass(frozen=True)
class Block:
    """One block of a report.

    Attributes:
        kind: heading (level 1 to 3), text, note, table, picture (SVG and the shares it shows), or list.
        text: words of a heading, paragraph or picture.
        level: of a heading.
        heads: column heads.
        rows: cells, or items of a list.
        numbers: columns of numbers.
        svg: the picture.
        bars: (name, share) behind the picture, for writers that draw bars as text.
    """

    kind: Literal["heading", "text", "note", "table", "picture", "list"]
    text: str = ""
    level: int = 2
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[int, ...] = ()
    svg: str = ""
    bars: tuple[tuple[str, float], ...] = field(default=())


@cache
def _words() -> Mapping[str, Any]:
    return toml("trial/report")


@cache
def _tiers() -> Mapping[str, Mapping[str, str]]:
    return {row["tier"]: row for row in table("tiers/source_tiers").to_pylist()}


class _Writer:
    """The blocks of one result in one language."""

    def __init__(self, found: Mapping[str, Any], lang: str) -> None:
        self.found = found
        self.lang = lang
        self.names = {line["id"]: line["name"] for line in found["lines"]}

    def heading(self, key: str, level: int = 2) -> Block:
        return Block("heading", _words()[key][self.lang], level)

    def word(self, key: str, **facts: object) -> str:
        return str(_words()["words"][key][self.lang]).format(**facts)

    def value(self, name: Any, section: str = "values") -> str:
        return str(_words()[section].get(name, {}).get(self.lang, name or "—"))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: tuple[int, ...] = ()) -> Block:
        if not rows:
            return Block("text", self.word("none"))
        return Block("table", heads=tuple(map(self.word, heads)), rows=tuple(map(tuple, rows)), numbers=numbers)

    def facts(self, pairs: Sequence[tuple[str, Any]]) -> Block:
        rows = tuple((self.word(key), str(value)) for key, value in pairs if value not in {None, ""})
        return Block("table", rows=rows)

    @property
    def per(self) -> str:
        study = self.found["study"]
        return f"{study['amount']:g} {study['unit']}"

    # ── chapters ─────────────────────────────────────────────────────────────────────────────────────────

    def blocks(self) -> Iterator[Block]:
        study = self.found["study"]
        yield Block("heading", _words()["title"][self.lang].format(name=study["name"]), 1)
        yield Block("note", _words()["memory"][self.lang])
        yield from self.summary()
        yield self.heading("goal")
        yield Block("text", study["purpose"] or self.word("none"))
        yield from self.scope()
        yield from self.inventory()
        yield self.heading("impact")
        yield self.results()
        yield Block("note", self.word("draws", samples=self.found["samples"], seed=self.found["seed"]))
        yield from self.interpretation()
        yield self.heading("references")
        yield Block("list", rows=tuple((self.cited(one),) for one in self.found["factors"]))

    def summary(self) -> Iterator[Block]:
        study, release = self.found["study"], self.found["release"]
        yield self.heading("summary")
        yield self.facts(
            [("product", study["name"]), ("standard", study["standard"]), ("author", study["author"]),
             ("unit", self.per), ("boundary", self.value(study["boundary"])), ("year", study["year"]),
             ("region", study["region"]), ("release", release["release_id"]), ("manifest", release["manifest_sha256"]),
             ("inventory_file", self.found.get("inventory_sha256"))]
        )  # fmt: skip
        yield self.results()

    def results(self) -> Block:
        rows = [
            (self.value(way), f"{one['value']:.5g}", f"{one['mean']:.5g}",
             f"[{one['low95']:.5g}, {one['high95']:.5g}]", f"{one['cv']:.2%}" if one["cv"] is not None else "—")
            for way, one in self.found["results"].items()
        ]  # fmt: skip
        unit = f"{CO2E} / {self.per}"
        heads = (
            self.word("way"),
            f"{self.word('result')}, {unit}",
            self.word("mean"),
            self.word("interval"),
            self.word("cv"),
        )
        return Block("table", heads=heads, rows=tuple(rows), numbers=(1, 2))

    def scope(self) -> Iterator[Block]:
        study = self.found["study"]
        yield self.heading("scope")
        yield self.heading("unit", 3)
        output = study["reference_amount"] or study["amount"]
        yield self.facts([("unit", self.per), ("output", f"{output:g} {study['unit']}")])
        yield self.heading("boundary", 3)
        stages = [self.value(one["name"], "stages") for one in self.found["stages"]]
        separator = "、" if self.lang == "zh" else ", "
        yield Block("text", f"{self.value(study['boundary'])}{COLON[self.lang]}{separator.join(stages)}")
        yield Block("note", self.word("standard_note"))
        yield self.heading("cut_off", 3)
        yield self.table(
            ("name", "stage", "share", "reason"),
            [(one["name"], self.value(one["stage"], "stages"),
              "—" if one["share"] is None else f"{one['share']:.1%}", one["reason"] or "—")
             for one in self.found["cut_offs"]],
            (2,),
        )  # fmt: skip
        yield self.heading("allocation", 3)
        yield self.table(
            ("name", "method", "product", "share", "reason"),
            [(one["id"], self.value(one["method"]), one["product"], f"{one['share']:.2%}", one["reason"] or "—")
             for one in self.found["allocations"]],
            (3,),
        )  # fmt: skip
        yield self.heading("quality_rules", 3)
        yield self.facts([("gwp_set", study["gwp_set"]), ("year", study["year"]), ("region", study["region"])])

    def inventory(self) -> Iterator[Block]:
        yield self.heading("inventory")
        yield self.heading("activities", 3)
        yield self.table(
            ("name", "stage", "amount", "measure", "tier", "source"),
            [(one["name"], self.value(one["stage"], "stages"), f"{one['amount']:.6g}", one["unit"],
              self.value(one["tier"]), one["source"] or "—") for one in self.found["lines"]],
            (2,),
        )  # fmt: skip
        yield self.heading("factors", 3)
        yield self.table(
            ("factor", "value", "place", "kind", "why"),
            [(f"[{one['number']}] {self.named(one)}", f"{one['value_text']} {one['unit']}",
              f"{one['region'] or '—'}, {one['reference_year'] or '—'}",
              self.kind(one), self.reasons(one))
             for one in self.found["factors"]],
        )  # fmt: skip
        yield self.heading("electricity", 3)
        yield self.table(
            ("name", "line", "kind", "numbers", "amount", "measure", "year"),
            [(one["id"], self.names.get(one["line"], one["line"]), self.value(one["kind"]),
              ", ".join(one["numbers"] or ()) or "—", "—" if one["amount"] is None else f"{one['amount']:g}",
              one["unit"] or "—", str(one["year"] or "—")) for one in self.found["contracts"]],
            (4,),
        )  # fmt: skip
        yield self.heading("conversions", 3)
        yield self.table(
            ("line", "value", "trail"),
            [(self.names[line["id"]] + (f" / {part['part']}" if part["part"] else ""),
              f"{part['value']:.6g} {CO2E}", "; ".join(part["trail"]) or "—")
             for line in self.found["lines"] for part in line["parts"]],
        )  # fmt: skip

    def kind(self, factor: Mapping[str, Any]) -> str:
        tier = _tiers().get(str(factor["tier"]), {}).get(f"title_{self.lang}") or "—"
        return f"{self.word('own')}, {tier}" if factor["own"] else str(tier)

    def named(self, factor: Mapping[str, Any]) -> str:
        return str(factor[f"name_{self.lang}"] or factor["name_zh"] or factor["name_en"])

    def reasons(self, factor: Mapping[str, Any]) -> str:
        said = [one[self.lang] for one in (*factor["why"], *factor["steps"])]
        return " ".join(said) or "—"

    def cited(self, factor: Mapping[str, Any]) -> str:
        citation = (factor["citation"] or {}).get(self.lang) or self.named(factor)
        return f"[{factor['number']}] {citation}{self.original(factor)}"

    def original(self, factor: Mapping[str, Any]) -> str:
        """Return who published the value first: publisher, title, number, date, place; "" of an own factor."""
        source = factor.get("source") or {}
        told = (
            source.get(f"publisher_{self.lang}") or source.get("publisher"), source.get(f"title_{self.lang}"),
            source.get("document_no"), source.get("published_on"), factor.get("source_place") or factor.get("place"),
        )  # fmt: skip
        said = [str(one) for one in told if one] if source else []
        separator, end = ("，", "。") if self.lang == "zh" else (", ", ".")
        return " " + self.word("original", source=separator.join(said)) + end if said else ""

    def interpretation(self) -> Iterator[Block]:
        found, per = self.found, f"{CO2E} / {self.per}"
        yield self.heading("interpretation")
        yield self.heading("contributions", 3)
        for name, section in (("stages", "stages"), ("contributions", "")):
            yield self.table(
                ("stage" if section else "line", "value", "share", "variance"),
                [(self.value(one["name"], "stages") if section else self.names[one["name"]],
                  f"{one['value']:.5g}", f"{one['share']:.1%}", f"{one['variance_share']:.1%}")
                 for one in found[name]],
                (1, 2, 3),
            )  # fmt: skip
        yield from self.pictures(per)
        yield self.heading("sensitivity", 3)
        yield self.table(
            ("input", "name", "variance", "swing"),
            [(self.value(one["kind"]), one[f"name_{self.lang}"], f"{one['total']:.1%}",
              f"[{one['low']:.5g}, {one['high']:.5g}]") for one in found["sensitivity"]],
            (2,),
        )  # fmt: skip
        swings = [Influence(self.label(one), one["low"], one["high"]) for one in found["sensitivity"]]
        if swings:
            svg = tornado_plot(
                swings, base=found["result"]["value"], lang=self.lang, unit=per, title=self.word("tornado")
            )
            yield Block("picture", self.word("tornado"), svg=svg)
        yield from self.quality()
        yield self.heading("limits", 3)
        yield self.table(
            ("code", "severity", "finding", "fix"),
            [(one["code"], self.value(one["severity"]), one[f"said_{self.lang}"], one[f"fix_{self.lang}"])
             for one in found["findings"]],
        )  # fmt: skip

    def label(self, one: Mapping[str, Any]) -> str:
        return f"{self.value(one['kind'])}{COLON[self.lang]}{one[f'name_{self.lang}']}"

    def pictures(self, per: str) -> Iterator[Block]:
        for key, title in (("share", "stages_plot"), ("variance_share", "variance_plot")):
            bars = tuple((self.names[one["name"]], float(one[key])) for one in self.found["contributions"])
            words = self.word(title)
            yield Block("picture", words, svg=bar_plot(bars, title=words, description=words), bars=bars)
        rows = [
            Interval(self.value(way), one["value"], one["low95"], one["high95"], "derived")
            for way, one in self.found["results"].items()
        ]
        words = self.word("ways_plot")
        yield Block("picture", words, svg=interval_plot(rows, lang=self.lang, unit=per, title=words))

    def quality(self) -> Iterator[Block]:
        quality = self.found["quality"]
        yield self.heading("quality", 3)
        yield self.table(("criterion", "score"), [(name, f"{quality[key]:.2f}") for name, key in SCORES], (1,))
        yield Block("note", self.word("quality_note", primary=f"{quality['primary_activity']:.0%}",
                                      both=f"{quality['primary_both']:.0%}"))  # fmt: skip


def trial_blocks(found: Mapping[str, Any], lang: str) -> list[Block]:
    """Return the report of a usable trial footprint, in `lang`: the first block is its title."""
    return list(_Writer(found, lang).blocks())

"""The report of a trial footprint as a list of blocks, which HTML and DOCX write alike; one language at a time."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from factordb.formats.plots import Influence, Interval, interval_plot, tornado_plot
from factordb.formats.trial_block import COLON, Block, Telling, ends, measure, percent, report_words
from factordb.formats.trial_electricity import calculated, electricity_blocks
from factordb.reference import table
from factordb.uncertainty.drawing import bar_plot

__all__ = ["Block", "trial_blocks"]

SCORES: Final = (("TeR", "te"), ("GR", "gr"), ("TiR", "ti"), ("P", "p"), ("DQR", "dqr"))


@cache
def _tiers() -> Mapping[str, Mapping[str, str]]:
    return {row["tier"]: row for row in table("tiers/source_tiers").to_pylist()}


class _Writer(Telling):
    """The chapters of one result in one language."""

    def blocks(self) -> Iterator[Block]:
        study = self.found["study"]
        yield Block("heading", report_words()["title"][self.lang].format(name=study["name"]), 1)
        yield Block("note", report_words()["memory"][self.lang])
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
             ("region", self.place(study["region"])), ("release", release["release_id"]),
             ("manifest", release["manifest_sha256"]), ("inventory_file", self.found.get("inventory_sha256"))]
        )  # fmt: skip
        yield self.results()

    def results(self) -> Block:
        rows = [
            (self.value(way) + (self.word("main") if way == self.found["method"] else ""),
             f"{one['value']:.5g}", f"{one['mean']:.5g}", ends(one["low95"], one["high95"]),
             percent(one["cv"], 2) if one["cv"] is not None else "—")
            for way, one in self.found["results"].items()
        ]  # fmt: skip
        return self.table(("way", self.with_unit("result", self.unit), "mean", "interval", "cv"), rows, (1, 2))

    def scope(self) -> Iterator[Block]:
        study = self.found["study"]
        yield self.heading("scope")
        yield self.heading("unit", 3)
        output = study["reference_amount"] or study["amount"]
        yield self.facts([("unit", self.per), ("output", f"{output:g} {measure(study['unit'])}")])
        yield self.heading("boundary", 3)
        stages = [self.value(one["name"], "stages") for one in self.found["stages"]]
        separator = "、" if self.lang == "zh" else ", "
        yield Block("text", f"{self.value(study['boundary'])}{COLON[self.lang]}{separator.join(stages)}")
        yield Block("note", self.word("standard_note"))
        yield self.heading("cut_off", 3)
        yield self.table(
            ("name", "stage", "share", "reason"),
            [(one["name"], self.value(one["stage"], "stages"),
              "—" if one["share"] is None else percent(one["share"]), one["reason"] or "—")
             for one in self.found["cut_offs"]],
            (2,),
        )  # fmt: skip
        yield self.heading("allocation", 3)
        yield self.table(
            ("name", "method", "product", "share", "reason"),
            [(one["id"], self.value(one["method"]), one["product"], percent(one["share"], 2), one["reason"] or "—")
             for one in self.found["allocations"]],
            (3,),
        )  # fmt: skip
        yield self.heading("quality_rules", 3)
        yield self.facts(
            [("gwp_set", study["gwp_set"]), ("year", study["year"]), ("region", self.place(study["region"]))]
        )

    def inventory(self) -> Iterator[Block]:
        yield self.heading("inventory")
        yield self.heading("activities", 3)
        yield self.table(
            ("name", "stage", "amount", "measure", "tier", "source"),
            [(one["name"], self.value(one["stage"], "stages"), f"{one['amount']:.6g}", measure(one["unit"]),
              self.value(one["tier"]), one["source"] or "—") for one in self.found["lines"]],
            (2,),
        )  # fmt: skip
        yield self.heading("factors", 3)
        yield self.table(
            ("factor", "value", "place", "kind", "why"),
            [(f"[{one['number']}] {self.named(one)}", f"{one['value_text']} {one['unit']}",
              self.where(one),
              self.kind(one), self.reasons(one))
             for one in self.found["factors"]],
        )  # fmt: skip
        yield self.heading("electricity", 3)
        yield from electricity_blocks(self)
        yield self.heading("conversions", 3)
        yield self.table(("line", self.with_unit("value", self.unit), "trail"), list(calculated(self)), (1,))

    def where(self, factor: Mapping[str, Any]) -> str:
        told = (factor["region"] and self.place(factor["region"]), factor["reference_year"])
        return ("，" if self.lang == "zh" else ", ").join(str(one) for one in told if one) or "—"

    def kind(self, factor: Mapping[str, Any]) -> str:
        told = (self.word("own") if factor["own"] else "",
                _tiers().get(str(factor["tier"]), {}).get(f"title_{self.lang}") or "")  # fmt: skip
        return ("，" if self.lang == "zh" else ", ").join(filter(None, told)) or "—"

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
        found, per = self.found, self.unit
        yield self.heading("interpretation")
        yield Block("note", self.word("of_main", way=self.value(found["method"])))
        yield self.heading("contributions", 3)
        for name, section in (("stages", "stages"), ("contributions", "")):
            yield self.table(
                ("stage" if section else "line", self.with_unit("value", per), "share", "variance"),
                [(self.value(one["name"], "stages") if section else self.names[one["name"]],
                  f"{one['value']:.5g}", percent(one["share"]), percent(one["variance_share"]))
                 for one in found[name]],
                (1, 2, 3),
            )  # fmt: skip
        yield from self.pictures(per)
        yield self.heading("sensitivity", 3)
        yield self.table(
            ("input", "name", "variance", self.with_unit("swing", per)),
            [(self.value(one["kind"]), one[f"name_{self.lang}"], percent(one["total"]),
              ends(one["low"], one["high"])) for one in found["sensitivity"]],
            (2,),
        )  # fmt: skip
        swings = [
            Influence(self.label(one), one["low"], one["high"], printed=ends(one["low"], one["high"]))
            for one in found["sensitivity"]
        ]
        if swings:
            words = self.word("tornado")
            svg = tornado_plot(swings, base=found["result"]["value"], lang=self.lang, unit=per, title=words)
            yield Block("picture", self.with_unit("tornado", per), svg=svg)
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
            Interval(
                self.value(way),
                one["value"],
                one["low95"],
                one["high95"],
                "derived",
                f"{one['value']:.5g}",
                printed_ends=ends(one["low95"], one["high95"]),
            )
            for way, one in self.found["results"].items()
        ]
        words = self.word("ways_plot")
        svg = interval_plot(rows, lang=self.lang, unit=per, title=words)
        yield Block("picture", self.with_unit("ways_plot", per), svg=svg)

    def quality(self) -> Iterator[Block]:
        quality = self.found["quality"]
        yield self.heading("quality", 3)
        yield self.table(("criterion", "score"), [(name, f"{quality[key]:.2f}") for name, key in SCORES], (1,))
        yield Block("note", self.word("quality_note", primary=percent(quality["primary_activity"], 0),
                                      both=percent(quality["primary_both"], 0)))  # fmt: skip


def trial_blocks(found: Mapping[str, Any], lang: str) -> list[Block]:
    """Return the report of a usable trial footprint, in `lang`: the first block is its title."""
    return list(_Writer(found, lang).blocks())

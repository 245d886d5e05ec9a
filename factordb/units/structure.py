"""From words to a fraction: which units stand above the line, which below, and what they are amounts of."""

from dataclasses import dataclass, field, replace

from factordb.units.scan import HOLDERS, Token, Trouble
from factordb.units.tables import BasisWord, Entry, Scale, Substance, UnitWord, lexicon

_RAISED_LENGTHS = {
    ("m", 2): "m2",
    ("m", 3): "m3",
    ("km", 2): "km2",
    ("cm", 2): "cm2",
    ("cm", 3): "cm3",
    ("ft", 3): "ft3",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One unit of the fraction: above the line when `power` > 0."""

    unit: UnitWord
    power: int
    substance: Substance | None = None
    constituent: Substance | None = None
    basis: str = ""


@dataclass(slots=True)
class Fraction10:
    """A fraction of units as written: terms, powers of ten above and below, notes of the publisher."""

    terms: list[Term] = field(default_factory=list)
    above: int = 0
    below: int = 0
    notes: list[str] = field(default_factory=list)


def read_structure(tokens: list[Token], plain: str) -> Fraction10 | Trouble:
    """Return the fraction written by `tokens`, or what stopped the reading."""
    reader = _Reader(tokens, plain)
    fraction = reader.quotient()
    if isinstance(fraction, Trouble):
        return fraction
    if reader.place != len(tokens):
        return Trouble("UNI105", plain)
    return fraction


class _Reader:
    """Recursive descent over the tokens: quotient = product { "/" product }."""

    def __init__(self, tokens: list[Token], plain: str) -> None:
        self.tokens = tokens
        self.plain = plain
        self.place = 0

    def _peek(self, ahead: int = 0) -> Token | None:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def quotient(self) -> Fraction10 | Trouble:
        whole = Fraction10()
        below = False
        while True:
            product = _Product(below=below)
            trouble = self._product(product) or product.trouble(self.plain)
            if trouble is not None:
                return trouble
            product.add_to(whole)
            token = self._peek()
            if token is None or token.kind != "slash":
                return whole
            self.place += 1
            below = True

    def _product(self, product: "_Product") -> Trouble | None:
        while (token := self._peek()) is not None and token.kind not in ("slash", "close"):
            self.place += 1
            trouble = self._bracket(product) if token.kind == "open" else self._take(product, token)
            if trouble is not None:
                return trouble
        return None

    def _take(self, product: "_Product", token: Token) -> Trouble | None:
        if token.kind == "of":
            return self._of(product)
        taken = product.sign(token) if token.entry is None else product.word(token.entry, token.power)
        if taken:
            return None
        misplaced_gas = isinstance(token.entry, Substance) and token.power == 1
        return Trouble("UNI106", token.text) if misplaced_gas else Trouble("UNI105", self.plain)

    def _of(self, product: "_Product") -> Trouble | None:
        token = self._peek()
        if token is None or not isinstance(token.entry, Substance):
            return Trouble("UNI105", self.plain)
        self.place += 1
        return None if product.constituent(token.entry) else Trouble("UNI106", token.text)

    def _bracket(self, product: "_Product") -> Trouble | None:
        """Read what stands in brackets: a basis, a substance, or a fraction of its own."""
        token, after = self._peek(), self._peek(1)
        single = token is not None and after is not None and after.kind == "close"
        if token is not None and single and isinstance(token.entry, BasisWord | Substance):
            self.place += 2
            return self._take(product, token)
        inner = self.quotient()
        if isinstance(inner, Trouble):
            return inner
        closing = self._peek()
        if closing is None or closing.kind != "close":
            return Trouble("UNI103", self.plain)
        self.place += 1
        return None if product.insert(inner, closing.power) else Trouble("UNI105", self.plain)


class _Product:
    """Units that stand side by side, above or below one line."""

    def __init__(self, *, below: bool) -> None:
        self.below = below
        self.terms: list[Term] = []
        self.inserted: list[Term] = []
        self.inner_above = 0
        self.inner_below = 0
        self.power = 0
        self.notes: list[str] = []
        self.loose = False
        self._figures = False
        self._joined = True
        self._waiting = False

    def sign(self, token: Token) -> bool:
        """Take a figure or a sign of multiplication; tell whether it may stand here."""
        if token.kind == "number":
            return self.scale(token.power)
        self._joined = True
        return token.kind == "dot" and bool(self.terms or self.inserted or self._figures)

    def word(self, entry: Entry, power: int) -> bool:
        """Take a word with its exponent; tell whether it may stand here."""
        if isinstance(entry, UnitWord):
            return self.unit(entry, power)
        if power != 1:
            return False
        if isinstance(entry, Scale):
            return self.scale(entry.power)
        if isinstance(entry, BasisWord):
            return self.basis(entry.basis)
        return isinstance(entry, Substance) and self.substance(entry)

    def scale(self, power: int) -> bool:
        """Take a power of ten; it must stand before its unit."""
        if self.terms or self.inserted:
            return False
        self.power += power
        self._figures = True
        return True

    def unit(self, unit: UnitWord, power: int) -> bool:
        if power < 0 and self.below:
            return False  # "kg/ha-1": twice below the line, or once?
        if self.terms and not self._joined and power > 0:
            self.loose = True
        raised = _RAISED_LENGTHS.get((unit.symbol, abs(power)))
        if raised is not None:
            entry = lexicon().exact[raised]
            unit = entry if isinstance(entry, UnitWord) else unit
        elif abs(power) != 1:
            return False
        sign = -1 if (power < 0) != self.below else 1
        self.terms.append(Term(unit, sign, basis=unit.basis))
        self._joined = False
        return True

    def substance(self, substance: Substance) -> bool:
        if not self.terms or self.terms[-1].substance is not None or self.terms[-1].unit.dimension not in HOLDERS:
            return False
        self.terms[-1] = replace(self.terms[-1], substance=substance)
        return True

    def constituent(self, substance: Substance) -> bool:
        """Take the word after "of": the substance itself, or the gas whose share a CO2e mass is."""
        if not self.terms:
            return False
        last = self.terms[-1]
        if last.substance is None:
            return self.substance(substance)
        if last.substance.name != "CO2e" or last.constituent is not None or substance.role != "gas":
            return False
        self.terms[-1] = replace(last, constituent=substance)
        return True

    def basis(self, basis: str) -> bool:
        if basis.startswith("note:"):
            self.notes.append(basis.removeprefix("note:"))
            return True
        if not self.terms or self.terms[-1].basis not in ("", basis):
            return False
        self.terms[-1] = replace(self.terms[-1], basis=basis)
        return True

    def insert(self, inner: Fraction10, power: int) -> bool:
        """Take a bracketed fraction; below the line, or to the power -1, it is turned over."""
        if power not in (1, -1) or (power < 0 and self.below):
            return False
        below = self.below or power < 0
        flip = -1 if below else 1
        self.inserted.extend(replace(term, power=term.power * flip) for term in inner.terms)
        self.inner_above += inner.below if below else inner.above
        self.inner_below += inner.above if below else inner.below
        self.notes.extend(inner.notes)
        self._joined = False
        return True

    def trouble(self, plain: str) -> Trouble | None:
        if not (self.terms or self.inserted or self._figures):
            return Trouble("UNI105", plain)
        return Trouble("UNI105", plain) if self.loose else None

    def add_to(self, whole: Fraction10) -> None:
        whole.terms.extend(self.terms + self.inserted)
        whole.above += self.inner_above + (0 if self.below else self.power)
        whole.below += self.inner_below + (self.power if self.below else 0)
        whole.notes.extend(self.notes)

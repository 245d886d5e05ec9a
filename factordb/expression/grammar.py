"""Reading an expression's text: a small grammar of its own, never `eval`.

    sum     = [+|-] product {(+|-) product}
    product = unary {(*|/) unary}
    unary   = [+|-] unary | power
    power   = atom [(^|**) unary]
    atom    = number | name | function ( sum ) | "(" sum ")"
            | sum ( sum {, sum} ) | mean ( sum {, sum} ) | mean ( sum : sum {, sum : sum} )

A unary minus binds more loosely than `*` and `^`: `-a ^ 2` is `-(a ^ 2)`. In a weighted mean each value
carries its weight after a colon, `mean(a: 3, b: 1)` = (3 a + b)/(3 + 1); a weight cannot slip to a
neighbour. `ln` is `log`. Full-width forms and × ÷ · − are read as their plain signs.
"""

import math
import re
import unicodedata
from typing import NamedTuple

from factordb.errors import UsageError
from factordb.expression.tree import FUNCTIONS, Call, Name, Node, Number, Power, add, multiply

# Bounds on hostile or runaway text: a linear inventory of several thousand terms passes.
MAX_CHARACTERS = 200_000
MAX_TOKENS = 60_000
MAX_DEPTH = 100

_ALIASES = {"ln": "log", "arctan": "atan"}
_WORDS = (*FUNCTIONS, *_ALIASES, "sum", "mean")
_SIGNS = str.maketrans({"×": "*", "÷": "/", "·": "*", "⋅": "*", "−": "-", "–": "-", "，": ",", "：": ":"})
# a² must not become the name a2
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|[-+*/^(),:])"
)


class ExpressionError(UsageError):
    """An expression's text cannot be read; names the character (counted from 1)."""

    def __init__(self, text: str, position: int, *, problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> None:
        shown = text if len(text) <= 80 else text[:77] + "…"  # noqa: PLR2004 - a line of a terminal
        super().__init__(
            problem=f"the expression {shown!r} cannot be read at character {position}: {problem}",
            remedy=remedy,
            problem_zh=f"表达式 {shown!r} 在第 {position} 个字符处无法识别：{problem_zh}",
            remedy_zh=remedy_zh,
        )
        self.text = text
        self.position = position


class Token(NamedTuple):
    """One word of the text: kind (number, name, sign, end), its characters, position from 0."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Return the tree of an expression's text.

    Raises:
        ExpressionError: the text is empty, too long, too deeply nested or not in the grammar; the sentence
            names the character and what to write instead.
    """
    return _Parser(text).whole()


def tokens_of(text: str) -> list[Token]:
    """Return the words of the text, the last one of kind "end"."""
    if len(text) > MAX_CHARACTERS:
        raise _fault(text, MAX_CHARACTERS, "too_long")
    for at, character in enumerate(text):
        if character in _SUPERSCRIPTS:
            raise _fault(text, at, "superscript")
    plain = _plain(text)
    found: list[Token] = []
    at = 0
    while at < len(plain):
        if plain[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(plain, at)
        if match is None:
            raise _fault(text, at, "character")
        found.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    if len(found) > MAX_TOKENS:
        raise _fault(text, found[MAX_TOKENS].at, "too_long")
    return [*found, Token("end", "", len(text))]


def _plain(text: str) -> str:
    """Return the text with compatibility forms opened, one character for one, so positions stay true."""
    out = []
    for character in text.translate(_SIGNS):
        wide = unicodedata.normalize("NFKC", character)
        out.append(wide if len(wide) == 1 else character)
    return "".join(out).translate(_SIGNS)


class _Parser:
    """Recursive descent over the words, counting its depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.next = 0
        self.depth = 0

    def whole(self) -> Node:
        if self.tokens[0].kind == "end":
            raise _fault(self.text, 0, "empty")
        node = self.sum()
        if self.tokens[self.next].kind != "end":
            raise self.fault("expected_sign")
        return node

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault("too_deep")
        terms = [(-1 if self.take("+", "-") == "-" else 1, self.product())]
        while sign := self.take("+", "-"):
            terms.append((-1 if sign == "-" else 1, self.product()))
        self.depth -= 1
        return add(terms)

    def product(self) -> Node:
        factors = [(1, self.unary())]
        while sign := self.take("*", "/"):
            factors.append((-1 if sign == "/" else 1, self.unary()))
        return multiply(factors)

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault("too_deep")
        if sign := self.take("+", "-"):
            node = add([(-1 if sign == "-" else 1, self.unary())])
        else:
            node = self.atom()
            if self.take("^", "**"):
                node = Power(node, self.unary())
        self.depth -= 1
        return node

    def atom(self) -> Node:
        token = self.tokens[self.next]
        if token.kind == "number":
            self.next += 1
            return self.number(token)
        if token.kind == "name":
            self.next += 1
            return self.named(token)
        if self.take("("):
            node = self.sum()
            self.close()
            return node
        raise self.fault("expected_value")

    def number(self, token: Token) -> Number:
        value = float(token.text)
        if not math.isfinite(value):
            raise _fault(self.text, token.at, "overflow")
        return Number(value)

    def named(self, token: Token) -> Node:
        word = token.text
        if not self.take("("):
            if word in _WORDS:
                raise _fault(self.text, token.at, "reserved", word)
            return Name(word)
        if word == "sum":
            node = add([(1, value) for value, _ in self.arguments(weights=False)])
        elif word == "mean":
            node = self.mean(token)
        elif (function := _ALIASES.get(word, word)) in FUNCTIONS:
            node = Call(function, self.sum())
        else:
            raise _fault(self.text, token.at, "function", word)
        self.close()
        return node

    def mean(self, token: Token) -> Node:
        pairs = self.arguments(weights=True)
        weights = [weight for _, weight in pairs if weight is not None]
        if not weights:
            total = add([(1, value) for value, _ in pairs])
            return multiply([(1, total), (-1, Number(float(len(pairs))))])
        if len(weights) < len(pairs):
            raise _fault(self.text, token.at, "weights")
        weighted = [(1, multiply([(1, weight), (1, value)])) for value, weight in pairs if weight is not None]
        return multiply([(1, add(weighted)), (-1, add([(1, weight) for weight in weights]))])

    def arguments(self, *, weights: bool) -> list[tuple[Node, Node | None]]:
        found: list[tuple[Node, Node | None]] = []
        while True:
            value = self.sum()
            found.append((value, self.sum() if weights and self.take(":") else None))
            if not self.take(","):
                return found

    def close(self) -> None:
        if not self.take(")"):
            raise self.fault("expected_bracket")

    def take(self, *signs: str) -> str:
        token = self.tokens[self.next]
        if token.kind == "sign" and token.text in signs:
            self.next += 1
            return token.text
        return ""

    def fault(self, kind: str) -> ExpressionError:
        token = self.tokens[self.next]
        return _fault(self.text, token.at, kind, token.text)


# kind of fault: problem, remedy, problem_zh, remedy_zh; {word} is what stands there
_FAULTS = {
    "empty": (
        "it is empty",
        "write a formula such as `activity * factor`",
        "内容为空",
        "请写出公式，例如 `活动量 * 因子`",
    ),
    "too_long": (
        f"it is longer than {MAX_CHARACTERS} characters or {MAX_TOKENS} words",
        "split it into named intermediate values",
        f"长度超过 {MAX_CHARACTERS} 个字符或 {MAX_TOKENS} 个词",
        "请拆分为若干有名称的中间量",
    ),
    "too_deep": (
        f"its brackets and signs are nested more than {MAX_DEPTH} deep",
        "take out brackets or name an intermediate value",
        f"括号与正负号嵌套超过 {MAX_DEPTH} 层",
        "请减少括号，或为中间量命名",
    ),
    "character": (
        "this character means nothing here",
        "use numbers, names and + - * / ^ ( ) , :",
        "该字符在此没有含义",
        "请只使用数字、名称和 + - * / ^ ( ) , :",
    ),
    "superscript": (
        "a superscript is not a power",
        "write `^2` for a square",
        "上标不能表示乘方",
        "平方请写作 `^2`",
    ),
    "expected_sign": (
        "{word!r} follows without an operator",
        "put * between factors; write decimals with a point",
        "{word!r} 前缺少运算符",
        "相乘请写 *；小数点请用“.”",
    ),
    "expected_value": (
        "a number, a name or a bracket is missing",
        "complete the formula here, or take out the operator before it",
        "此处缺少数字、名称或括号",
        "请在此补全公式，或删去前面的运算符",
    ),
    "expected_bracket": (
        "a closing bracket is missing",
        "write `)` here, or a comma between arguments of sum and mean",
        "缺少右括号",
        "请在此写 `)`;sum 与 mean 的各项之间用逗号分隔",
    ),
    "overflow": (
        "this number is too large for float64",
        "write it in a larger unit",
        "该数超出双精度浮点数范围",
        "请改用更大的单位",
    ),
    "reserved": (
        "{word!r} is the name of a function",
        "write its argument in brackets, or choose another name for the input",
        "{word!r} 是函数名",
        "请在括号内写出其参数，或为输入量另取名称",
    ),
    "function": (
        "there is no function called {word!r}",
        f"use one of {', '.join(FUNCTIONS)}, sum, mean; write * before a bracket to multiply",
        "没有名为 {word!r} 的函数",
        f"可用函数为 {'、'.join(FUNCTIONS)}、sum、mean；与括号相乘时请写 *",
    ),
    "weights": (
        "some values of this mean have a weight and some have none",
        "give every value its weight after a colon, `mean(a: 3, b: 1)`, or none",
        "该均值中部分数值有权重、部分没有",
        "请为每个数值在冒号后写明权重，如 `mean(a: 3, b: 1)`，或全部不写",
    ),
}


def _fault(text: str, at: int, kind: str, word: str = "") -> ExpressionError:
    problem, remedy, problem_zh, remedy_zh = (part.format(word=word) for part in _FAULTS[kind])
    return ExpressionError(text, at + 1, problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)

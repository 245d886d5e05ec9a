"""DDL and contract SQL from the model's SQLModel classes: the one contract, no dialect, no ORM.

Floats become DOUBLE: the dialect that writes FLOAT would store 0.5366 as 0.53659999 (stack.md 1.1).
"""

from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import sqlalchemy as sa
from annotated_types import Ge, Le, MinLen
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

_TYPES: dict[type, type[sa.types.TypeEngine[Any]]] = {
    str: sa.Text,
    float: sa.Double,
    int: sa.BigInteger,
    bool: sa.Boolean,
    date: sa.Date,
    datetime: sa.TIMESTAMP,
}


def _plain_type(annotation: Any) -> type:
    if get_origin(annotation) is UnionType or NoneType in get_args(annotation):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if not isinstance(annotation, type):
        raise TypeError(f"a field of the model is {annotation!r}, not a class")
    return annotation


def columns(model: type[SQLModel]) -> dict[str, type]:
    """Return field name -> Python type, without the optional part, in the model's order."""
    return {name: _plain_type(info.annotation) for name, info in model.model_fields.items()}


def create_table(model: type[SQLModel], name: str) -> str:
    """Return CREATE TABLE for `model`, in the SQL common to DuckDB 1.5 and 2.0; no keys, no indexes."""
    fields = []
    for field, kind in columns(model).items():
        sql_type = sa.Text if issubclass(kind, StrEnum) else _TYPES[kind]
        fields.append(sa.Column(field, sql_type, nullable=not model.model_fields[field].is_required()))
    table = sa.Table(name, sa.MetaData(), *fields)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's dialects have no types
    return str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))


def contract_violations(model: type[SQLModel], alias: str = "c") -> dict[str, str]:
    """Return field -> SQL condition that is true where a row breaks the model's own constraints.

    Vocabulary (StrEnum), required text, minimum length, ge and le are covered: the set-based twin of
    pydantic's validation of a single submission. Infinite and NaN numbers break the contract too.
    """
    rules: dict[str, str] = {}
    for field, kind in columns(model).items():
        info, column, broken = model.model_fields[field], f'{alias}."{field}"', []
        if info.is_required():
            broken.append(f"{column} IS NULL")
        if issubclass(kind, StrEnum):
            words = ", ".join(f"'{member.value}'" for member in kind)
            broken.append(f"{column} NOT IN ({words})")
        if kind is float:
            broken.append(f"NOT isfinite({column})")
        for constraint in info.metadata:
            if isinstance(constraint, Ge):
                broken.append(f"{column} < {constraint.ge}")
            elif isinstance(constraint, Le):
                broken.append(f"{column} > {constraint.le}")
            elif isinstance(constraint, MinLen):
                broken.append(f"length({column}) < {constraint.min_length}")
        if broken:
            rules[field] = " OR ".join(broken)
    return rules

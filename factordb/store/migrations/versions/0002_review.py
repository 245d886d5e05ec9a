"""People, cases and what was done to them, comments on fields, deadlines."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _when(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Create the tables of the reviewers' route."""
    op.create_table(
        "person",
        sa.Column("row_id", sa.Integer(), primary_key=True),
        *_texts("person_id", "name", "organisation", "roles", "kinds", "changed_by"),
        _when("changed_on"),
    )
    op.create_table(
        "review_case",
        sa.Column("case_id", sa.String(), primary_key=True),
        *_texts("candidate_id", "version_id", "factor_id", "batch_id", "submitter", "organisation"),
        sa.Column("predecessor", sa.String(), nullable=True),
        sa.Column("impact", sa.Float(), nullable=False),
        _when("opened_on"),
    )
    op.create_table(
        "case_act",
        sa.Column("case_id", sa.String(), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        *_texts("action", "person_id", "state", "shape", "content_hash", "rule_set"),
        sa.Column("base_release", sa.String(), nullable=True),
        *_texts("kind", "finding", "assignee", "reason", "findings"),
        _when("acted_on"),
    )
    op.create_table(
        "review_comment",
        sa.Column("comment_id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *_texts("field", "person_id", "comment"),
        _when("written_on"),
    )
    op.create_table(
        "case_deadline",
        sa.Column("row_id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_texts("set_by"),
        _when("set_on"),
    )
    for table, column in (
        ("person", "person_id"), ("review_case", "candidate_id"), ("review_case", "factor_id"),
        ("review_comment", "case_id"), ("case_deadline", "case_id"),
    ):  # fmt: skip
        op.create_index(f"ix_{table}_{column}", table, [column])

"""Batches, appraisals, decisions, releases, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the main job."""
    op.create_table(
        "batch",
        sa.Column("batch_id", sa.String(), primary_key=True),
        sa.Column("pipeline", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("inputs", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows_in", "rows_staged", "rows_refused", "records", "candidates", "refused")
        ),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("received_on", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "appraisal",
        sa.Column("appraisal_id", sa.String(), primary_key=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("rule_set", "scheme", "policy")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("seed", "candidates", "findings", "eligible")),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("finished_on", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("action", "appraisal_id", "items_sha256")),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.String(), nullable=False),
        sa.Column("base_release", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("actor", "mode", "reason")),
        sa.Column("decided_on", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "release",
        sa.Column("release_id", sa.String(), primary_key=True),
        sa.Column("base_release", sa.String(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("decision_id", "rule_set", "manifest_sha256", "content_hash")
        ),
        sa.Column("factors", sa.Integer(), nullable=False),
        sa.Column("built_on", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("event_id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("happened_on", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_event_kind", "event", ["kind"])
    op.create_index("ix_event_subject", "event", ["subject"])


def downgrade() -> None:
    """Drop the tables of the main job."""
    for table in ("event", "release", "decision", "appraisal", "batch"):
        op.drop_table(table)

"""What is kept of a catalogue that lives elsewhere: whose page is whose, what stands on them, who may ask when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bindings",
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("track_key", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("catalogue", "track_key", name="pk_bindings"),
        sa.ForeignKeyConstraint(["track_key"], ["tracks.key"], name="fk_bindings_track_key"),
        sa.UniqueConstraint("catalogue", "page_id", name="uq_bindings_catalogue"),
    )
    op.create_table(
        "seen_pages",
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("edited", sa.Double(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("catalogue", "page_id", name="pk_seen_pages"),
    )
    op.create_table(
        "page_names",
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("catalogue", "kind", "value", "page_id", name="pk_page_names"),
    )
    op.create_index("ix_page_names_catalogue", "page_names", ["catalogue", "page_id"])
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )
    op.create_table(
        "locks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_locks"),
    )
    op.create_table(
        "paces",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("service", name="pk_paces"),
    )


def downgrade() -> None:
    for table in ("paces", "locks", "marks", "page_names", "seen_pages", "bindings"):
        op.drop_table(table)

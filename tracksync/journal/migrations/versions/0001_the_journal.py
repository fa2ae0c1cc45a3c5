"""The journal as it was first made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _track_key(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return (
        sa.Column("track_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["track_key"], ["tracks.key"], name=f"fk_{table}_track_key"),
    )


def upgrade() -> None:
    op.create_table(
        "tracks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("playlist", sa.Text()),
        sa.Column("duration_s", sa.Double()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waiting_until", sa.Double()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_kind", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("error_action", sa.Text()),
        sa.Column("merged_into", sa.Text()),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", sa.Double()),
        sa.Column("lease_seconds", sa.Double()),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tracks"),
        sa.ForeignKeyConstraint(["merged_into"], ["tracks.key"], name="fk_tracks_merged_into"),
    )
    op.create_index("ix_tracks_state", "tracks", ["state"])
    op.create_index("ix_tracks_merged_into", "tracks", ["merged_into"])
    op.create_table(
        "identities",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *_track_key("identities"),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_identities"),
    )
    op.create_index("ix_identities_track_key", "identities", ["track_key"])
    op.create_table(
        "receipts",
        *_track_key("receipts"),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("written", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("track_key", "stage", name="pk_receipts"),
    )
    op.create_table(
        "stems",
        sa.Column("same_name", sa.Text(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        *_track_key("stems"),
        sa.PrimaryKeyConstraint("same_name", name="pk_stems"),
        sa.UniqueConstraint("track_key", name="uq_stems_track_key"),
    )
    op.create_table(
        "fingerprints",
        *_track_key("fingerprints"),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("track_key", name="pk_fingerprints"),
    )
    op.create_index("ix_fingerprints_duration_s", "fingerprints", ["duration_s"])
    op.create_table(
        "seen_files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("ctime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        *_track_key("seen_files"),
        sa.PrimaryKeyConstraint("path", name="pk_seen_files"),
    )
    op.create_index("ix_seen_files_track_key", "seen_files", ["track_key"])
    op.create_table(
        "pages",
        *_track_key("pages"),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("edited", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("track_key", name="pk_pages"),
        sa.UniqueConstraint("page_id", name="uq_pages_page_id"),
    )


def downgrade() -> None:
    for table in ("pages", "seen_files", "fingerprints", "stems", "receipts", "identities", "tracks"):
        op.drop_table(table)

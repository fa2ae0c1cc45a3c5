"""What lies on the volumes: folders and their audio files, and which of these were compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "volumes",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("mounts", sa.Text(), nullable=False),
        sa.Column("seen", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name="pk_volumes"),
    )
    op.create_table(
        "indexed_folders",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("volume", sa.Text(), nullable=False),
        sa.Column("relative", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("path_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("fingerprinted", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_indexed_folders"),
        sa.ForeignKeyConstraint(["volume"], ["volumes.identity"], name="fk_indexed_folders_volume"),
    )
    op.create_index("ix_indexed_folders_volume", "indexed_folders", ["volume"])
    op.create_index("ix_indexed_folders_path_key", "indexed_folders", ["path_key"])
    op.create_table(
        "indexed_files",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Double(), nullable=False),
        sa.Column("gone", sa.Double(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("isrc", sa.Text(), nullable=True),
        sa.Column("track_key", sa.Text(), nullable=True),
        sa.Column("audio_sha256", sa.Text(), nullable=True),
        sa.Column("song", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("place", name="pk_indexed_files"),
        sa.ForeignKeyConstraint(["folder"], ["indexed_folders.place"], name="fk_indexed_files_folder"),
    )
    for column in ("folder", "inode", "isrc", "track_key", "audio_sha256", "song"):
        op.create_index(f"ix_indexed_files_{column}", "indexed_files", [column])
    op.create_table(
        "compared",
        sa.Column("one", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other", name="pk_compared"),
    )


def downgrade() -> None:
    for table in ("compared", "indexed_files", "indexed_folders", "volumes"):
        op.drop_table(table)

"""What Alembic runs: the migrations, on the connection that `Journal.open` hands over.

The caller has begun the transaction, so a migration is done entirely or not at all, on SQLite too.
"""

from __future__ import annotations

from alembic import context

from tracksync.journal import _schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_schema.metadata,
    version_table=_schema.VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

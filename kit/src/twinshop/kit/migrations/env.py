"""Alembic's entry: run the revisions on the connection that `migrate` holds the lock on."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table=context.config.attributes["version_table"],
    transactional_ddl=True,  # SQLite can, though Alembic does not take it for granted
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

"""Run by Alembic, with what `rescind.store.migrating` hands over."""

from alembic import context

from rescind.store.migrating import context_options, target_metadata

connection = context.config.attributes["altering"].connection
context.configure(
    connection=connection, target_metadata=target_metadata(connection), **context_options(connection)
)
with context.begin_transaction():
    context.run_migrations()

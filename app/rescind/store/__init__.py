"""The database. The one layer that imports SQLAlchemy; `tenant_id` is in every statement."""

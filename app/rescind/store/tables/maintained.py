"""What is of the store as a whole: what workers agree on among themselves, and with which secret keys."""

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from rescind.store.base import Base
from rescind.store.columns import Identifier


class Duty(Base):
    """What one of all workers does at a time: which one, and until when nobody else takes it over.

    What is of no tenant in particular stands under tenant 0, which there is not.
    """

    __tablename__ = "duties"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "duty"),)

    tenant_id: Mapped[int]
    duty: Mapped[Identifier]
    worker: Mapped[str]
    ends_at: Mapped[int]


class SecretKeys(Base):
    """Digests of the secret keys that the servers of this store have, and of those that these replaced.

    One row, under tenant 0, which there is not.
    """

    __tablename__ = "secret_keys"
    __table_args__ = (PrimaryKeyConstraint("tenant_id"),)

    tenant_id: Mapped[int]
    known: Mapped[tuple[str, ...]]
    replaced: Mapped[tuple[str, ...]]

"""The root of the models: their schema, the names of their constraints, and what their types are."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from rescind.store.columns import Identifier, Identifiers, Words

SCHEMA = "rescind"
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of the models. Its metadata is ours alone, so that a host's `create_all` leaves it be."""

    metadata = MetaData(schema=SCHEMA, naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        bool: Boolean,
        bytes: LargeBinary,
        int: BigInteger,
        str: Text,
        Identifier: Identifiers,
        tuple[str, ...]: Words,
    }

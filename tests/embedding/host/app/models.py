"""The shop's own tables. One of them is named like a table of Rescind."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The root of the shop's models."""


db = SQLAlchemy(metadata=Base.metadata)


class Customer(Base):
    """Somebody who can sign in."""

    __tablename__ = "customers"

    name: Mapped[str] = mapped_column(primary_key=True)
    password: Mapped[str]


class Token(Base):
    """A token of the cloakroom."""

    __tablename__ = "tokens"

    number: Mapped[int] = mapped_column(primary_key=True)
    coat: Mapped[str]

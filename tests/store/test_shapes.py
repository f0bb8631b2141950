"""Rows become records by the names of their columns, whatever order these have."""

from dataclasses import dataclass

import pytest
from sqlalchemy import column, literal_column, select

from rescind.store.engine import Store
from rescind.store.shapes import Shape, parameters
from rescind.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Place:
    street: str
    number: int


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    home: Place
    age: int | None


PLACE = Shape(Place, prefix="place_", street=literal_column("'Main'"), number=literal_column("7"))
PERSON = Shape(Person, nested={"home": PLACE}, name=literal_column("'alice'"), age=literal_column("NULL"))


@pytest.mark.parametrize("turn", [1, -1], ids=["as declared", "turned round"])
def test_the_order_of_the_columns_does_not_matter(store: Store, turn: int) -> None:
    statement = Statement(select(*PERSON.columns[::turn]), PERSON)

    with store.reading() as tx:
        found = tx.first(statement)

    assert found == Person("alice", Place("Main", 7), None)


def test_a_column_that_is_missing_is_told_when_the_statement_is_compiled(store: Store) -> None:
    with store.reading() as tx, pytest.raises(ValueError, match="place_number"):
        tx.first(Statement(select(*PLACE.columns[:1]), PLACE))


def test_a_row_that_a_join_has_not_found_is_no_record() -> None:
    shape = Shape(Place, present="street", street=column("street"), number=column("number"))

    read = shape.reader(["number", "street"])

    assert (read((1, None)), read((1, "Main"))) == (None, Place("Main", 1))


def test_fields_are_parameters_by_their_names() -> None:
    assert parameters(Place("Main", 7), "new_") == {"new_street": "Main", "new_number": 7}

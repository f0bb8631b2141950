"""Every requirement that is due has a test that names it."""

import re
from pathlib import Path

# Rows of the requirements for the first release that this version has to hold, by section.
DUE = {
    "REV": range(1, 39),
    "CAS": range(1, 10),
    "ERR": range(1, 9),
    "AUT": range(1, 14),
    "JWA": range(1, 18),
    "INT": range(1, 13),
    "TOK": range(1, 13),
    "REF": (1, 2, 3, 4, 5, 6, 7, 8, 11),
    "COD": range(1, 10),
    "MET": range(1, 14),
    "OID": range(1, 9),
    "LGO": range(1, 5),
    "BCL": range(1, 3),
    "TEN": range(1, 11),
    "STO": range(1, 6),
    "COR": range(1, 7),
    "HYG": range(1, 10),
    "LOG": range(1, 4),
    "AZ": range(1, 19),
    "CIM": range(1, 8),
    "DEV": range(1, 4),
    "REG": range(1, 7),
    "RES": range(1, 4),
    "PRM": range(1, 3),
}
_MARK = re.compile(r"requirement\(\"([A-Z]+-[0-9]{2})\"\)")


def _marked() -> set[str]:
    sources = (path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
    return {row for source in sources for row in _MARK.findall(source)}


def test_every_due_row_has_a_test() -> None:
    due = {f"{section}-{number:02}" for section, numbers in DUE.items() for number in numbers}

    assert sorted(due - _marked()) == []


def test_no_test_names_a_row_that_nobody_listed() -> None:
    listed = {section for section in DUE} | {"FAULTS"}

    assert sorted(row for row in _marked() if row.split("-")[0] not in listed) == []

"""The tests themselves: none that can't fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
# What fails a test without being an `assert` of its own; beside these, whatever is named assert_….
FAILING = {"raises", "warns", "expect", "validate", "run_state_machine_as_test"}
TOO_WIDE = {"Exception", "BaseException"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    """Give every test, with where it stands."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, Function) and node.name.startswith("test_"):
                yield f"{path.relative_to(TESTS)}::{node.name}", node


def called(node: ast.AST) -> str:
    """Name the function of a call; nothing where it is none."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
    return ""


def can_fail(test: Function) -> bool:
    """Tell whether it asserts something, itself and not in what it sets up with."""
    return any(
        isinstance(node, ast.Assert) or called(node) in FAILING or called(node).startswith("assert_")
        for node in ast.walk(test)
    )


def is_too_wide(node: ast.AST) -> bool:
    """Tell whether it takes every exception there is for the one that was meant."""
    given = node.args if isinstance(node, ast.Call) and called(node) == "raises" else []
    return any(isinstance(each, ast.Name) and each.id in TOO_WIDE for each in given)


def test_every_test_asserts_something() -> None:
    found = list(functions())

    assert len(found) > 1000
    assert [where for where, test in found if not can_fail(test)] == []


def test_no_test_takes_every_exception_for_the_one_that_is_meant() -> None:
    assert [where for where, test in functions() if any(map(is_too_wide, ast.walk(test)))] == []


def test_one_that_only_calls_what_asserts_something_else_is_found() -> None:
    (module,) = ast.parse("def test_x():\n    measured = milliseconds()\n    print(measured)").body

    assert isinstance(module, Function)
    assert not can_fail(module)

"""The tests themselves: none that can't fail."""

import ast
import functools
from pathlib import Path

TESTS = Path(__file__).parent
# What fails a test without being an `assert` of its own; beside these, whatever is named assert_….
FAILING = {"raises", "warns", "expect", "validate", "run_state_machine_as_test"}
TOO_WIDE = {"Exception", "BaseException"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def functions() -> list[tuple[str, Function]]:
    """List every test, with where it stands: in a module, or in a class there."""
    parsed = {path: ast.parse(path.read_text()) for path in sorted(TESTS.rglob("test_*.py"))}
    return [
        (f"{path.relative_to(TESTS)}::{node.name}", node)
        for path, module in parsed.items()
        for node in (*module.body, *(inner for each in module.body for inner in body_of_class(each)))
        if isinstance(node, Function) and node.name.startswith("test_")
    ]


def body_of_class(node: ast.stmt) -> list[ast.stmt]:
    """Give what stands in a class; nothing where it is none."""
    return node.body if isinstance(node, ast.ClassDef) else []


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
    assert len(functions()) > 1000
    assert [where for where, test in functions() if not can_fail(test)] == []


def test_no_test_takes_every_exception_for_the_one_that_is_meant() -> None:
    assert [where for where, test in functions() if any(map(is_too_wide, ast.walk(test)))] == []


def test_one_that_only_calls_what_asserts_something_else_is_found() -> None:
    (module,) = ast.parse("def test_x():\n    measured = milliseconds()\n    print(measured)").body

    assert isinstance(module, Function)
    assert not can_fail(module)

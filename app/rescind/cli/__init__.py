"""The `rescind` command: what an operator does."""

from rescind.cli.main import main

__all__ = ["main"]

"""Fixtures: the client and the people at browsers that the tests of the pages have."""

from tests.web.pages.conftest import alice, alices, browser, client, mallorys, new_browser

__all__ = ["alice", "alices", "browser", "client", "mallorys", "new_browser"]

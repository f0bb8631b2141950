"""The faults that `tests/mutants.py` plants, each with the tests that have to notice it.

Those in what people and browsers use stand in `tests/mutations_of_people.py`, those in logouts in
`tests/mutations_of_logouts.py`.
"""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = "app/rescind"
REVOKE = "tests/protocol/test_rfc7009_revocation.py"
CASCADE = "tests/protocol/test_rfc7009_cascade.py"
UNAVAILABLE = "tests/protocol/test_rfc7009_unavailable.py"
INTROSPECT = "tests/protocol/test_rfc7662_introspection.py"
REUSE = "tests/protocol/test_rfc9700_refresh_reuse.py"
REPLAY = "tests/protocol/test_rfc6749_code_replay.py"


@dataclass(frozen=True)
class Mutation:
    """One fault.

    Attributes:
        changes: for each place the file, the text that stands there just once, and what stands there instead.
        tests: pytest node ids, those nearest to the fault. They are run first; whichever other test of their
            folders fails by an assertion is as good.
        stores: the kinds of store on which it must be found, where that is not both for a fault in the store
            and SQLite for any other.
    """

    name: str
    changes: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]
    stores: tuple[str, ...] = ()

    @property
    def backends(self) -> tuple[str, ...]:
        """The kinds of store on which it must be found."""
        is_in_store = any(path.startswith((f"{PACKAGE}/store/", "migrations/")) for path, *_ in self.changes)
        return self.stores or (("sqlite", "postgresql") if is_in_store else ("sqlite",))

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of its tests; of one that stands beside the folders, the file."""
        files = [Path(test.partition("::")[0]) for test in self.tests]
        places = (file if file.parent == Path("tests") else file.parent for file in files)
        return tuple(dict.fromkeys(map(str, places)))

    def misfit(self, root: Path) -> str:
        """Tell why it can't be planted in a tree; nothing where it can."""
        for path, old, _ in self.changes:
            if not (root / path).exists():
                return f"{path} is not there"
            times = (root / path).read_text(encoding="utf-8").count(old)
            if times != 1:
                return f"{path} has {times} times: {old}"
        return ""

    @property
    def is_in_migrations(self) -> bool:
        """Whether a store that is made with it differs from others."""
        places = ("migrations/", f"{PACKAGE}/store/tables/", f"{PACKAGE}/store/migrating.py")
        return any(path.startswith(places) for path, *_ in self.changes)


def within(module: str, old: str, new: str) -> tuple[str, str, str]:
    """Change a module of the package."""
    return f"{PACKAGE}/{module}.py", old, new


MUTATIONS = (
    Mutation(
        "revoke does nothing",
        (within("protocol/rfc7009_revocation", "revoke_found(self.server", "(lambda *_: None)(self.server"),),
        (f"{REVOKE}::test_s2_a_revoked_access_token_is_dead_at_once",),
    ),
    Mutation(
        "the hint is trusted",
        (
            within(
                "protocol/rfc7009_revocation",
                "return tokens.find(self.server.authority, token_string)",
                "found = tokens.find(self.server.authority, token_string)\n"
                "        hinted = found and token_type_hint in (None, f'{found.record.kind}_token')\n"
                "        return found if hinted else None",
            ),
        ),
        ("tests/protocol/test_rfc7009_parameters.py::test_s2_1_a_hint_never_keeps_a_token_alive",),
    ),
    Mutation(
        "the commit is skipped",
        (
            within(
                "store/engine",
                'taken.tx.send("COMMIT")',
                # What the test sets up is several statements, and is let through.
                'taken.tx.send("ROLLBACK" if is_one_write else "COMMIT")',
            ),
        ),
        (f"{INTROSPECT}::test_s2_2_an_active_access_token_is_described",),
        # One statement commits by itself on PostgreSQL.
        stores=("sqlite",),
    ),
    Mutation(
        "the tenant is dropped from a statement",
        (
            within(
                "store/activity",
                "and_(tokens.c.tenant_id == TENANT_ID, tokens.c.digest == DIGEST)",
                "and_(tokens.c.digest == DIGEST)",
            ),
        ),
        (f"{REVOKE}::test_s2_a_revoked_access_token_is_dead_at_once",),
    ),
    Mutation(
        "the owner is not checked",
        (within("protocol/tokens", "return self.record.grant.client_id == client.client_id", "return True"),),
        (f"{REVOKE}::test_s2_1_a_client_cannot_revoke_the_token_of_another",),
    ),
    Mutation(
        "an error of the store is answered 200",
        (
            within(
                "web/wire/replies",
                'return json_reply(503, body, [("Retry-After", str(RETRY_AFTER_SECONDS',
                'return json_reply(200, body, [("Retry-After", str(RETRY_AFTER_SECONDS',
            ),
        ),
        (UNAVAILABLE,),
    ),
    Mutation(
        "the epoch of the subject is not compared",
        (
            within(
                "store/activity",
                "authorization.c.subject_epoch != _subject_epoch",
                "authorization.c.subject_epoch < 0",
            ),
        ),
        (
            "tests/protocol/test_bulk_revocation.py::test_a_bulk_revocation_ends_what_it_names_and_nothing_else",
        ),
    ),
    Mutation(
        "the epoch of the client is not compared",
        (
            within(
                "store/activity",
                "authorization.c.client_epoch != clients.c.epoch",
                "authorization.c.client_epoch < 0",
            ),
        ),
        (
            "tests/protocol/test_bulk_revocation.py::test_a_bulk_revocation_ends_what_it_names_and_nothing_else",
        ),
    ),
    Mutation(
        "the answer goes out before the commit",
        (
            within(
                "protocol/rfc7009_revocation",
                "revoke_found(self.server.authority, request.tenant, token.record, cause)",
                "work = (self.server.authority, request.tenant, token.record, cause)\n"
                "        __import__('threading').Timer(0.3, revoke_found, work).start()",
            ),
        ),
        (f"{REVOKE}::test_s2_a_revoked_access_token_is_dead_at_once",),
    ),
    Mutation(
        "what follows is written though nothing was decided",
        (
            within("store/transactions", "        if record is not None:\n", "        if True:\n"),
            within("store/writes", "each(has_decided, postgresql.insert)", "each(true(), postgresql.insert)"),
        ),
        (
            f"{REPLAY}::test_s4_1_2_of_those_at_once_one_is_answered_and_nothing_lives",
            "tests/web/test_audit_records.py::test_of_eight_revocations_at_once_one_is_recorded",
        ),
    ),
    Mutation(
        "a code can be used twice",
        (
            within(
                "store/codes",
                "        codes.c.redeemed_at.is_(None),\n        codes.c.expires_at > NOW,\n",
                "        codes.c.expires_at > NOW,\n",
            ),
            within("domain/tokens/codes", "    if code.redeemed_at is None:\n", "    if True:\n"),
        ),
        (f"{REPLAY}::test_s4_1_2_a_code_that_comes_back_ends_its_grant",),
    ),
    Mutation(
        "the verifier is not checked",
        (within("domain/tokens/codes", "and pkce.matches(shown.code_verifier, code.code_challenge)", ""),),
        ("tests/protocol/test_rfc7636_pkce.py::test_s4_6_another_verifier_is_refused_and_uses_nothing_up",),
    ),
    Mutation(
        "the grace time beats a dead grant",
        (
            within(
                "domain/tokens/refreshing",
                "if token.rotated_at is None or not token.grant.is_active:",
                "if token.rotated_at is None:",
            ),
            within("domain/tokens/refreshing", "if successor.is_active:", "if True:"),
            within("domain/tokens/refreshing", " or not access_token.is_active or ", " or "),
        ),
        (f"{REUSE}::test_s4_14_2_a_revocation_ends_the_grace",),
    ),
    Mutation(
        "reuse is refused and the grant lives on",
        (
            within(
                "domain/tokens/reuse",
                "    revoke(authority, selectors.Grant(tenant.name, grant.id), cause)\n",
                "",
            ),
        ),
        (f"{REUSE}::test_s4_14_2_after_the_grace_reuse_ends_the_grant",),
    ),
    Mutation(
        "an access token is revoked without its grant",
        (
            within(
                "domain/revoking/targets",
                'if token.kind == "access" and token.ends_alone:',
                'if token.kind == "access":',
            ),
        ),
        (f"{CASCADE}::test_s2_1_an_access_token_takes_its_grant_along",),
    ),
    Mutation(
        "an assertion can be used twice",
        (within("store/assertions", "**values) is not None", "**values) is not store"),),
        (
            "tests/protocol/test_rfc7523_reuse.py::test_s3_an_assertion_is_refused_the_second_time_at_any_endpoint",
        ),
    ),
    Mutation(
        "a disabled tenant is served",
        (
            within(
                "store/admission",
                "tenants.c.name == NAME, tenants.c.disabled_at.is_(None))",
                "tenants.c.name == NAME)",
            ),
        ),
        ("tests/web/endpoints/test_tenancy.py::test_a_disabled_tenant_looks_like_an_unknown_one",),
    ),
    Mutation(
        "no event is recorded",
        (
            within(
                "store/events",
                "        revocations,\n        condition,",
                "        revocations,\n        condition & (NOW < 0),",
            ),
        ),
        ("tests/web/test_audit_records.py",),
    ),
)

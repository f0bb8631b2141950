"""Faults in the ground that all stands on: statements, rows, writes, clocks, and tokens without rows."""

from tests.mutations import REUSE, Mutation, within

REFRESH_TOKENS = "tests/domain/tokens/test_refresh_tokens.py"

MUTATIONS_OF_GROUND = (
    Mutation(
        "rows are read by position",
        (
            within(
                "store/shapes",
                "at = [names.index(self._prefix + name) for name in self._fields]",
                "at = list(range(len(self._fields)))",
            ),
        ),
        ("tests/store/test_shapes.py",),
    ),
    Mutation(
        "a refresh token is replaced whichever is good now",
        (within("store/rotations", "        grants.c.refresh_digest == DIGEST,\n", ""),),
        (REUSE,),
    ),
    Mutation(
        "a refresh token of long ago is unknown",
        (within("store/activity", "is_current, is_previous, is_older)", "is_current, is_previous)"),),
        (f"{REFRESH_TOKENS}::test_a_token_of_long_ago_that_comes_back_ends_the_grant",),
    ),
    Mutation(
        "the mark of a refresh token is not looked at",
        (within("domain/refresh_tokens", "generation if is_ours else None", "generation"),),
        (f"{REFRESH_TOKENS}::test_a_forged_older_token_ends_nothing",),
    ),
    Mutation(
        "the one before is as good as the one that is good now",
        (
            within(
                "store/activity",
                "grants.c.refresh_digest.is_distinct_from(DIGEST))",
                "grants.c.refresh_digest.is_distinct_from(DIGEST), ~is_previous)",
            ),
        ),
        ("tests/protocol/test_rfc7662_introspection.py", REUSE),
    ),
    Mutation(
        "the grace never ends",
        (
            within(
                "domain/tokens/refreshing",
                "token.read_at < token.rotated_at +",
                "token.rotated_at < token.rotated_at +",
            ),
        ),
        (REUSE,),
    ),
    Mutation(
        "an id is believed whatever tenant it is by now",
        (within("store/admission", "tenants.c.name == NAME, ", ""),),
        ("tests/store/test_tenant_ids.py",),
    ),
    Mutation(
        "a request asks twice",
        (within("protocol/tokens", "is_known = token == received.shown_token", "is_known = False"),),
        ("tests/web/endpoints/test_round_trips.py",),
    ),
    Mutation(
        "the end of a session that grants outlive is forgotten with its row",
        (within("store/codes", "        *([granting.outlived] if outlives_session else []),\n", ""),),
        ("tests/domain/test_purging_answers.py::test_what_is_said_before_a_purge_is_said_behind_it",),
    ),
)

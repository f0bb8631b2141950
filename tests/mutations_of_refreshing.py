"""Faults in how refresh tokens are handled by client and by tenant."""

from tests.mutations import Mutation, within

POLICIES = "tests/protocol/test_refresh_policies.py"
KEPT = "tests/protocol/test_refresh_without_rotation.py"
EXPIRATION = "tests/protocol/test_refresh_expiration.py"
INDICATORS = "tests/protocol/test_rfc8707_resource_indicators.py"
AGENTS = f"{POLICIES}::test_an_agents_parallel_sessions_all_stay_signed_in"

MUTATIONS_OF_REFRESHING = (
    Mutation(
        "what a client's grace is set to is not asked",
        (within("domain/registry/refresh_policies", "_first(client.refresh_grace_seconds, ", "_first("),),
        (AGENTS,),
    ),
    Mutation(
        "a client that brought itself has the grace of any other",
        (
            within(
                "domain/registry/refresh_policies", 'of_tenant["refresh_grace_seconds"], brought)', "*[None])"
            ),
        ),
        (AGENTS,),
    ),
    Mutation(
        "a token that siblings share is replaced within the grace",
        (
            within(
                "domain/registry/refresh_policies", "is_shared=grace_seconds is not None", "is_shared=False"
            ),
        ),
        (f"{POLICIES}::test_a_siblings_use_of_the_successor_does_not_end_the_grace",),
    ),
    Mutation(
        "a token that siblings share is never replaced again",
        (
            within(
                "domain/tokens/refreshing",
                "token.read_at < token.issued_at + self.policy.grace_seconds",
                "True",
            ),
        ),
        (
            f"{POLICIES}::test_at_the_end_of_the_grace_the_token_is_replaced_and_the_one_before_ends_the_grant",
        ),
    ),
    Mutation(
        "an access token that has expired is given once more",
        (within("domain/tokens/refreshing", " or not access_token.is_active or ", " or "),),
        (f"{POLICIES}::test_where_the_access_token_is_of_no_use_any_more_there_is_a_new_one",),
    ),
    Mutation(
        "a client gets by a retry what it may not have any more",
        (
            within(
                "domain/tokens/refreshing",
                "self._renew(pair.refresh_token, successor, asked)",
                "self._renew(pair.refresh_token, successor, Asked(successor.scope))",
            ),
        ),
        (f"{POLICIES}::test_where_the_access_token_is_of_no_use_any_more_there_is_a_new_one",),
    ),
    Mutation(
        "a retry for something else gets what was given",
        (within("domain/tokens/refreshing", "not asked.is_met_by(access_token)", "False"),),
        (f"{INDICATORS}::test_s2_2_who_refreshes_once_more_within_the_grace_gets_what_it_asks_for_then",),
    ),
    Mutation(
        "who came in time is late where a sibling was faster",
        (
            within(
                "domain/tokens/refreshing",
                "if self.policy.is_shared and successor.",
                "if False and successor.",
            ),
        ),
        (f"{POLICIES}::test_one_who_came_in_time_is_not_late_where_a_sibling_replaces_the_token_meanwhile",),
    ),
    Mutation(
        "a reuse that is refused is not written down",
        (within("domain/tokens/reuse", "    refusals.note(", "    (lambda *_: None)("),),
        (f"{POLICIES}::test_a_reuse_that_is_refused_is_written_down_once_an_hour_and_ends_nothing",),
    ),
    Mutation(
        "each reuse that is refused is written down",
        (
            within(
                "store/refusals",
                "        func.coalesce(grants.c.reuse_refused_at, 0) <= NOW - NOTED_EVERY_SECONDS,\n",
                "",
            ),
        ),
        (f"{POLICIES}::test_a_reuse_that_is_refused_is_written_down_once_an_hour_and_ends_nothing",),
    ),
    Mutation(
        "a reuse that is to be refused ends the grant",
        (within("domain/tokens/reuse", "if policy.on_reuse == REFUSE:", "if False:"),),
        (f"{POLICIES}::test_a_reuse_that_is_refused_is_written_down_once_an_hour_and_ends_nothing",),
    ),
    Mutation(
        "a token that is to be kept is replaced",
        (within("domain/tokens/refreshing", "if not self.policy.is_rotating:", "if False:"),),
        (f"{KEPT}::test_each_use_gives_a_new_access_token_and_the_same_refresh_token",),
    ),
    Mutation(
        "clients without keys keep their tokens where their tenant says so",
        (within("domain/registry/refresh_policies", " or client.auth_method != PRIVATE_KEY_JWT", ""),),
        (f"{KEPT}::test_what_a_tenant_sets_is_for_its_clients_with_keys_alone",),
    ),
    Mutation(
        "a client without keys is set to keep its token",
        (within("domain/registry/registration", 'if values["is_rotating"] is False and', "if False and"),),
        (f"{KEPT}::test_a_client_without_a_key_can_not_keep_its_token",),
    ),
    Mutation(
        "a token that is kept is not seen to be used",
        (within("store/rotations", "_OF_GRANT.values(renewed_at=NOW)", "_OF_GRANT.values(renewed_at=None)"),),
        (f"{KEPT}::test_each_use_gives_a_new_access_token_and_the_same_refresh_token",),
    ),
    Mutation(
        "a session's end is not said of the refresh token that goes with it",
        (
            within(
                "domain/tokens/redeeming",
                "authorization_seconds=min(seconds, left)",
                "authorization_seconds=seconds",
            ),
        ),
        (f"{EXPIRATION}::test_a_grant_ends_with_its_session_where_that_is_over_before",),
    ),
    Mutation(
        "a session's end is not said of what is refreshed in it",
        (
            within(
                "store/grants", "left_seconds=grant_ends_at - NOW", "left_seconds=grants.c.expires_at - NOW"
            ),
        ),
        (f"{EXPIRATION}::test_a_grant_ends_with_its_session_where_that_is_over_before",),
    ),
)

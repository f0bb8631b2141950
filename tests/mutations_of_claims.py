"""Faults in what is told of people, to clients and to themselves."""

from tests.mutations import Mutation, within

CLAIMS = "tests/protocol/test_claims.py"
CONSENT = "tests/web/pages/test_consent.py"
HOSTS = "tests/web/endpoints/test_host_claims.py"

MUTATIONS_OF_CLAIMS = (
    Mutation(
        "every scope releases all that is known of a person",
        (
            within(
                "domain/people/claims",
                "for name in found if _RELEASED_BY.get(name, PROFILE) in scope}",
                "for name in found}",
            ),
        ),
        (f"{CLAIMS}::test_s5_4_a_scope_releases_its_claims_at_userinfo_and_in_id_tokens",),
    ),
    Mutation(
        "a host may say what a token says of itself",
        (within("domain/people/claims", "        if name in _RESERVED:", "        if name == 'exp':"),),
        (f"{HOSTS}::test_where_that_fails_nothing_is_told_and_the_log_has_no_content",),
    ),
    Mutation(
        "an app that nobody has verified looks like one that an operator registered",
        (within("web/pages/publishers", "is_verified = client.provenance is None", "is_verified = True"),),
        (f"{CONSENT}::test_of_an_app_that_nobody_has_registered_it_says_so_and_shows_no_logo",),
    ),
    Mutation(
        "a page may show pictures from anywhere",
        (within("web/pages/rendering", "    sources = [SELF]", '    sources = [SELF, "https:"]'),),
        (f"{CONSENT}::test_it_says_whose_app_it_is_with_its_logo_and_lets_nothing_else_be_shown",),
    ),
    Mutation(
        "a sign-in with the old password outlives a new one",
        (
            within(
                "domain/people/sign_in",
                "        _end_if_changed(authority, tenant, user.username, sid, password, known)\n",
                "",
            ),
        ),
        ("tests/domain/people/test_own_password.py::test_no_session_begins_with_an_old_password",),
    ),
    Mutation(
        "a new password leaves the other sessions",
        (within("domain/people/own_password", "if each.sid != session.sid]", "if not each.sid]"),),
        ("tests/web/pages/test_own_password.py::test_it_ends_the_other_sessions_and_what_was_given_in_them",),
    ),
    Mutation(
        "a session is seen at every request",
        (within("domain/people/sessions", "SEEN_EVERY_SECONDS = 300", "SEEN_EVERY_SECONDS = 1"),),
        ("tests/web/pages/test_sessions_known.py::test_a_session_is_seen_once_in_some_minutes",),
    ),
    Mutation(
        "a new address is taken for verified",
        (
            within(
                "domain/people/users",
                'unverified = {"is_email_verified": None} if is_new else {}',
                "unverified: dict[str, None] = {}",
            ),
        ),
        (f"{CLAIMS}::test_an_address_that_changes_ends_nothing_and_is_not_verified",),
    ),
)

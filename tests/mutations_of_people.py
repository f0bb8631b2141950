"""Faults in what people and browsers use: sign-in, consent, sessions, logout, and the pages that may ask."""

from tests.mutations import Mutation, within

LOGOUT = "tests/web/pages/test_logout.py"

MUTATIONS_OF_PEOPLE = (
    Mutation(
        "the signature of an ID token is not checked",
        (
            within(
                "protocol/openid_connect_core",
                "        read = jwt.decode(token, known, algorithms=[keys.ALGORITHM])",
                "        from base64 import urlsafe_b64decode\n"
                "        from json import loads\n"
                "        from types import SimpleNamespace\n"
                "        parts = [loads(urlsafe_b64decode(part + '==')) for part in token.split('.')[:2]]\n"
                "        read = SimpleNamespace(header=parts[0], claims=parts[1])",
            ),
        ),
        (
            "tests/web/pages/test_logout_no_way_back.py"
            "::test_s4_by_an_id_token_that_is_none_of_the_tenant_the_person_is_asked_and_signed_out_here",
        ),
    ),
    Mutation(
        "a logout ends no session",
        (within("web/pages/logout", "logout.end_session(", "(lambda *_, **__: None)("),),
        (f"{LOGOUT}::test_s2_an_id_token_of_this_session_signs_out_at_once_and_leads_back",),
    ),
    Mutation(
        "an ID token of any session signs out without a question",
        (within("protocol/openid_connect_logout", " and self.sid in (None, session.sid)", ""),),
        (
            "tests/web/pages/test_logout_asked.py"
            "::test_s2_of_an_id_token_of_another_session_the_person_is_asked_and_both_end",
        ),
    ),
    Mutation(
        "offline access outlives a session that took it along",
        (within("store/activity", ", sessions.c.offline_ended_at.is_not(None))", ")"),),
        (
            "tests/domain/revoking/test_logout_offline.py"
            "::test_s2_7_offline_access_ends_with_its_session_where_the_tenant_says_so",
        ),
    ),
    Mutation(
        "what a person gave under another spelling stays",
        (within("domain/revoking/access", "    ways = each_spelling(subject)", "    ways = (subject,)"),),
        (
            "tests/domain/people/test_connected.py"
            "::test_what_older_rows_have_under_another_spelling_is_the_same_persons",
        ),
    ),
    Mutation(
        "a logout token is marked before it is posted",
        (
            within(
                "domain/revoking/deliveries",
                "    for letter in _letters(authority, tenant, delivery):\n",
                "    _settle(authority, tenant, delivery, hold, Answer.TAKEN)\n"
                "    for letter in _letters(authority, tenant, delivery):\n",
            ),
        ),
        (
            "tests/domain/revoking/test_deliveries.py"
            "::test_a_deliverer_that_dies_between_the_post_and_the_mark_has_it_sent_again",
        ),
    ),
    Mutation(
        "a logout token goes to whoever answers",
        (
            within(
                "web/serving/backchannel", "ssl.create_default_context()", "ssl._create_unverified_context()"
            ),
        ),
        (
            "tests/web/serving/test_backchannel.py"
            "::test_s2_5_over_tls_the_token_goes_only_to_who_is_shown_to_be_the_receiver",
        ),
    ),
    Mutation(
        "the seal of a form is not looked at",
        (
            within(
                "web/pages/forms",
                "        data, sealed_at = _serializer(authority, purpose, browser)"
                ".loads(text, return_timestamp=True)",
                "        from datetime import UTC, datetime\n"
                "        data = _serializer(authority, purpose, browser).loads_unsafe(text)[1]\n"
                "        sealed_at = datetime.fromtimestamp(clock.now(), UTC)",
            ),
        ),
        ("tests/attacks/test_csrf.py::test_a_form_that_was_changed_does_nothing",),
    ),
    Mutation(
        "a redirect URI need only begin as one that is registered",
        (
            within(
                "protocol/rfc8252_native_apps",
                "    if redirect_uri in client.redirect_uris:",
                "    if redirect_uri.startswith(client.redirect_uris):",
            ),
        ),
        (
            "tests/web/pages/test_rfc6749_authorize.py::test_9700_s2_1_a_redirect_uri_is_compared_to_the_letter",
        ),
    ),
    Mutation(
        "a request without PKCE gets a code",
        (
            within(
                "protocol/rfc6749_authorize",
                '    challenge = values.get("code_challenge", "")\n',
                '    challenge = values.get("code_challenge", "")\n'
                "    if not challenge:\n        return pkce.challenge_of('-' * 43)\n",
            ),
        ),
        ("tests/web/pages/test_rfc6749_authorize.py::test_s4_1_2_1_every_other_error_goes_to_the_client",),
    ),
    Mutation(
        "guesses at a password are not counted",
        (within("domain/people/sign_in", "        allowance.take()\n", ""),),
        ("tests/domain/people/test_throttling.py::test_guesses_at_one_username_are_limited_whoever_it_is",),
    ),
    Mutation(
        "the epoch is read after the password",
        (
            within(
                "domain/people/sign_in",
                "        is_right = passwords.is_password(password, stored)\n",
                "        is_right = passwords.is_password(password, stored)\n"
                "        with authority.store.reading() as tx:\n"
                "            epoch = revocations.subject_epoch(tx, tenant.id, username)\n",
            ),
        ),
        (
            "tests/domain/people/test_sign_in_races.py"
            "::test_what_ends_while_the_password_is_checked_ends_the_session_too",
        ),
    ),
    Mutation(
        "a cookie is good at every tenant",
        (within("store/sessions", ".where(sessions.c.tenant_id == TENANT_ID)\n_FIND", "\n_FIND"),),
        ("tests/web/pages/test_logout_asked.py::test_the_cookie_of_another_tenant_is_that_of_nobody",),
    ),
    Mutation(
        "every origin may read with credentials",
        (
            within(
                "web/wire/cors",
                "is_listed = origin is not None and _is_listed(authority, tenant_id, origin)",
                "is_listed = origin is not None",
            ),
        ),
        ("tests/web/wire/test_cors.py::test_no_other_origin_is_allowed",),
    ),
)

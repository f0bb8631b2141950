"""Faults in pages: in sign-outs of which something is wrong, in answers to clients, and in what is told."""

from tests.mutations import Mutation, within

NO_WAY_BACK = "tests/web/pages/test_logout_no_way_back.py"
AUTHORIZE = "tests/web/pages/test_rfc6749_authorize.py"
FORM_POST = "tests/web/pages/test_form_post.py"
PROBLEMS = "tests/web/pages/test_problems.py"
HELD = "tests/attacks/test_held_windows.py"

MUTATIONS_OF_PAGES = (
    Mutation(
        "a fault is forgotten once the person has agreed to sign out",
        (within("web/pages/logout", "_FAULT: wanted.fault}", "_FAULT: None}"),),
        (
            f"{NO_WAY_BACK}"
            "::test_s4_by_an_id_token_that_is_none_of_the_tenant_the_person_is_asked_and_signed_out_here",
        ),
    ),
    Mutation(
        "the ID token of another client signs out without a question",
        (
            within(
                "protocol/openid_connect_logout",
                "        hint, client_id, fault = None, None,",
                "        fault =",
            ),
        ),
        (f"{NO_WAY_BACK}::test_s4_by_the_id_token_of_another_client_the_person_is_asked_and_led_nowhere",),
    ),
    Mutation(
        "whoever cannot be sent back is not told",
        (within("web/pages/logout", '{"fault": wanted.fault,', '{"fault": None,'),),
        (
            f"{NO_WAY_BACK}"
            "::test_s4_with_an_id_token_of_this_session_it_is_signed_out_at_once_and_nobody_led_astray",
        ),
    ),
    Mutation(
        "the form of sign-out is taken from wherever it comes",
        (
            within(
                "web/pages/forms",
                '"Sec-Fetch-Site", "none") not in _OF_OURS:',
                '"Sec-Fetch-Site", "none") not in _OF_OURS and action != "sign-out":',
            ),
        ),
        ("tests/attacks/test_csrf.py::test_a_form_that_a_page_of_another_site_sends_does_nothing",),
    ),
    Mutation(
        "a logout token names the subject to a client that tells sessions apart",
        (
            within(
                "domain/revoking/deliveries",
                "bool(client.backchannel_logout_session_required) and",
                "False and",
            ),
        ),
        (
            "tests/protocol/test_openid_connect_logout.py"
            "::test_s2_2_a_client_that_tells_sessions_apart_gets_the_sid_alone",
        ),
    ),
    Mutation(
        "a logout token about all sessions names nobody to a client that tells sessions apart",
        (within("domain/revoking/deliveries", " and sid is not None,", ","),),
        (
            "tests/protocol/test_openid_connect_logout.py"
            "::test_s2_4_such_a_client_gets_the_subject_of_what_it_was_given_without_a_session",
        ),
    ),
    Mutation(
        "what an operator has issued counts as consent",
        (within("store/grants", ".where(_NEWEST.c.is_consent).distinct()", ".distinct()"),),
        (
            "tests/web/pages/test_remembered_consent.py"
            "::test_what_an_operator_has_issued_is_not_what_the_person_allowed",
        ),
    ),
    Mutation(
        "HEAD makes a code",
        (within("web/pages/authorize", 'not in {"GET", "POST"}:', 'not in {"GET", "HEAD", "POST"}:'),),
        ("tests/web/pages/test_safe_methods.py::test_a_method_that_has_to_be_safe_makes_no_code",),
    ),
    Mutation(
        "any page may have the answer by a form in a frame",
        (
            within(
                "web/pages/answers",
                '            return uris.origin(f"{parts.scheme}://{parts.netloc.lower()}")',
                '            return uris.origin(f"{parts.scheme}://{parts.netloc.lower()}") and "*"',
            ),
        ),
        (f"{FORM_POST}::test_form_post_without_anybody_to_ask_may_come_in_a_frame_of_the_clients",),
    ),
    Mutation(
        "an answer by a form may be framed though somebody was asked",
        (
            within(
                "web/pages/answers",
                '    if flask.request.args.getlist("prompt") == ["none"]:',
                "    if True:",
            ),
        ),
        (f"{FORM_POST}::test_form_post_without_anybody_to_ask_may_come_in_a_frame_of_the_clients",),
    ),
    Mutation(
        "redirect URIs may have user information",
        (
            within(
                "domain/uris",
                '    if "@" in parts.netloc:',
                "    if not parts:",
            ),
        ),
        (
            "tests/web/pages/test_return_addresses.py::test_s3_1_2_what_would_be_shown_as_another_host_is_never_registered",
        ),
    ),
    Mutation(
        "a long state makes the answer three times as long",
        (within("protocol/rfc6749_authorize", "safe=':/?@')", "safe='')"),),
        (f"{AUTHORIZE}::test_s4_1_2_a_state_comes_back_no_longer_than_it_was_sent",),
    ),
    Mutation(
        "gunicorn keeps its own bound of a request line",
        (within("web/serving/gunicorn_worker", "message.MAX_REQUEST_LINE = LONGEST_REQUEST_LINE\n", ""),),
        ("tests/web/pages/test_long_addresses.py::test_a_long_state_comes_back_with_the_code",),
    ),
    Mutation(
        "a page of our own may be held by who opened it",
        (
            within(
                "web/pages/rendering",
                '"same-origin" if form_action == SELF else',
                '"unsafe-none" if form_action == SELF else',
            ),
        ),
        (f"{HELD}::test_a_page_of_our_own_is_held_by_nobody_who_opened_it",),
    ),
    Mutation(
        "a page on the way to a client is taken from the app that opened it",
        (within("web/pages/rendering", 'else "unsafe-none"', 'else "same-origin"'),),
        (f"{HELD}::test_a_page_on_the_way_to_a_client_says_that_it_may_be",),
    ),
    Mutation(
        "a problem before the tenant was looked up has not its look",
        (
            within(
                "web/pages/problems",
                '        return tenancy.admit(authority, (request.view_args or {}).get("tenant", "")).tenant',
                "        return None",
            ),
        ),
        (
            f"{PROBLEMS}::test_a_problem_is_said_in_the_tenants_look_with_the_number_of_the_request_and_a_way_on",
        ),
    ),
    Mutation(
        "a form that met a fault leads to an address that takes none",
        (within("web/pages/problems", ' if flask.request.method == "GET" else None', ""),),
        (f"{PROBLEMS}::test_a_form_that_met_a_fault_is_not_sent_again_by_a_link",),
    ),
)

"""Faults in who signs in, when, from where, and by which cookie."""

from tests.mutations import Mutation, within

HASHING = "tests/domain/people/test_hashing.py"
THROTTLING = "tests/domain/people/test_throttling.py"
TOSSING = "tests/attacks/test_cookie_tossing.py"

MUTATIONS_OF_SIGN_IN = (
    Mutation(
        "every thread may look at a password",
        (within("domain/people/hashing", "min(self._at_once, max(1, threads // 4))", "max(2, threads)"),),
        (f"{HASHING}::test_a_quarter_of_the_threads_at_most_looks_at_passwords",),
    ),
    Mutation(
        "a sign-in is out of its turn once the password was looked at",
        (
            within(
                "domain/people/sign_in",
                "        is_right = passwords.is_password(password, stored)\n        if not",
                "        is_right = passwords.is_password(password, stored)\n    if True:\n        if not",
            ),
        ),
        (f"{HASHING}::test_who_signs_in_is_one_of_the_quarter_until_the_session_is_there",),
    ),
    Mutation(
        "who finds all turns taken is locked out",
        (within("web/pages/authorize", "429 if isinstance(error, SignInThrottled) else 503", "429"),),
        (
            "tests/attacks/test_brute_force.py"
            "::test_who_comes_while_others_have_all_threads_that_a_sign_in_may_take_is_sent_away_at_once",
        ),
    ),
    Mutation(
        "of several cookies the first is the session",
        (
            within(
                "web/pages/cookies",
                "return values[0] if len(values) == 1 else None",
                "return values[0] if values else None",
            ),
        ),
        (f"{TOSSING}::test_whatever_the_number_the_attackers_session_is_not_acted_in",),
    ),
    Mutation(
        "a neighbouring host may set our cookies",
        (within("web/pages/cookies", 'f"__Host-{name}_{tenant}" if _is_https() else name', "name"),),
        (f"{TOSSING}::test_with_https_what_others_can_set_is_nothing",),
    ),
    Mutation(
        "how old a sign-in may be is judged when the page is shown alone",
        (
            within(
                "protocol/rfc6749_authorize",
                "        return all(now - auth_time <= limit for limit in limits)",
                "        return True",
            ),
        ),
        ("tests/web/pages/test_late_decisions.py::test_a_consent_comes_in_time_or_after_another_sign_in",),
    ),
    Mutation(
        "a form of another version is an error of the server",
        (
            within(
                "web/pages/forms",
                "    def __missing__(self, key: str) -> Any:\n        raise StaleForm",
                "    def __missing__(self, key: str) -> Any:\n        raise KeyError(key)",
            ),
        ),
        (
            "tests/web/pages/test_forms_of_other_versions.py"
            "::test_a_form_with_something_else_in_it_is_out_of_date",
        ),
    ),
    Mutation(
        "a new password does not help at an address from which more is refused",
        (
            within(
                "domain/people/throttling",
                "_let_in(username, stored), window_seconds=LET_IN_SECONDS",
                "_by_name(username), window_seconds=LET_IN_SECONDS",
            ),
        ),
        (f"{THROTTLING}::test_a_new_password_is_let_in_from_an_address_from_which_more_is_refused",),
    ),
    Mutation(
        "a guesser is told who has a new password",
        (
            within(
                "domain/people/throttling",
                "return self.kept_out or SignInRefused()",
                "return SignInRefused()",
            ),
        ),
        (f"{THROTTLING}::test_who_guesses_from_there_learns_of_no_new_password_and_has_no_more_guesses",),
    ),
    Mutation(
        "nobody is told that a proxy is not trusted",
        (within("web/application", 'elif settings.public_url.startswith("https:"):', "elif False:"),),
        (
            "tests/web/serving/test_proxies.py"
            "::test_an_https_url_without_a_trusted_proxy_is_told_at_the_start",
        ),
    ),
)

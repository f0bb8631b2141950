"""Faults in how access is taken back, held up, and given to devices and scripts."""

from tests.mutations import Mutation, within

PERSONAL = "tests/web/pages/test_personal_tokens.py"
DEVICE = "tests/web/pages/test_rfc8628_device.py"
DISABLED = "tests/protocol/test_disabled_clients.py"

MUTATIONS_OF_ACCESS = (
    Mutation(
        "personal tokens stay active when they are turned off",
        (
            within(
                "domain/people/personal_tokens",
                "        suspending.disable(authority, tenant, CLIENT_ID, actor=actor)",
                "        pass",
            ),
        ),
        (f"{PERSONAL}::test_turned_off_none_is_active_or_made_and_turned_on_again_they_go_on",),
    ),
    Mutation(
        "what is issued to a client that was just disabled comes alive when it is enabled",
        (within("store/grants", "granting.OF_ENABLED_CLIENT & _CLIENT_STAYS", "_CLIENT_STAYS"),),
        (f"{DISABLED}::test_what_is_issued_meanwhile_without_anything_to_use_up_is_not",),
    ),
    Mutation(
        "a form makes a personal token each time it is sent",
        (within("web/pages/personal_tokens", 'grant_id=data["grant"]', "grant_id=new_id()"),),
        (f"{PERSONAL}::test_a_form_makes_one_token_also_when_that_was_revoked",),
    ),
    Mutation(
        "who makes a personal token does not wait for another of the same person",
        (within("store/personal_tokens", "    tx.rows(_LOCK,", "    False and tx.rows(_LOCK,"),),
        (f"{PERSONAL}::test_there_are_never_more_than_may_be_and_all_are_shown_the_newest_first",),
        ("postgresql",),
    ),
    Mutation(
        "the grant of a personal token that was revoked is gone through for a year",
        (
            within(
                "store/personal_tokens",
                ".values(purge_at=_KEPT_UNTIL)",
                ".values(purge_at=grants.c.purge_at)",
            ),
        ),
        (f"{PERSONAL}::test_what_was_revoked_is_gone_in_hours_once_another_is_made_and_what_holds_stays",),
        ("sqlite",),
    ),
    Mutation(
        "a personal token keeps a scope that an operator has taken away",
        (
            within(
                "store/admission", "left_scope=reserved_scope,", 'left_scope=literal_column("NULL", Text),'
            ),
        ),
        (f"{PERSONAL}::test_what_an_operator_takes_from_all_of_them_those_of_before_have_lost_too",),
    ),
    Mutation(
        "a personal token may do what is not offered",
        (within("domain/people/personal_tokens", "not set(scope) <= set(client.scope)", "False"),),
        (f"{PERSONAL}::test_what_is_not_offered_is_not_made",),
    ),
    Mutation(
        "the codes of devices can be guessed",
        (within("domain/people/user_codes", ".take()", ""),),
        (f"{DEVICE}::test_5_1_nobody_guesses_a_code_within_its_life",),
    ),
    Mutation(
        "people decide for a device whose client is disabled",
        (within("store/devices", "    _OF_ENABLED_CLIENT,\n", ""),),
        (f"{DEVICE}::test_nothing_is_decided_for_a_client_that_was_disabled_since_the_person_was_asked",),
        ("sqlite",),
    ),
    Mutation(
        "the token of a device is good for all that was granted, whatever it asks for",
        (within("domain/tokens/devices", "allowed, audience)", "allowed)"),),
        (f"{DEVICE}::test_a_token_is_narrowed_to_what_is_asked_for_and_more_is_refused_and_uses_nothing_up",),
    ),
    Mutation(
        "a device that asks too often is not slowed down",
        (within("store/devices", "> NOW\n_POLL", "< 0\n_POLL"),),
        (f"{DEVICE}::test_3_5_who_asks_too_soon_is_slowed_down_and_later_it_is_too_late",),
    ),
    Mutation(
        "removed access is given to a device that was allowed before",
        (within("domain/revoking/access", "for kind in (codes, devices):", "for kind in (codes,):"),),
        (f"{DEVICE}::test_what_is_revoked_while_a_device_waits_leaves_it_nothing",),
    ),
    Mutation(
        "what a disabled client has stays active",
        (
            within(
                "store/activity",
                "= clients.c.disabled_at.is_not(None)",
                "= clients.c.disabled_at < 0",
            ),
        ),
        (f"{DISABLED}::test_what_it_has_is_inactive_meanwhile_and_what_is_revoked_then_stays_so",),
    ),
    Mutation(
        "a refresh that overlaps the disabling of its client rotates",
        (
            within(
                "store/rotations",
                "    grants.c.expires_at > NOW,\n    granting.OF_ENABLED_CLIENT,\n",
                "    grants.c.expires_at > NOW,\n",
            ),
        ),
        (f"{DISABLED}::test_what_overlaps_the_end_of_it_uses_nothing_up_either",),
    ),
    Mutation(
        "a disabled client may not revoke",
        (within("web/server", " and endpoint != Revocation.ENDPOINT_NAME", ""),),
        (f"{DISABLED}::test_what_it_has_is_inactive_meanwhile_and_what_is_revoked_then_stays_so",),
    ),
    Mutation(
        "what a subject gave one client is ended in one spelling",
        (
            within(
                "domain/revoking/access",
                "    ways = each_spelling(subject)",
                "    ways = (subject,)",
            ),
        ),
        ("tests/cli/test_revoke_access.py::test_a_name_that_is_stored_in_another_spelling_is_found",),
    ),
)

"""Faults in how clients register themselves, are told from others, and go."""

from tests.mutations import Mutation, within

REGISTRATION = "tests/protocol/test_rfc7591_registration.py"
MANAGEMENT = "tests/protocol/test_rfc7592_management.py"
SWEEPING = "tests/domain/registry/test_sweeping.py"
UNVERIFIED = "tests/web/pages/test_unverified_clients.py"
DOMAIN = "domain/registry/self_registration"

MUTATIONS_OF_REGISTRATION = (
    Mutation(
        "a registration token is good without end",
        (
            within(
                "store/registration_tokens", "uses_left=rows.c.uses_left - 1", "uses_left=rows.c.uses_left"
            ),
        ),
        (f"{REGISTRATION}::test_s3_a_registration_token_is_good_for_its_uses_and_a_mistake_is_none",),
        stores=("sqlite",),
    ),
    Mutation(
        "any registration access token is right",
        (within(DOMAIN, "if not hmac.compare_digest(digest(access_token), known) or found", "if found"),),
        (f"{MANAGEMENT}::test_s2_with_a_wrong_token_nothing_is_shown_or_changed",),
    ),
    Mutation(
        "a change leaves the old registration token good",
        (within(DOMAIN, '        "registration_digest": digest(new_token),\n', ""),),
        (f"{MANAGEMENT}::test_s2_2_a_change_replaces_all_and_the_old_token_and_secret_die",),
    ),
    Mutation(
        "a client that deletes itself leaves its tokens alive",
        (
            within(
                "store/clients",
                "        registration_digest=None,\n        deleted_at=NOW,",
                "        name=None,",
            ),
            within(DOMAIN, "        clients.delete(tx, tenant.id, client_id)\n", ""),
        ),
        (f"{MANAGEMENT}::test_s2_3_a_client_that_deletes_itself_is_gone_with_all_it_was_given",),
        stores=("sqlite",),
    ),
    Mutation(
        "a client takes the name of another",
        (within(DOMAIN, "if name is not None and likenesses", "if False and likenesses"),),
        (f"{REGISTRATION}::test_nobody_takes_the_name_of_a_client_of_the_operators",),
    ),
    Mutation(
        "letters of other alphabets look like themselves alone",
        (
            within(
                "store/likenesses",
                "    root = alike[0] if len(alike) == 1 else character",
                "    return character",
            ),
        ),
        ("tests/store/test_likenesses.py::test_names_that_look_alike_are_one",),
        stores=("sqlite",),
    ),
    Mutation(
        "letters that are not seen count for how a name looks",
        (
            within(
                "store/likenesses",
                'without_unseen(unicodedata.normalize("NFKD", name))',
                'unicodedata.normalize("NFKD", name)',
            ),
        ),
        ("tests/store/test_likenesses.py::test_names_that_look_alike_are_one",),
        stores=("sqlite",),
    ),
    Mutation(
        "only format characters are unseen in a name",
        (within("domain/names", " or has_unseen(name):", ":"),),
        (f"{REGISTRATION}::test_a_name_that_is_read_in_two_ways_is_refused",),
    ),
    Mutation(
        "the sign-in page shows what a stranger calls itself",
        (within("web/pages/signing_in", "None if publisher.is_verified else", "None and"),),
        (f"{UNVERIFIED}::test_who_is_asked_for_a_password_is_shown_its_host_and_nothing_that_it_says",),
        stores=("sqlite",),
    ),
    Mutation(
        "registrations are not counted",
        (within(DOMAIN, "        allowance.take(tx, tenant.id)\n        if initial", "        if initial"),),
        (f"{REGISTRATION}::test_a_flood_from_one_address_is_refused_and_writes_nothing",),
    ),
    Mutation(
        "who registers itself may ask for any scope",
        (
            within(
                "protocol/rfc7591_client_registration",
                "asked or allowed.scope if word in allowed.scope)",
                "asked or allowed.scope)",
            ),
        ),
        (f"{REGISTRATION}::test_s2_what_may_not_be_had_is_left_out_and_what_is_not_known_is_ignored",),
    ),
    Mutation(
        "who registers itself can never step up",
        (within("web/endpoints/register", "is_whole=True", "is_whole=False"),),
        (f"{REGISTRATION}::test_a_client_has_what_the_tenant_has_for_such_so_that_it_can_step_up",),
    ),
    Mutation(
        "an earlier consent counts for who registered itself",
        (within("protocol/rfc8252_native_apps", "client.provenance is None and (is_fixed", "(is_fixed"),),
        (f"{UNVERIFIED}::test_people_are_asked_each_time_also_where_they_have_allowed_it_before",),
    ),
    Mutation(
        "who has seen no page is redirected to the site of a client that brought itself",
        (
            within(
                "protocol/rfc8252_native_apps",
                "client.provenance is None or is_answered",
                "True or is_answered",
            ),
        ),
        (f"{UNVERIFIED}::test_a_link_through_it_leads_nobody_to_its_site_who_has_seen_no_page",),
    ),
    Mutation(
        "a native app that brought itself is not told its errors",
        (within("protocol/rfc8252_native_apps", " or is_answered_on_this_machine(redirect_uri)", ""),),
        (f"{UNVERIFIED}::test_a_program_on_the_own_machine_is_told_its_errors",),
    ),
    Mutation(
        "who has been given something is swept",
        (within("store/sweeping", "not_(or_(_HAS_GRANTS, _IS_STOPPED))", "not_(_IS_STOPPED)"),),
        (f"{SWEEPING}::test_one_that_has_a_grant_is_kept_for_as_long_again_behind_it",),
    ),
    Mutation(
        "a code does not put the sweep off",
        (
            within(
                "store/sweeping",
                ".values(sweep_at=NOW + KEPT_SECONDS)",
                ".values(sweep_at=clients.c.sweep_at)",
            ),
        ),
        (f"{SWEEPING}::test_a_code_puts_it_off_before_it_is_redeemed",),
    ),
    Mutation(
        "who was stopped comes back by being swept",
        (within("store/sweeping", "not_(or_(_HAS_GRANTS, _IS_STOPPED))", "not_(_HAS_GRANTS)"),),
        (f"{SWEEPING}::test_one_that_an_operator_has_stopped_stays_so",),
    ),
)

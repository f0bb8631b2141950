"""Faults in how access is taken back, held up, and given to devices and scripts."""

from tests.mutations import Mutation, within

DISABLED = "tests/protocol/test_disabled_clients.py"

MUTATIONS_OF_ACCESS = (
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
                "        grants.c.expires_at > NOW,\n        granting.OF_ENABLED_CLIENT,\n",
                "        grants.c.expires_at > NOW,\n",
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
                "domain/revoking/revocation",
                "for subject in spellings.each_spelling(selector.subject)",
                "for subject in [selector.subject]",
            ),
        ),
        ("tests/cli/test_revoke_access.py::test_a_name_that_is_stored_in_another_spelling_is_found",),
    ),
)

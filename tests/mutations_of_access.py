"""Faults in how access is taken back, held up, and given to devices and scripts."""

from tests.mutations import Mutation, within

MUTATIONS_OF_ACCESS = (
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

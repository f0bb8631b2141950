"""Faults of the command line: what a command leaves undone, does without being asked, or does not say."""

from tests.mutations import Mutation, within

MUTATIONS_OF_COMMANDS = (
    Mutation(
        "of several tokens on standard input the first alone is revoked",
        (
            within(
                "cli/commands",
                "[given.readline()] if given.isatty() else given.readlines()",
                "[given.readline()]",
            ),
        ),
        ("tests/cli/test_revoke.py::test_of_several_tokens_on_standard_input_all_end",),
    ),
    Mutation(
        "to revoke what is not there is done",
        (
            within(
                "cli/revoke", "        if absent and not if_exists:", "        if not absent and if_exists:"
            ),
        ),
        ("tests/cli/test_revoke.py::test_what_is_not_there_is_refused_unless_it_need_not_be",),
    ),
    Mutation(
        "it is not said on which store something is taken away",
        (within("cli/commands", "        job.tell_where()\n", ""),),
        ("tests/cli/test_revoke.py::test_it_says_where_it_works_before_it_takes_anything_away",),
    ),
    Mutation(
        "the record of a subject is listed by one spelling of its name",
        (within("cli/audit", "else each_spelling(subject)", "else [names.subject(subject)]"),),
        ("tests/cli/test_audit.py::test_a_subject_is_found_by_each_way_of_writing_it",),
    ),
    Mutation(
        "a tenant that is opened meanwhile is deleted on",
        (within("store/deleting", "TENANT_ID, _IS_CLOSED, *named)", "TENANT_ID, *named)"),),
        ("tests/cli/test_tenant_deleted.py::test_one_that_is_opened_meanwhile_keeps_the_rest",),
    ),
    Mutation(
        "an open tenant is deleted",
        (
            within(
                "domain/registry/tenant_deletion",
                "    if tenant.disabled_at is None:",
                "    if not tenant.name:",
            ),
        ),
        ("tests/cli/test_tenant_deleted.py::test_one_that_is_open_is_refused",),
    ),
    Mutation(
        "events do not say whom they are about",
        (within("domain/revoking/targets", "        subject=target.subject,", "        subject=None,"),),
        ("tests/cli/test_audit.py::test_it_is_asked_for_by_what_it_was_about_and_when",),
    ),
    Mutation(
        "of events of one second those behind the first page are passed over",
        (within("cli/audit", "return event.at, event.id", 'return event.at, ""'),),
        ("tests/cli/test_audit.py::test_many_of_one_second_are_listed_once_each_over_several_pages",),
    ),
    Mutation(
        "a user who is deleted keeps what they were given",
        (
            within(
                "domain/people/users",
                "        ended = _end_all(authority, tx, tenant, username, Cause(USER_DELETED, actor))",
                "        ended = revocation.Revocation("
                'True, "e", tenant.name, "subject", username, Cause(USER_DELETED, actor))',
            ),
        ),
        ("tests/cli/test_users.py::test_delete_ends_what_was_and_the_name_comes_back_without_it",),
    ),
)

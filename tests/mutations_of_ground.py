"""Faults in the ground that all stands on: statements, rows, writes, clocks, and tokens without rows."""

from tests.mutations import REUSE, Mutation, within

CODE_REVOKED = "tests/protocol/test_rfc6749_code_revoked.py"
REFRESH_TOKENS = "tests/domain/tokens/test_refresh_tokens.py"

MUTATIONS_OF_GROUND = (
    Mutation(
        "rows are read by position",
        (
            within(
                "store/shapes",
                "at = [names.index(self._prefix + name) for name in self._fields]",
                "at = list(range(len(self._fields)))",
            ),
        ),
        ("tests/store/test_shapes.py",),
    ),
    Mutation(
        "a refresh token is replaced whichever is good now",
        (within("store/rotations", "    grants.c.refresh_digest == DIGEST,\n", ""),),
        (REUSE,),
    ),
    Mutation(
        "a refresh token of long ago is unknown",
        (within("store/activity", "is_current, is_previous, is_older)", "is_current, is_previous)"),),
        (f"{REFRESH_TOKENS}::test_a_token_of_long_ago_that_comes_back_ends_the_grant",),
    ),
    Mutation(
        "the mark of a refresh token is not looked at",
        (within("domain/refresh_tokens", "generation if is_ours else None", "generation"),),
        (f"{REFRESH_TOKENS}::test_a_forged_older_token_ends_nothing",),
    ),
    Mutation(
        "the one before is as good as the one that is good now",
        (
            within(
                "store/activity",
                "grants.c.refresh_digest.is_distinct_from(DIGEST))",
                "grants.c.refresh_digest.is_distinct_from(DIGEST), ~is_previous)",
            ),
        ),
        ("tests/protocol/test_rfc7662_introspection.py", REUSE),
    ),
    Mutation(
        "the grace never ends",
        (
            within(
                "domain/tokens/refreshing",
                "token.read_at < token.rotated_at +",
                "token.rotated_at < token.rotated_at +",
            ),
        ),
        (REUSE,),
    ),
    Mutation(
        "an id is believed whatever tenant it is by now",
        (within("store/admission", "tenants.c.name == NAME, ", ""),),
        ("tests/store/test_tenant_ids.py",),
    ),
    Mutation(
        "a request asks twice",
        (within("protocol/tokens", "is_known = token == received.shown_token", "is_known = False"),),
        ("tests/web/endpoints/test_round_trips.py",),
    ),
    Mutation(
        "a code is redeemed whatever became of its session",
        (
            within(
                "store/redeeming",
                "        redeemed = redeemed.where(_IN_LIVE_SESSION[outlives_session])",
                "        pass",
            ),
        ),
        (f"{CODE_REVOKED}::test_what_ends_while_a_code_is_being_redeemed_leaves_nothing_alive",),
    ),
    Mutation(
        "a subject without a row is live",
        (within("store/settling", "return NO_EPOCH if self._is_over else _FIRST_EPOCH", "return 0"),),
        ("tests/store/test_lost_rows.py",),
    ),
    Mutation(
        "a subject whose row was lost begins as before",
        (
            within(
                "store/revocations",
                'else_=bindparam("new_epoch", type_=BigInteger))',
                "else_=literal_column('7', BigInteger))",
            ),
        ),
        ("tests/store/test_lost_rows.py::test_the_row_of_a_subject",),
    ),
    Mutation(
        "a narrowed client is given again what it had",
        (within("domain/tokens/issuing", "if word in client.scope)", "if word)"),),
        (
            "tests/protocol/test_rfc6749_refresh_token.py"
            "::test_s6_what_the_client_may_not_have_any_more_is_not_given_again",
        ),
    ),
    Mutation(
        "names of people and ids of clients are not kept apart",
        (within("store/clients", "        naming.is_nobody(_CLIENT_ID),\n", ""),),
        ("tests/domain/test_names_apart.py::test_no_client_is_made_with_the_name_of_a_person",),
    ),
    Mutation(
        "the end of a subject is that of one spelling",
        (within("store/spellings", "    return column.in_(SPELLINGS)", "    return column == SPELLINGS[0]"),),
        ("tests/domain/test_spellings.py",),
    ),
    Mutation(
        "the end of a subject forgets how its name was given",
        (
            within(
                "domain/revoking/targets",
                'Target("subject", composed, raising, subject, subject=composed)',
                'Target("subject", composed, raising, composed, subject=composed)',
            ),
        ),
        ("tests/cli/test_names_as_given.py::test_each_command_ends_what_is_stored_so",),
    ),
    Mutation(
        "sessions are counted by one spelling",
        (within("store/spellings", "is_(None), is_spelled(column))", "is_(None), column == SPELLINGS[0])"),),
        ("tests/cli/test_names_as_given.py::test_who_is_asked_hears_of_its_sessions",),
    ),
    Mutation(
        "to end all of a subject once more is an event",
        (
            within(
                "store/presence",
                "exists(select(1).select_from(some).where(not_(some.c.is_ended)))",
                "exists(select(1).select_from(some))",
            ),
        ),
        ("tests/cli/test_revoke.py::test_what_has_ended_already_is_no_error_and_no_event",),
    ),
    Mutation(
        "the end of somebody unknown is not noted",
        (
            within(
                "cli/revoke",
                "    done = revocation.revoke(job.authority, selector, cause)\n",
                "    if not presence.is_there(job.authority, selector):\n        return None\n"
                "    done = revocation.revoke(job.authority, selector, cause)\n",
            ),
        ),
        (
            "tests/cli/test_names_as_given.py::test_the_end_of_somebody_unknown_is_noted_for_who_is_about_to_come",
        ),
    ),
    Mutation(
        "a token that was pasted with a line end stays alive",
        (within("protocol/forms", 'form["token"] = form["token"].strip() or form["token"]', "pass"),),
        (
            "tests/protocol/test_rfc7009_token_strings.py"
            "::test_a_token_that_was_pasted_or_read_from_a_file_is_the_token",
        ),
    ),
    Mutation(
        "the end of a session that grants outlive is forgotten with its row",
        (within("store/redeeming", "        *([granting.outlived] if outlives_session else []),\n", ""),),
        ("tests/domain/test_purging_answers.py::test_what_is_said_before_a_purge_is_said_behind_it",),
    ),
)

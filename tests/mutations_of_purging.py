"""Faults in what goes when, and in who sees to it."""

from tests.mutations import Mutation, within

GOES = "tests/domain/test_purging.py"
TURNS = "tests/domain/test_purging_turns.py"
ANSWERS = "tests/domain/test_purging_answers.py"
HOURLY = "tests/web/serving/test_hourly_purge.py"

MUTATIONS_OF_PURGING = (
    Mutation(
        "the tenant is dropped from a deletion",
        (
            within(
                "store/purging",
                "return (table.c.tenant_id == TENANT_ID) & (_due_at(table) <= NOW)",
                "return _due_at(table) <= NOW",
            ),
        ),
        (f"{GOES}::test_a_row_goes_at_its_own_time",),
    ),
    Mutation(
        "each batch looks for its rows from the beginning",
        (within("store/purging", "_is_due(table), table.c.purge_at >= _SINCE", "_is_due(table)"),),
        (
            "tests/store/test_purging_at_scale.py::test_no_batch_looks_at_the_rows_again_that_another_has_deleted",
        ),
    ),
    Mutation(
        "the record of what is still to be told is purged",
        (within("store/purging", "[_NOBODY_TO_TELL] if table is revocations else []", "[]"),),
        (f"{GOES}::test_of_one_event_a_delivery_goes_and_another_that_is_open_stays_with_the_record",),
    ),
    Mutation(
        "the session that a grant outlives is not kept for it",
        (within("store/granting", "values(purge_at=_KEPT_UNTIL)", "values(purge_at=sessions.c.purge_at)"),),
        (f"{ANSWERS}::test_what_is_said_before_a_purge_is_said_behind_it",),
    ),
    Mutation(
        "the end of a session makes it go sooner",
        (
            within(
                "store/revocations",
                "_SESSION_KEPT = later(sessions.c.purge_at, _KEPT_UNTIL + KEPT_SECONDS)",
                "_SESSION_KEPT = _KEPT_UNTIL + KEPT_SECONDS",
            ),
        ),
        (f"{ANSWERS}::test_what_is_said_before_a_purge_is_said_behind_it",),
    ),
    Mutation(
        "an assertion is forgotten when it expires",
        (
            within(
                "domain/tokens/assertions", "kept_until=expires_at + KEPT_SECONDS", "kept_until=expires_at"
            ),
        ),
        (f"{TURNS}::test_a_host_that_is_ahead_purges_no_assertion_that_another_still_accepts",),
    ),
    Mutation(
        "several workers purge at once",
        (within("store/duties", "where=or_(duties.c.ends_at <= NOW, duties.c.worker == new.worker),", ""),),
        (f"{TURNS}::test_while_one_purges_another_has_nothing_to_do",),
    ),
    Mutation(
        "a duty has no end",
        (within("store/duties", "or_(duties.c.ends_at <= NOW, duties.c.worker", "or_(duties.c.worker"),),
        (f"{TURNS}::test_who_was_killed_keeps_the_others_waiting_for_a_minute",),
    ),
    Mutation(
        "no worker purges",
        (
            within(
                "web/serving/maintenance",
                '    _start("rescind-maintenance", purge_once, authority, PURGE_EVERY_SECONDS)\n',
                "",
            ),
        ),
        (f"{HOURLY}::test_workers_purge_without_being_asked",),
    ),
    Mutation(
        "a fault ends the maintenance for good",
        (
            within(
                "web/serving/maintenance", "except Exception as error:", "except StoreUnavailable as error:"
            ),
        ),
        (f"{HOURLY}::test_a_fault_that_nobody_expected_is_told_once_without_its_text_and_ends_nothing",),
    ),
)

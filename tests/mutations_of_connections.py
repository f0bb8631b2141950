"""Faults in what stands between a process and PostgreSQL: leases, doubt, poolers, kept plans."""

from tests.mutations import Mutation, within

LEASES = "tests/outage/test_leases.py"
DOUBT = "tests/store/test_doubt.py"
PROMOTED = f"{LEASES}::test_what_the_promoted_standby_has_ended_is_active_nowhere[it goes on]"

MUTATIONS_OF_CONNECTIONS = (
    Mutation(
        "what was read is believed for ever",
        (within("store/lease", "        if age >= self.seconds:\n            return False\n", ""),),
        (PROMOTED,),
    ),
    Mutation(
        "introspection does not ask whether it may believe",
        (
            within(
                "protocol/rfc7662_introspection",
                "self.server.authority.store.vouch(tenant.standing, tenant.id)",
                "pass",
            ),
        ),
        (PROMOTED,),
    ),
    Mutation(
        "a host on a promoted server acknowledges at once",
        (within("store/engine", "seconds = self.lease.unsettled_seconds", "seconds = 0"),),
        (PROMOTED, f"{LEASES}::test_a_host_acknowledges_nothing_before_a_lease_has_gone_by"),
    ),
    Mutation(
        "a lease is renewed by a message of its own beside every write",
        (
            within(
                "store/engine",
                "        if record is not None:\n            self.lease.renew(",
                "        if not values:\n            self.lease.renew(",
            ),
        ),
        (
            "tests/outage/test_leases_kept.py"
            "::test_reading_costs_a_message_each_half_lease_and_none_where_something_is_written",
        ),
    ),
    Mutation(
        "what a standby says is believed",
        (
            within(
                "store/postgresql",
                "        raise StoreUnavailable(*STANDBY_REFUSED)\n    if fsync",
                "        identity = '00000001/0'\n    if fsync",
            ),
            within(
                "store/standing",
                "CASE WHEN pg_is_in_recovery() THEN '{STANDBY}'",
                "CASE WHEN pg_is_in_recovery() THEN NULL",
            ),
        ),
        (f"{LEASES}::test_a_host_on_a_standby_is_not_ready_and_becomes_so_without_a_restart",),
    ),
    Mutation(
        "only a standby's warning is doubt",
        (
            within(
                "store/postgresql",
                'if diagnostic.severity_nonlocalized == "WARNING":',
                'if diagnostic.sqlstate == "01000":',
            ),
        ),
        (f"{DOUBT}::test_a_warning_while_it_commits_is_503_and_the_next_revocation_is_not[none-08006]",),
    ),
    Mutation(
        "an earlier warning spoils the next write",
        (
            within(
                "store/engine",
                "            info.pop(COMMIT_IN_DOUBT, None)\n            started_at",
                "            started_at",
            ),
        ),
        (f"{DOUBT}::test_a_warning_of_an_earlier_statement_is_no_doubt[none]",),
    ),
    Mutation(
        "plans that do not fit any more are kept",
        (
            within(
                "store/connections",
                "            self.engine.dispose()\n        self._give",
                "            pass\n        self._give",
            ),
        ),
        ("tests/store/test_kept_plans.py::test_a_request_is_served_though_its_kept_plan_gives_another_type",),
    ),
    Mutation(
        "behind a pooler a write does not say that it waits for the disk",
        (
            within(
                "store/postgresql",
                'asked = {"synchronous_commit": _DURABLE_SQL}',
                'asked = {"a.b": "\'on\'"}',
            ),
        ),
        (
            "tests/poolers/test_behind_a_pooler.py"
            "::test_each_write_waits_for_the_disk_and_leaves_nothing_in_the_session[small]",
        ),
    ),
    Mutation(
        "a pooler that changes no setting is taken for PostgreSQL",
        (
            within(
                "store/postgresql",
                "    if not is_pooled and pid != connection.info.backend_pid:",
                "    if not is_pooled and pid == 0:",
            ),
        ),
        (
            "tests/poolers/test_recognised.py"
            "::test_it_is_refused_in_one_sentence_that_names_the_setting[small-had by chance]",
        ),
    ),
)

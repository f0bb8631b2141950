"""Faults in who hears of a logout, and in how those are told."""

from tests.mutations import Mutation, within

FAIR = "tests/domain/revoking/test_deliveries_fair.py"
HEARD = "tests/domain/revoking/test_logout_heard.py"
AT_ONCE = "tests/domain/revoking/test_logout_at_once.py"
TOLD = f"{AT_ONCE}::test_an_end_waits_for_a_redemption_that_is_under_way_and_its_client_is_told"

MUTATIONS_OF_LOGOUTS = (
    Mutation(
        "the end of a session does not see who redeems meanwhile",
        (within("store/revocations", ", lock=_SESSION_LOCKED)", ")"),),
        (TOLD,),
        ("postgresql",),
    ),
    Mutation(
        "the end of a subject does not see who redeems meanwhile",
        (within("store/revocations", "        lock=_SUBJECT_LOCKED,\n", ""),),
        (TOLD,),
        ("postgresql",),
    ),
    Mutation(
        "a redemption does not ask whether its session goes on",
        (
            within(
                "store/redeeming",
                "        redeemed = redeemed.where(_IN_LIVE_SESSION[outlives_session])",
                "        pass",
            ),
        ),
        (f"{AT_ONCE}::test_a_redemption_that_comes_while_an_end_is_under_way_waits_and_gets_nothing",),
    ),
    Mutation(
        "a redemption does not ask whether its subject goes on",
        (within("store/redeeming", "redeemed.where(_OF_LIVE_SUBJECT)", "redeemed"),),
        (f"{AT_ONCE}::test_a_redemption_that_comes_while_an_end_is_under_way_waits_and_gets_nothing",),
    ),
    Mutation(
        "who is to hear of a session is forgotten with the grant",
        (within("store/granting", "purge_at=later(of_session, _KEPT_UNTIL)", "purge_at=_KEPT_UNTIL"),),
        (f"{HEARD}::test_a_client_hears_of_the_end_of_a_session_when_its_grant_is_gone_long_before",),
    ),
    Mutation(
        "what workers of the version before have given is not looked at",
        (
            within(
                "store/hearing",
                "    if not is_settled:\n        given += [",
                "    if False:\n        given += [",
            ),
        ),
        (f"{HEARD}::test_beside_workers_of_the_version_before_a_client_hears_by_what_these_write",),
    ),
    Mutation(
        "the receivers of one tenant may take every slot",
        (within("domain/revoking/rounds", "SLOTS_OF_TENANT = 4", "SLOTS_OF_TENANT = SLOTS"),),
        (f"{FAIR}::test_what_becomes_due_while_receivers_of_another_tenant_keep_silent_is_sent_meanwhile",),
    ),
    Mutation(
        "a receiver that somebody holds is taken",
        (within("store/deliveries", "        where=receivers.c.held_until <= NOW,\n", ""),),
        (f"{FAIR}::test_of_two_deliverers_who_saw_the_same_receiver_one_gets_the_turn",),
    ),
    Mutation(
        "a silent receiver is not left alone",
        (
            within(
                "store/deliveries",
                ".values(held_until=NOW + _SECONDS, silences",
                ".values(held_until=0, silences",
            ),
        ),
        (f"{FAIR}::test_a_silent_receiver_is_left_alone_for_a_while_whatever_else_there_is_for_it",),
    ),
    Mutation(
        "the look-up of a name is waited for",
        (
            within(
                "domain/look_ups",
                "        found = self.create_future()\n",
                "        return socket.getaddrinfo(host, port, **options)\n"
                "        found = self.create_future()\n",
            ),
        ),
        (
            "tests/web/serving/test_backchannel.py"
            "::test_the_look_up_of_a_name_is_waited_for_no_longer_than_all_the_rest",
        ),
    ),
)

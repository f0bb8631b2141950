"""Faults in how a store is upgraded, beside workers of the version before."""

from tests.mutations import Mutation, within

BOTH = "tests/upgrading/test_both_versions.py"
BACKFILLING = "tests/store/test_backfilling.py"

MUTATIONS_OF_UPGRADES = (
    Mutation(
        "codes of the version before are not taken back",
        (within("store/codes", "codes.c.purge_at.is_(None),", "codes.c.purge_at == 0,"),),
        (f"{BOTH}::test_what_a_person_takes_back_includes_codes_of_both",),
    ),
    Mutation(
        "refresh tokens have no rows while the version before looks for them",
        (within("store/settling", "found[0] not in UNSETTLED", "found[0] != ''"),),
        (f"{BOTH}::test_refresh_tokens_go_to_and_fro_and_their_reuse_is_seen",),
    ),
    Mutation(
        "rows are purged that the version before has use for",
        (within("domain/purging", "if not authority.store.is_settled:", "if False:"),),
        (f"{BOTH}::test_this_version_purges_nothing_yet",),
    ),
    Mutation(
        "only rows without a time get one",
        (within("store/backfilling", "table.c.purge_at < _AT_LEAST[table]", "table.c.purge_at < 0"),),
        (f"{BACKFILLING}::test_what_the_version_before_has_renewed_or_used_since_is_kept_for_longer",),
    ),
)

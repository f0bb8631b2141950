"""Faults in what tokens are meant for."""

from tests.mutations import Mutation, within

INDICATORS = "tests/protocol/test_rfc8707_resource_indicators.py"
GUARDED = "tests/embedding/test_rfc9728_protected_resource.py"

MUTATIONS_OF_RESOURCES = (
    Mutation(
        "a resource server sees what is meant for others",
        (within("protocol/rfc7662_introspection", "        if own:\n", "        if False:\n"),),
        (f"{INDICATORS}::test_s2_a_token_is_active_to_the_resource_servers_it_names_and_to_no_other",),
    ),
    Mutation(
        "a refresh widens what was granted",
        (
            within(
                "domain/resources",
                "among(asked, possible(given), refusal)",
                "among(asked, possible(asked), refusal)",
            ),
        ),
        (f"{INDICATORS}::test_s2_2_a_refresh_does_not_widen_and_the_token_stays_usable",),
    ),
    Mutation(
        "a guarded view takes what is meant for others",
        (within("web/endpoints/protection", "resource.canonical if resource else None", "None"),),
        (f"{GUARDED}::test_s5_1_a_token_that_is_not_meant_for_the_resource_is_refused",),
    ),
    Mutation(
        "a resource's tenant goes before the one that the view names",
        (within("web/endpoints/protection", "str(named) != resource.tenant", "False"),),
        (f"{GUARDED}::test_a_view_that_names_another_tenant_takes_no_token_of_the_resources",),
    ),
    Mutation(
        "a guard takes what is meant for others",
        (within("guard/introspecting", "self._resource is None or ", "True or "),),
        (
            "tests/guard/test_guard.py::test_a_token_for_another_resource_is_none_and_one_for_ours_is_however_it_is_written",
        ),
    ),
)

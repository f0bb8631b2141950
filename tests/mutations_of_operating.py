"""Faults in what operators and hosts see: commands, logs, the process, a host's own sign-in."""

from tests.mutations import Mutation, within

HOST = "tests/web/pages/test_host_sign_in.py"
SIGNED_OUT = "tests/web/pages/test_host_sign_out.py"
BEHIND = "tests/web/pages/test_behind_a_path.py"

MUTATIONS_OF_OPERATING = (
    Mutation(
        "a host is not told the tenant",
        (within("web/pages/hosts", "    return takes_tenant\n", "    return False\n"),),
        (f"{HOST}::test_a_host_that_is_told_the_tenant_says_for_each_who_is_signed_in",),
    ),
    Mutation(
        "somebody is signed out while the host has them signed in",
        (within("web/pages/signing_out", "if host is None or host.named(tenant) is None:", "if tenant:"),),
        (f"{SIGNED_OUT}::test_that_somebody_is_signed_out_is_not_said_while_the_host_s_own_session_goes_on",),
    ),
    Mutation(
        "people are sent to a login beside the path of the public URL",
        (within("web/pages/hosts", "url = base + url", "url = url"),),
        (f"{BEHIND}::test_people_are_sent_to_the_login_of_the_application_and_back",),
    ),
    Mutation(
        "the metadata is not where the issuer's path would have it",
        (within("web/blueprint", "urlsplit(server.authority.settings.public_url).path]", '""]'),),
        (f"{BEHIND}::test_8414_s3_1_a_client_finds_the_metadata_where_it_makes_the_address_of_the_issuer",),
    ),
)

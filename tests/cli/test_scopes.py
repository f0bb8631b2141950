"""`rescind scope`: sentences for scope values."""

from rescind.domain.registry import scope_texts
from tests.cli.shell import Shell, on_sqlite
from tests.servers import Tenant

pytestmark = on_sqlite


def test_a_tenant_says_what_a_scope_value_means_until_it_takes_that_away(
    shell: Shell, tenant: Tenant, other_tenant: Tenant
) -> None:
    def listed(of: Tenant) -> dict[str, str]:
        return {each["scope"]: each["text"] for each in shell.run("scope", "list", of.name, "--json").records}

    shell.run("scope", "set", tenant.name, "email", "--text", "read your mail")
    said = shell.run("scope", "set", tenant.name, "email", "--text", "write to you", "--json").record
    with_it = listed(tenant)
    deleted = shell.run("scope", "delete", tenant.name, "email", "--json").record
    again = shell.run("scope", "delete", tenant.name, "email")

    assert said == {"scope": "email", "text": "write to you"}
    assert with_it == {**scope_texts.BUILT_IN, "email": "write to you"}
    assert deleted == {"scope": "email", "deleted": True}
    assert (again.code, again.out) == (1, "")
    assert f"The tenant {tenant.name} has no sentence for 'email'." in again.err
    assert listed(tenant) == listed(other_tenant) == scope_texts.BUILT_IN


def test_a_sentence_is_for_one_value(shell: Shell, tenant: Tenant) -> None:
    refused = shell.run("scope", "set", tenant.name, "email phone", "--text", "reach you")

    assert (refused.code, refused.out) == (1, "")
    assert "A sentence is for one scope value" in refused.err

"""What a code of either kind stands for, once it is redeemed."""

from dataclasses import replace

from rescind.domain.authority import Authority
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.tokens.issuing import Authorization, Draft, IssuedTokens, draft
from rescind.store.device_records import DeviceRecord
from rescind.store.records import ClientRecord, CodeRecord, TenantRecord

OFFLINE_ACCESS = "offline_access"


def drafted(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord,
    code: CodeRecord | DeviceRecord,
    audience: tuple[str, ...] | None = None,
) -> Draft:
    """Write down the grant of a code, under the epochs that it carries, and its first tokens.

    Args:
        audience: of the access token, where that is not all of the code's.
    """
    outlives_session = OFFLINE_ACCESS in code.scope
    authorization = Authorization(
        tenant_id=tenant.id,
        client_id=code.client_id,
        epochs=Epochs(code.tenant_epoch, code.client_epoch, code.subject_epoch or 0),
        scope=code.scope,
        subject=code.subject,
        session_sid=None if outlives_session else code.session_sid,
        offline_session_sid=code.session_sid if outlives_session else None,
        auth_time=code.auth_time,
        is_refreshable="refresh_token" in client.grant_types,
        audience=code.audience or (),
    )
    return draft(
        authority,
        authorization,
        grant_id=code.grant_id,
        access_token_seconds=authority.settings.access_token_seconds,
        audience=audience,
    )


def handed_out(made: Draft, code: CodeRecord | DeviceRecord) -> IssuedTokens:
    """Say what the client gets, and of a grant that ends with its session for how long that goes on."""
    seconds, left = made.issued.authorization_seconds, code.session_left_seconds
    if seconds is None or left is None or made.grant.session_sid is None:
        return made.issued
    return replace(made.issued, authorization_seconds=min(seconds, left))

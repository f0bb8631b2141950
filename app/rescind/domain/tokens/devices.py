"""Device codes (RFC 8628): begun by a device, and redeemed once when a person has allowed it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rescind.domain import resources
from rescind.domain.authority import Authority
from rescind.domain.networks import network_of
from rescind.domain.people import user_codes
from rescind.domain.people.throttling import Allowance
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import CODE_REPLAY, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.secrets import digest, new_device_code, new_id
from rescind.domain.tokens.issuing import IssuedTokens, still_allowed
from rescind.domain.tokens.redeeming import drafted, handed_out
from rescind.errors import ClientDisabled, DeviceRefused, DevicesThrottled, SignInThrottled, TokenRefused
from rescind.store import devices
from rescind.store.device_records import DeviceRecord
from rescind.store.drafts import NewDevice
from rescind.store.records import ClientRecord, TenantRecord

# `revoking.access` looks for those that can be redeemed among the rows of so long.
LIFETIME_SECONDS = 600
INTERVAL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """What a device is told (section 3.2); the user code as people type it."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)


def begin(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord,
    scope: tuple[str, ...],
    *,
    audience: tuple[str, ...],
    address: str,
) -> Begun:
    """Let a device begin to wait, and commit.

    Args:
        tenant: with the epochs that the request read first, as the client.
        address: that the request came from; of a client that can keep no secret devices are counted by it,
            as anybody can begin them, and each leaves a row.

    Raises:
        DevicesThrottled: there were too many.
        StoreUnavailable: it is not known to have begun.
    """
    if client.is_public:
        _take(authority, tenant.id, client.client_id, address)
    kept_seconds = authority.registered_client_seconds
    while True:
        begun = Begun(new_device_code(), user_codes.new())
        row = NewDevice(
            digest=digest(begun.device_code),
            user_code_digest=user_codes.digest_of(begun.user_code),
            grant_id=new_id(),
            client_id=client.client_id,
            scope=scope,
            audience=audience,
            tenant_epoch=tenant.epoch,
            client_epoch=client.epoch,
            interval_seconds=INTERVAL_SECONDS,
            lifetime_seconds=LIFETIME_SECONDS,
        )
        # Another may have the same user code just now.
        if devices.add(authority.store, tenant.id, row, client_kept_seconds=kept_seconds):
            return begun


def _take(authority: Authority, tenant_id: int, client_id: str, address: str) -> None:
    key = digest(f"device begun\0{client_id}\0{network_of(address)}")
    limits = {key: authority.settings.sign_in_attempts_per_address}
    try:
        Allowance(authority, tenant_id, limits, is_familiar=True).take()
    except SignInThrottled as error:
        raise DevicesThrottled(error.retry_after_seconds) from None


def redeem(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord,
    device: DeviceRecord | None,
    request_id: str | None = None,
    *,
    asked_resources: Sequence[str] = (),
    before_use: Callable[[tuple[str, ...]], object] = tuple,
) -> IssuedTokens:
    """Turn a device code into its grant and first tokens once a person has allowed it, and commit.

    Args:
        device: its row; None where there is none.
        asked_resources: what the first access token is to be meant for; all that was granted where none is.
        before_use: called with the scope when the code is about to be used up; if it raises, it is not.

    Raises:
        DeviceRefused: nobody has said yes yet, or it was refused, or is too late (section 3.5).
        TokenRefused: the code is unknown, another client's, or was taken back; or it was used before, then
            the grant has ended, and that is committed.
        TargetRefused: it was not allowed for a resource that is asked for; nothing has changed.
        ClientDisabled: the client is; the code is as it was.
        StoreUnavailable: not known whether it was redeemed.
    """
    if device is None or device.client_id != client.client_id:
        raise TokenRefused("The device code is unknown, or was made for another client.")
    if device.is_suspended:
        raise ClientDisabled
    if device.redeemed_at is None:
        _check_is_allowed(authority, tenant, device)
        allowed = replace(device, scope=still_allowed(device.scope, client))
        audience = resources.narrowed(asked_resources, device.audience or ())
        before_use(allowed.scope)
        made = drafted(authority, tenant, client, allowed, audience)
        kept_seconds = authority.registered_client_seconds
        if devices.redeem(
            authority.store, tenant.id, device, made.grant, made.tokens, client_kept_seconds=kept_seconds
        ):
            return handed_out(made, allowed)
        again = _look_up(authority, tenant.id, device.digest)
        if again is not None and again.redeemed_at is None and again.is_suspended:
            raise ClientDisabled
    cause = Cause(CODE_REPLAY, actor=f"client:{client.client_id}", request_id=request_id)
    revoke(authority, selectors.Grant(tenant.name, device.grant_id), cause)
    raise TokenRefused("The device code was used before or taken back; everything issued with it has ended.")


def _look_up(authority: Authority, tenant_id: int, device_digest: bytes) -> DeviceRecord | None:
    with authority.store.reading() as tx:
        return devices.find(tx, tenant_id, device_digest)


def _check_is_allowed(authority: Authority, tenant: TenantRecord, device: DeviceRecord) -> None:
    if device.denied_at is not None:
        raise DeviceRefused("access_denied")
    if device.is_expired:
        raise DeviceRefused("expired_token")
    if device.is_ended:
        raise TokenRefused("What the device code stands for was revoked: begin anew.")
    if device.allowed_at is None:
        interval = devices.poll(authority.store, tenant.id, device.digest)
        # Decided meanwhile, it is for the next question.
        is_too_soon = interval is not None and interval > device.interval_seconds
        raise DeviceRefused("slow_down" if is_too_soon else "authorization_pending")

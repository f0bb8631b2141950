"""`/t/<tenant>/oauth2/register`: RFC 7591; and RFC 7592 behind it, for each client that did so.

Pages of any origin may use it: no cookie is looked at, and a client that runs in a browser begins here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Request, Response

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.people import personal_tokens
from rescind.domain.registry import registration_throttle, self_registration, tenant_settings, tenants
from rescind.domain.registry.tenant_settings import TenantSettings
from rescind.domain.secrets import digest
from rescind.errors import BadValue, ClientDisabled, RegistrationThrottled, TokenRefused
from rescind.protocol import rfc6750_bearer as bearer
from rescind.protocol import rfc7591_client_registration as registration
from rescind.protocol import rfc7592_client_configuration as configuration
from rescind.protocol.rfc6749_errors import DisabledClient, TooManyRegistrations
from rescind.store import registration_tokens
from rescind.store.records import Admitted, TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.wire import bodies, cors, replies
from rescind.web.wire.replies import ProblemError
from rescind.web.wire.request_ids import request_id

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a tenant that was read."""

    request: Request
    admitted: Admitted
    members: Members

    @property
    def tenant(self) -> TenantRecord:
        """The tenant, as it was read first."""
        return self.admitted.tenant

    @property
    def address(self) -> str:
        """Where it came from; empty where that is not known."""
        return self.request.remote_addr or ""

    def token(self) -> str:
        """Take the token out of the Authorization header.

        Raises:
            BearerError: it has none.
        """
        return bearer.read_bearer(self.request.headers.get("Authorization"))


class Register:
    """The endpoints of all tenants."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def register(self, tenant: str) -> Response:
        """Register a client."""
        return self._answer(tenant, {"POST": self._register})

    def configure(self, tenant: str, client_id: str) -> Response:
        """Show, change or delete what a client has registered."""
        answers = {"GET": self._show, "HEAD": self._show, "PUT": self._change, "DELETE": self._delete}
        return self._answer(tenant, {name: partial(each, client_id) for name, each in answers.items()})

    def _answer(self, tenant: str, answers: Mapping[str, Callable[[Asked], Response]]) -> Response:
        request = bodies.present()
        members: Members = {}
        error: Exception | None = None
        try:
            members = _read(request, answers)
        except (ProblemError, OAuth2Error) as found:
            error = found
        with self._authority.store.keeping():
            # An unknown tenant is 404 whatever else is wrong.
            asked = Asked(request, tenancy.admit(self._authority, tenant), members)
            reply = partial(replies.answering, self._reply, asked, error, answers)
            methods = ", ".join(answers)
            return cors.shared(self._authority, request, asked.tenant.id, methods, reply, is_public=True)

    def _reply(
        self, asked: Asked, error: Exception | None, answers: Mapping[str, Callable[[Asked], Response]]
    ) -> Response:
        if error is not None:
            raise error
        try:
            return answers[asked.request.method](asked)
        except TokenRefused:
            raise configuration.InvalidRegistrationToken from None
        except ClientDisabled:
            raise DisabledClient from None
        except RegistrationThrottled as throttled:
            raise TooManyRegistrations(throttled.retry_after_seconds) from None
        except BadValue as bad:
            raise registration.refused(bad) from None

    def _register(self, asked: Asked) -> Response:
        settings = tenants.settings_of(self._authority, asked.tenant)
        initial = self._let_in(asked, settings)
        allowed = replace(_allowed(asked.tenant, settings), is_whole=True)
        metadata = registration.read(asked.members, allowed)
        registered = self_registration.register(
            self._authority, asked.tenant, metadata, address=asked.address, initial=initial
        )
        return self._told(201, asked.tenant, registered)

    def _let_in(self, asked: Asked, settings: TenantSettings) -> str | None:
        """Look whether somebody may register a client, before anything of it is looked at.

        Returns:
            The token that is to be used for it; None where anybody may.
        """
        if settings.registration == tenant_settings.CLOSED:
            raise registration.RegistrationClosed
        tenant_id = asked.tenant.id
        if settings.registration == tenant_settings.OPEN:
            with self._authority.store.reading() as tx:
                registration_throttle.Allowance.of(asked.address, is_new=True).look(tx, tenant_id)
            return None
        initial = asked.token()
        with self._authority.store.reading() as tx:
            if not registration_tokens.is_good(tx, tenant_id, digest(initial)):
                raise TokenRefused("The registration token is unknown, expired or used up.")
        return initial

    def _show(self, client_id: str, asked: Asked) -> Response:
        registered = self._registered(client_id, asked)
        self._authority.store.vouch(asked.tenant.standing, asked.tenant.id)
        return self._told(200, asked.tenant, registered)

    def _change(self, client_id: str, asked: Asked) -> Response:
        token = asked.token()
        present = self._registered(client_id, asked).client
        settings = tenants.settings_of(self._authority, asked.tenant)
        if settings.registration == tenant_settings.CLOSED:
            raise registration.RegistrationClosed
        secret = configuration.check_is_itself(asked.members, client_id)
        allowed = configuration.allowed_to(present, _allowed(asked.tenant, settings))
        changed = self_registration.change(
            self._authority,
            asked.tenant,
            client_id,
            token,
            registration.read(asked.members, allowed),
            secret=secret,
            address=asked.address,
        )
        return self._told(200, asked.tenant, changed)

    def _delete(self, client_id: str, asked: Asked) -> Response:
        token = asked.token()
        if not names.is_client_id(client_id):
            raise configuration.InvalidRegistrationToken
        self_registration.delete(
            self._authority, asked.tenant, client_id, token, request_id=request_id(asked.request)
        )
        return replies.empty_reply(204)

    def _registered(self, client_id: str, asked: Asked) -> self_registration.SelfRegistered:
        token = asked.token()
        if not names.is_client_id(client_id):
            raise configuration.InvalidRegistrationToken
        return self_registration.read(self._authority, asked.tenant, client_id, token)

    def _told(
        self, status: int, tenant: TenantRecord, registered: self_registration.SelfRegistered
    ) -> Response:
        base = self._authority.settings.issuer(tenant.name).removesuffix("/token")
        return replies.json_reply(status, registration.answer(registered, base))


def _read(request: Request, answers: Mapping[str, object]) -> Members:
    """Read a request, in the order of the contract; an error waits until the tenant is known."""
    if request.method not in answers:
        raise ProblemError(405, allow=", ".join(answers))
    if request.method not in {"POST", "PUT"}:
        registration.refuse_query(request.args)
        return {}
    body = bodies.read_body(request)
    members = registration.read_object(body, request.headers.get("Content-Type", ""))
    registration.refuse_query(request.args)
    return members


def _allowed(tenant: TenantRecord, settings: TenantSettings) -> registration.Allowed:
    own = filter(None, (tenant.name, settings.display_name, personal_tokens.CLIENT_NAME))
    return registration.Allowed(settings.open_scope, names_of_others=tuple(own))

"""A token that was found, as Authlib asks about it."""

from authlib.oauth2.rfc6749 import TokenMixin

from rescind.domain.authority import Authority
from rescind.domain.tokens import active
from rescind.protocol.clients import AuthenticatedClient
from rescind.protocol.requests import TenantRequest, current
from rescind.protocol.rfc6749_errors import InvalidRequest
from rescind.store.records import TokenRecord


class FoundToken(TokenMixin):
    """A row of the store. Every answer about its state is the predicate's."""

    def __init__(self, record: TokenRecord) -> None:
        self.record = record

    def check_client(self, client: AuthenticatedClient) -> bool:
        """Tell whether the token was issued to this client."""
        return self.record.grant.client_id == client.client_id

    def get_scope(self) -> str:
        """Give the scope as one string."""
        return " ".join(self.record.scope)

    def is_expired(self) -> bool:
        """Tell whether time has ended it."""
        return self.record.is_expired

    def is_revoked(self) -> bool:
        """Tell whether a decision has ended it, or holds it up for a while: Authlib knows no third way."""
        return self.record.is_ended or self.record.is_suspended


def find(authority: Authority, token: str) -> FoundToken | None:
    """Find a token in the tenant of this request, whatever its kind: the first read has brought it."""
    received = current.get()
    is_known = token == received.shown_token
    record = received.known_token if is_known else active.look_up(authority, received.tenant.id, token)
    return None if record is None else FoundToken(record)


def require_token(request: TenantRequest) -> None:
    """Refuse a request without a token (RFC 7009 section 2.1, RFC 7662 section 2.1)."""
    if "token" not in request.form:
        raise InvalidRequest("The parameter token is missing.")

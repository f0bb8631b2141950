"""RFC 7662, Token Introspection, from the side of the resource server that asks."""

import re
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote_plus

import httpx

from rescind.canonical_resources import canonical, canonical_or_none
from rescind.errors import BadValue
from rescind.guard import tokens
from rescind.guard.tokens import ActiveToken

TIMEOUT_SECONDS = 5.0
LONGEST_TOKEN = 8192
# RFC 6750 section 2.1: nothing else can be a bearer token, so nobody is asked about it.
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_ISSUER_ENDS = "/token"


class GuardError(Exception):
    """The root of what a guard raises. Its text holds no token and no secret."""


class NotTold(GuardError):
    """Whether the token is active could not be learnt: nothing may be done with it.

    A view answers 503 then, not 401: the token may be good, and its client would throw it away.
    """


class Guard:
    """Ask the server whether tokens are active; safe to share between threads and tasks.

    Args:
        issuer: the tenant's issuer, exactly as its metadata has it.
        client_id: of a client that is registered with `--resource-server`.
        client_secret: its secret.
        resource: the one resource that tokens have to be meant for (RFC 8707); any where it is not given.
        introspection_endpoint: where the server is reached otherwise than by its issuer.
        timeout_seconds: how long is waited for an answer.
        verify: an SSL context, where the system's certificates do not do.

    Raises:
        ValueError: the issuer is not one of a tenant, and no endpoint is given; or the resource is none.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        resource: str | None = None,
        introspection_endpoint: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        verify: Any = True,
    ) -> None:
        self.issuer = issuer
        self.resource = resource
        self.endpoint = introspection_endpoint or _endpoint(issuer)
        self._resource = _checked(resource) if resource is not None else None
        # Encoded as a form first (RFC 6749 section 2.3.1): an id may be a URL, with colons.
        self._auth = httpx.BasicAuth(quote_plus(client_id), quote_plus(client_secret))
        self._options: dict[str, Any] = {"timeout": timeout_seconds, "verify": verify, "trust_env": False}
        self._sync: httpx.Client | None = None
        self._async: httpx.AsyncClient | None = None

    def check(self, token: str) -> ActiveToken | None:
        """Ask about a token; None where it is not active, or not meant for this resource.

        Raises:
            NotTold: the server could not be asked.
            GuardError: it does not know this guard.
        """
        if not _is_possible(token):
            return None
        self._sync = self._sync or httpx.Client(**self._options)
        try:
            answer = self._sync.post(self.endpoint, data=_form(token), auth=self._auth)
        except httpx.HTTPError as error:
            raise NotTold(f"The authorization server could not be asked: {type(error).__name__}.") from None
        return self._judged(answer)

    async def check_async(self, token: str) -> ActiveToken | None:
        """Do the same as `check` in an event loop; a guard serves one loop."""
        if not _is_possible(token):
            return None
        self._async = self._async or httpx.AsyncClient(**self._options)
        try:
            answer = await self._async.post(self.endpoint, data=_form(token), auth=self._auth)
        except httpx.HTTPError as error:
            raise NotTold(f"The authorization server could not be asked: {type(error).__name__}.") from None
        return self._judged(answer)

    def close(self) -> None:
        """Close the connections of `check`; it may be called again after."""
        if self._sync is not None:
            self._sync.close()
            self._sync = None

    async def aclose(self) -> None:
        """Close the connections of `check_async`."""
        if self._async is not None:
            await self._async.aclose()
            self._async = None

    def __enter__(self) -> Self:
        """Give this guard, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    async def __aenter__(self) -> Self:
        """Give this guard, to be closed at the end of the block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.aclose()

    def _judged(self, answer: httpx.Response) -> ActiveToken | None:
        if answer.status_code in {400, 401, 403}:
            raise GuardError(
                f"The authorization server answered {answer.status_code}: look at the id and the secret of "
                "this guard's client, and whether it is a resource server."
            )
        if answer.status_code != httpx.codes.OK:
            raise NotTold(f"The authorization server answered {answer.status_code}.")
        try:
            claims = answer.json()
        except (ValueError, RecursionError):
            claims = None
        if not isinstance(claims, dict):
            raise NotTold("The authorization server's answer is no JSON object.")
        token = tokens.read(claims)
        return token if token is not None and self._is_meant(token) else None

    def _is_meant(self, token: ActiveToken) -> bool:
        """Tell whether the token was issued by whom is asked, and is meant for this resource."""
        if token.issuer is not None and token.issuer != self.issuer:
            return False
        return self._resource is None or self._resource in map(canonical_or_none, token.audience)


def _form(token: str) -> dict[str, str]:
    return {"token": token, "token_type_hint": "access_token"}


def _is_possible(token: str) -> bool:
    return len(token) <= LONGEST_TOKEN and _TOKEN68.fullmatch(token) is not None


def _endpoint(issuer: str) -> str:
    if not issuer.endswith(f"/oauth2{_ISSUER_ENDS}"):
        raise ValueError(
            f"The issuer of a tenant ends with /oauth2{_ISSUER_ENDS}; "
            "of another server name the introspection_endpoint."
        )
    return issuer.removesuffix(_ISSUER_ENDS) + "/introspect"


def _checked(resource: str) -> str:
    """Give a resource as it is compared."""
    try:
        return canonical(resource)
    except BadValue as error:
        raise ValueError(str(error)) from None

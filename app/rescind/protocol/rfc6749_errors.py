"""RFC 6749 section 5.2, The OAuth 2.0 Authorization Framework: the error answers.

Each names a registered code and holds a sentence that helps. A description is a constant of this server:
nothing that came with a request is repeated in it, so it holds no secret and no forbidden character.
"""

from authlib.oauth2.rfc6749 import errors

from rescind.errors import ClientDisabled, DocumentRefused

REALM = "rescind"


class InvalidRequest(errors.InvalidRequestError):
    """The request is malformed, or lacks or repeats a parameter."""


class InvalidGrant(errors.InvalidGrantError):
    """The presented token or code can't be used, or is another client's."""


class InvalidScope(errors.InvalidScopeError):
    """The scope is malformed, or more than may be had."""


class UnauthorizedClient(errors.UnauthorizedClientError):
    """The client may not use this grant type."""


class DisabledClient(UnauthorizedClient):
    """The client is who it says, and an operator has disabled it. Nothing of the request was used up.

    Not `invalid_client`, by which clients throw away what they are registered with.
    """

    def __init__(self) -> None:
        super().__init__(str(ClientDisabled()))


class UnsupportedGrantType(errors.UnsupportedGrantTypeError):
    """The grant type is not known here."""

    def __init__(self) -> None:
        super().__init__("")
        self.description = "This grant type is not supported; the metadata lists those that are."


class InvalidClient(errors.InvalidClientError):
    """Client authentication failed: always 401, and always the same, whether the client exists or not.

    RFC 9110 section 15.5.2 wants a challenge with every 401. The scheme Basic is named only to a request
    that had an Authorization header (RFC 6749 section 5.2 wants it there): a browser's `fetch` with
    credentials never settles on a Basic challenge that it did not provoke.
    """

    status_code = 401

    def __init__(self, *, had_authorization: bool) -> None:
        super().__init__("Client authentication failed: unknown client, wrong credentials or a wrong method.")
        self._scheme = "Basic" if had_authorization else "Bearer"

    def get_headers(self) -> list[tuple[str, str]]:
        """Add the challenge to the headers of every error."""
        plain = super(errors.InvalidClientError, self).get_headers()
        extra = ', charset="UTF-8"' if self._scheme == "Basic" else f', error="{self.error}"'
        return [*plain, ("WWW-Authenticate", f'{self._scheme} realm="{REALM}"{extra}')]


class ClientNotDescribed(InvalidClient):
    """The document that describes a client is gone, or says of it what can't be."""

    def __init__(self, refused: DocumentRefused) -> None:
        super().__init__(had_authorization=False)
        self.description = str(refused)


class TooMany(errors.OAuth2Error):
    """RFC 6585 section 4: something was asked for too often, and was not looked at."""

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, description: str, retry_after_seconds: int) -> None:
        super().__init__(description)
        self._retry_after_seconds = retry_after_seconds

    def get_headers(self) -> list[tuple[str, str]]:
        """Add when it is worth trying again to the headers of every error."""
        return [*super().get_headers(), ("Retry-After", str(self._retry_after_seconds))]


class TooManyFailures(TooMany):
    """Too many have failed to authenticate as this client from this address.

    Whether what this request has shown was right is not said.
    """

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Too many attempts to authenticate as this client from this address have failed.",
            retry_after_seconds,
        )


class TooManyRegistrations(TooMany):
    """Too many clients have registered themselves."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Too many clients have registered themselves lately. Try again later.", retry_after_seconds
        )

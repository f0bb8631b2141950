"""Authlib's own client, in this process."""

import warnings
from typing import Any
from urllib.parse import urlencode

from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client.errors import OAuthError
from playwright.sync_api import Page

from tests.sdks.people import approve
from tests.sdks.sdks import Given, SdkError, is_refused
from tests.servers import NO_TLS, VERIFIER

with warnings.catch_warnings():
    # It asks for the successor of httpx.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client


class AuthlibClient:
    """The client, told where each endpoint is."""

    def __init__(self, page: Page, given: Given) -> None:
        self._page = page
        self._given = given
        self._oauth = OAuth2Client(
            client_id=given.client_id,
            client_secret=given.client_secret,
            scope=given.scope,
            redirect_uri=given.redirect_uri,
            code_challenge_method="S256",
            verify=NO_TLS,
            headers={"User-Agent": "an app with Authlib"},
        )

    def sign_in(self) -> None:
        address, state = self._oauth.create_authorization_url(self._at("authorize"), code_verifier=VERIFIER)
        self._page.goto(address)
        approve(self._page)
        self._page.wait_for_url(f"{self._given.redirect_uri}**")
        self._oauth.fetch_token(
            self._at("token"), authorization_response=self._page.url, state=state, code_verifier=VERIFIER
        )

    def userinfo(self) -> Any:
        reply = self._oauth.get(self._at("userinfo"))
        if reply.status_code != 200:
            raise SdkError(f"userinfo {reply.status_code} {reply.headers.get('WWW-Authenticate')}")
        return reply.json()

    def refresh(self) -> None:
        try:
            self._oauth.refresh_token(self._at("token"))
        except OAuthError as error:
            raise SdkError(str(error)) from error

    def revoke(self) -> None:
        access_token = self._oauth.token["access_token"]
        revoke = self._oauth.revoke_token
        revoke(self._at("revoke"), access_token, "access_token").raise_for_status()  # type: ignore[no-untyped-call]

    def introspect(self) -> list[bool]:
        if self._given.client_secret is None:
            return []
        reply = self._oauth.introspect_token(
            self._at("introspect"), token=self._oauth.token["access_token"], token_type_hint="access_token"
        )
        return [reply.json()["active"]]

    def has_ended(self) -> bool:
        return is_refused(self.userinfo) and is_refused(self.refresh)

    def sign_out(self) -> None:
        query = {
            "id_token_hint": self._oauth.token["id_token"],
            "post_logout_redirect_uri": self._given.redirect_uri,
            "state": "bye",
        }
        self._page.goto(f"{self._given.base}/oidc/logout?{urlencode(query)}")

    def close(self) -> None:
        """Let its connections go."""
        self._oauth.close()

    def _at(self, endpoint: str) -> str:
        return f"{self._given.base}/oauth2/{endpoint}"

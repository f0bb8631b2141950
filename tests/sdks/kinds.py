"""The clients that are tried, as they are published, with what each needs of the answer to a revocation."""

import contextlib
import importlib.metadata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from rescind.domain.registry import registration
from tests import node_packages
from tests.sdks.in_node import AxiosSample, InNode, started
from tests.sdks.in_page import (
    AsgardeoBrowserInPage,
    AsgardeoInPage,
    InPage,
    InPageWithoutIdToken,
    JQuerySample,
    OidcClientInPage,
)
from tests.sdks.in_python import AuthlibClient
from tests.sdks.sdks import FOLDER, Given, Sdk
from tests.sdks.site import Site
from tests.sdks.wired import Revocation
from tests.stores import BACKENDS
from tests.wire import Wire

# What a client gets that accepts nothing else.
JSON = "application/json"
POSTGRESQL = ("postgresql",)
ASGARDEO = "state=sign_out_success"
ACCESS = {"token": "{access_token}", "token_type_hint": "access_token"}
REFRESH = {"token": "{refresh_token}", "token_type_hint": "refresh_token"}
PUBLIC = {"client_id": "{client_id}"}
SECRET = {"client_id": "{client_id}", "client_secret": "{client_secret}"}


@dataclass(frozen=True)
class Stage:
    """What is there for a client: a browser's page, the app's own site, and what the client is told."""

    page: Page
    site: Site
    wire: Wire
    given: Given
    folder: Path


@dataclass(frozen=True)
class Kind:
    """A client.

    Attributes:
        packages: whose versions are told, the client's own first.
        method: of the client's authentication, to which its registration is pinned.
        revocations: what it sends when it is told to revoke.
        state: with which people come back from the sign-out.
        fails_at_204: how a run fails when the revocation is answered by 204.
        fails_at_html: how a run fails when the answer claims to be HTML.
        stores: on which it runs through; what the store does differently, the first ones show.
    """

    packages: tuple[str, ...]
    open: Callable[[Stage], AbstractContextManager[Sdk]]
    revocations: tuple[Revocation, ...]
    method: str = registration.NONE
    is_in_page: bool = False
    state: str = "state=bye"
    fails_at_204: str = r"^the answer was \(204, None, b''\)$"
    fails_at_html: str = r"^the answer was \(200, 'text/html', b''\)$"
    stores: tuple[str, ...] = BACKENDS

    @property
    def title(self) -> str:
        """Its packages and their versions."""
        return ", ".join(f"{name} {_version(name)}" for name in self.packages)


def _version(package: str) -> str:
    return importlib.metadata.version(package) if package == "Authlib" else node_packages.version(package)


# What is called otherwise in the successor of @asgardeo/auth-spa; it comes as modules, to be bundled.
BROWSER = {
    "node_modules/@asgardeo/auth-spa/dist/asgardeo-spa.production.min.js": "bundle.js",
    "clientID:": "clientId:",
    "signInRedirectURL:": "afterSignInUrl:",
    "signOutRedirectURL:": "afterSignOutUrl:",
    "scope:": "scopes:",
    "getDecodedIDToken": "getDecodedIdToken",
}


def _page(
    file: str, kind: type[InPage] = InPage, changes: dict[str, str] | None = None, bundled: str | None = None
) -> Callable[[Stage], AbstractContextManager[Sdk]]:
    @contextlib.contextmanager
    def open_it(stage: Stage) -> Iterator[Sdk]:
        text = (FOLDER / "pages" / file).read_text()
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        stage.site.page = stage.given.filled_in(text)
        stage.site.bundle = _bundle(bundled, stage.folder) if bundled else None
        yield kind(stage.page, stage.given, stage.wire)

    return open_it


def _bundle(package: str, folder: Path) -> Path:
    """Put a package and all that it needs into one file, as an app's build does."""
    entry, made = folder / "app.mjs", folder / "bundle.js"
    entry.write_text(f'export * from "{package}";\n')
    (folder / "node_modules").symlink_to(node_packages.MODULES)
    options = ["--bundle", "--format=iife", "--global-name=AsgardeoAuth", f"--outfile={made}"]
    done = node_packages.run(node_packages.MODULES / "esbuild" / "bin" / "esbuild", str(entry), *options)
    assert done.returncode == 0, done.stderr
    return made


def _script(file: str, kind: type[InNode] = InNode) -> Callable[[Stage], AbstractContextManager[Sdk]]:
    return lambda stage: started(file, stage.page, stage.given, stage.wire, stage.folder, kind)


def _authlib(stage: Stage) -> AbstractContextManager[Sdk]:
    return contextlib.closing(AuthlibClient(stage.page, stage.given))


KINDS: dict[str, Kind] = {
    "the document's jQuery sample": Kind(
        ("jquery",),
        _page("jquery.html", JQuerySample),
        (Revocation({"token": "{access_token}", "token_type": "access_token", **PUBLIC}),),
        is_in_page=True,
        fails_at_204="the sample printed 'undefined'",
    ),
    "the document's axios sample": Kind(
        ("axios", "qs"), _script("axios.mjs", AxiosSample), (Revocation({**ACCESS, **PUBLIC}),)
    ),
    "@asgardeo/auth-spa": Kind(
        ("@asgardeo/auth-spa",),
        _page("asgardeo.html", AsgardeoInPage),
        (Revocation({**ACCESS, **PUBLIC}, media_type=JSON),),
        is_in_page=True,
        state=ASGARDEO,
        fails_at_204="Unexpected end of JSON input",
    ),
    "@asgardeo/auth-spa, in a worker": Kind(
        ("@asgardeo/auth-spa",),
        _page(
            "asgardeo.html",
            InPageWithoutIdToken,
            {"sendIdTokenInLogoutRequest: true": 'storage: "webWorker"'},
        ),
        (Revocation({**ACCESS, **PUBLIC}, media_type=JSON),),
        is_in_page=True,
        state=ASGARDEO,
        fails_at_204="Unexpected end of JSON input",
    ),
    "@asgardeo/browser": Kind(
        ("@asgardeo/browser",),
        _page("asgardeo.html", AsgardeoBrowserInPage, BROWSER, bundled="@asgardeo/browser"),
        (Revocation({**ACCESS, **PUBLIC}, media_type=JSON),),
        is_in_page=True,
        state=ASGARDEO,
        fails_at_204="Unexpected end of JSON input",
        stores=POSTGRESQL,
    ),
    "@asgardeo/auth-js": Kind(
        ("@asgardeo/auth-js",),
        _script("auth_js.mjs"),
        (Revocation({**ACCESS, **PUBLIC}, media_type=JSON),),
        state=ASGARDEO,
        fails_at_204="Unexpected end of JSON input",
        stores=POSTGRESQL,
    ),
    "openid-client, client_secret_basic": Kind(
        ("openid-client",),
        _script("openid_client.mjs"),
        (Revocation(REFRESH, scheme="Basic"),),
        registration.CLIENT_SECRET_BASIC,
        fails_at_204=r"unexpected HTTP (response )?status code",
    ),
    "openid-client, client_secret_post": Kind(
        ("openid-client",),
        _script("openid_client.mjs"),
        (Revocation({**REFRESH, **SECRET}),),
        registration.CLIENT_SECRET_POST,
        fails_at_204=r"unexpected HTTP (response )?status code",
    ),
    "oauth4webapi": Kind(
        ("oauth4webapi",),
        _script("oauth4webapi.mjs"),
        (Revocation({"token": "{access_token}", **PUBLIC}),),
        fails_at_204=r"unexpected HTTP (response )?status code",
        stores=POSTGRESQL,
    ),
    "oidc-client-ts": Kind(
        ("oidc-client-ts",),
        _page("oidc_client_ts.html", OidcClientInPage),
        (
            Revocation({**ACCESS, **PUBLIC}, media_type=JSON),
            Revocation({**REFRESH, **PUBLIC}, media_type=JSON),
        ),
        is_in_page=True,
        state="state=",
        fails_at_html="Invalid response Content-Type: text/html",
        stores=POSTGRESQL,
    ),
    "simple-oauth2": Kind(
        ("simple-oauth2",),
        _script("simple_oauth2.mjs"),
        (
            Revocation(ACCESS, scheme="Basic", media_type=JSON),
            Revocation(REFRESH, scheme="Basic", media_type=JSON),
        ),
        registration.CLIENT_SECRET_BASIC,
        fails_at_204="The content-type is not JSON compatible",
        fails_at_html="The content-type is not JSON compatible",
        stores=POSTGRESQL,
    ),
    "Authlib, client_secret_basic": Kind(
        ("Authlib",), _authlib, (Revocation(ACCESS, scheme="Basic"),), registration.CLIENT_SECRET_BASIC
    ),
    "Authlib, public": Kind(("Authlib",), _authlib, (Revocation({**ACCESS, **PUBLIC}),)),
}

"""RFC 8414, OAuth 2.0 Authorization Server Metadata: what this server can do, and where.

The same document is what OpenID Connect Discovery 1.0 section 3 asks for.
"""

from typing import Any

from rescind.domain.people import claims
from rescind.domain.registry import keys
from rescind.domain.registry.client_keys import ALGORITHMS
from rescind.domain.registry.registration import GRANT_TYPES
from rescind.domain.registry.tenant_settings import CLOSED, TenantSettings
from rescind.domain.tokens.codes import OFFLINE_ACCESS
from rescind.protocol.clients import ALL_METHODS, WITH_PROOF
from rescind.protocol.openid_connect_core import CLAIMS, OPENID


def metadata(issuer: str, settings: TenantSettings, *, has_claims: bool = True) -> dict[str, Any]:
    """Describe a tenant's server (section 2). Lists what works, and nothing else.

    Args:
        issuer: `<public url>/t/<tenant>/oauth2/token`; the token endpoint has the same URL.
        settings: of the tenant.
        has_claims: whether there is anything to tell of people but who they are.
    """
    base = issuer.removesuffix("/token")
    return {
        "issuer": issuer,
        "token_endpoint": issuer,
        "token_endpoint_auth_methods_supported": list(ALL_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint": f"{base}/revoke",
        "revocation_endpoint_auth_methods_supported": list(ALL_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint": f"{base}/introspect",
        "introspection_endpoint_auth_methods_supported": list(WITH_PROOF),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": list(GRANT_TYPES),
        # RFC 8628 section 4.
        "device_authorization_endpoint": f"{base}/device",
        "code_challenge_methods_supported": ["S256"],
        # draft-ietf-oauth-refresh-token-expiration: a refresh token goes with the grant, and not before.
        "refresh_token_expiration_types_supported": ["authorization"],
        **({} if settings.registration == CLOSED else {"registration_endpoint": f"{base}/register"}),
        **_authorization(base),
        **_openid_connect(base),
        **({"client_id_metadata_document_supported": True} if settings.client_metadata_documents else {}),
        "scopes_supported": _scopes(settings, has_claims=has_claims),
        "claims_supported": [*CLAIMS, *(claims.DETAILS if has_claims else ())],
    }


def _scopes(settings: TenantSettings, *, has_claims: bool) -> list[str]:
    """List what may be asked for: clients that bring themselves ask for all of it where nobody says what."""
    is_open = settings.registration != CLOSED or settings.client_metadata_documents
    known = (OPENID, *(claims.SCOPES if has_claims else ()), OFFLINE_ACCESS)
    return list(dict.fromkeys((*known, *(settings.open_scope if is_open else ()))))


def _authorization(base: str) -> dict[str, Any]:
    """Describe what a browser is sent to."""
    return {
        "authorization_endpoint": f"{base}/authorize",
        # Section 2 requires the member. No other response type will ever be accepted.
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        # RFC 9207 section 3.
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    }


def _openid_connect(base: str) -> dict[str, Any]:
    """Describe the part of OpenID Connect: Discovery section 3, RP-Initiated and Back-Channel Logout."""
    return {
        "jwks_uri": f"{base}/jwks",
        "userinfo_endpoint": f"{base}/userinfo",
        "end_session_endpoint": f"{base.removesuffix('/oauth2')}/oidc/logout",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [keys.ALGORITHM],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        # Without the member it would mean true.
        "request_uri_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }

"""RFC 8414, OAuth 2.0 Authorization Server Metadata: what this server can do, and where."""

from typing import Any

from rescind.domain.registration import GRANT_TYPES
from rescind.protocol.clients import ALL_METHODS, WITH_PROOF
from rescind.protocol.rfc7523_client_assertion import ALGORITHMS


def metadata(issuer: str) -> dict[str, Any]:
    """Describe a tenant's server (section 2). Lists what works, and nothing else.

    Args:
        issuer: `<public url>/t/<tenant>/oauth2/token`; the token endpoint has the same URL.
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
        # Section 2 wants an authorization_endpoint beside authorization_code, and there is none yet.
        "grant_types_supported": [name for name in GRANT_TYPES if name != "authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        # Section 2 requires the member. No other response type will ever be accepted.
        "response_types_supported": ["code"],
    }

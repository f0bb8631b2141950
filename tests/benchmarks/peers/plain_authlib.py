"""A plain Authlib server, as its documentation has one be made: Flask, Flask-SQLAlchemy, Authlib's mixins.

What is set to its advantage: client secrets and tokens are compared and stored as they are, as the mixins do,
never hashed; the pool keeps a connection for each thread; there is no log line of a request. What is its own
and stays: entities of the ORM, and on a refresh one commit for the successors and one for what they replace.
"""

import os
import secrets
import sys
import time
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import (
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_query_client_func,
    create_query_token_func,
    create_revocation_endpoint,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, insert
from sqlalchemy.orm import mapped_column, relationship

TOKEN_SECONDS = 24 * 3600
BATCH = 1000
db = SQLAlchemy()


class User(db.Model):
    """Somebody who owns resources."""

    id = mapped_column(db.Integer, primary_key=True)
    username = mapped_column(db.String(40), unique=True)

    def get_user_id(self) -> int:
        """Give what a token says of its owner."""
        return self.id


class OAuth2Client(db.Model, OAuth2ClientMixin):
    """A client."""

    __tablename__ = "oauth2_client"
    id = mapped_column(db.Integer, primary_key=True)


class OAuth2Token(db.Model, OAuth2TokenMixin):
    """An access token, and the refresh token that came with it."""

    __tablename__ = "oauth2_token"
    id = mapped_column(db.Integer, primary_key=True)
    user_id = mapped_column(ForeignKey("user.id"))
    user = relationship("User")


class Refresh(grants.RefreshTokenGrant):
    """Rotates on every use, as the product does."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> OAuth2Token | None:
        """Find the token."""
        token = OAuth2Token.query.filter_by(refresh_token=refresh_token).first()
        return token if token and not token.is_revoked() else None

    def authenticate_user(self, refresh_token: OAuth2Token) -> User | None:
        """Find whose token it is."""
        return db.session.get(User, refresh_token.user_id)

    def revoke_old_credential(self, refresh_token: OAuth2Token) -> None:
        """End the token that was replaced."""
        refresh_token.access_token_revoked_at = refresh_token.refresh_token_revoked_at = int(time.time())
        db.session.add(refresh_token)
        db.session.commit()


class Introspection(IntrospectionEndpoint):
    """Tells a client of its own tokens."""

    def query_token(self, token_string: str, token_type_hint: str | None) -> OAuth2Token | None:
        """Find the token."""
        return create_query_token_func(db.session, OAuth2Token)(token_string, token_type_hint)

    def check_permission(self, token: OAuth2Token, client: OAuth2Client, request: Any) -> bool:
        """Allow the client that the token was issued to."""
        return token.check_client(client)

    def introspect_token(self, token: OAuth2Token) -> dict[str, Any]:
        """Say what is known of the token."""
        return {
            "active": True,
            "client_id": token.client_id,
            "token_type": token.token_type,
            "scope": token.get_scope(),
            "iat": token.issued_at,
            "exp": token.issued_at + token.expires_in,
        }


def create_app() -> Flask:
    """Make the server. libpq takes the database from the environment."""
    app = Flask("plain-authlib", static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI="postgresql+psycopg://",
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": int(os.environ["PEER_THREADS"])},
        OAUTH2_REFRESH_TOKEN_GENERATOR=True,
    )
    db.init_app(app)
    server = AuthorizationServer(
        app,
        query_client=create_query_client_func(db.session, OAuth2Client),
        save_token=create_save_token_func(db.session, OAuth2Token),
    )
    server.register_grant(grants.ClientCredentialsGrant)
    server.register_grant(Refresh)
    server.register_endpoint(create_revocation_endpoint(db.session, OAuth2Token))
    server.register_endpoint(Introspection)
    post = {"methods": ["POST"]}
    app.add_url_rule("/token", "token", server.create_token_response, **post)
    app.add_url_rule("/revoke", "revoke", lambda: server.create_endpoint_response("revocation"), **post)
    app.add_url_rule(
        "/introspect", "introspect", lambda: server.create_endpoint_response("introspection"), **post
    )
    return app


def prepare(client_ids: list[str]) -> None:
    """Make the tables, a user, and clients."""
    db.create_all()
    db.session.add(User(username="alice"))
    for client_id in client_ids:
        client = OAuth2Client(client_id=client_id, client_secret=os.environ["PEER_SECRET"])
        client.set_client_metadata(
            {
                "grant_types": ["client_credentials", "refresh_token"],
                "token_endpoint_auth_method": "client_secret_basic",
                "scope": "read",
            }
        )
        db.session.add(client)
    db.session.commit()


def issue(client_id: str, kind: str, count: int) -> None:
    """Insert tokens, and print those that are asked for."""
    is_refreshable = kind == "refresh"
    user_id = db.session.query(User.id).scalar() if is_refreshable else None
    for start in range(0, count, BATCH):
        rows = [
            {
                "client_id": client_id,
                "token_type": "Bearer",
                "access_token": secrets.token_urlsafe(32),
                "refresh_token": secrets.token_urlsafe(32) if is_refreshable else None,
                "scope": "read",
                "expires_in": TOKEN_SECONDS,
                "user_id": user_id,
            }
            for _ in range(min(BATCH, count - start))
        ]
        db.session.execute(insert(OAuth2Token), rows)
        db.session.commit()
        print(*(row[f"{kind}_token"] for row in rows), sep="\n")


if __name__ == "__main__":
    with create_app().app_context():
        if sys.argv[1] == "prepare":
            prepare(sys.argv[2:])
        else:
            issue(sys.argv[2], sys.argv[3], int(sys.argv[4]))

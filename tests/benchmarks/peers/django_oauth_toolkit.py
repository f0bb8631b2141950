"""A server of django-oauth-toolkit, in one file: its own views, models and migrations.

What is set to its advantage: no application that its endpoints do not need, and no middleware but the one
that gives answers a length (without it gunicorn sends them in chunks); a connection to the database that each
thread keeps, with prepared statements; client secrets that are not hashed (by default each request would pay
for PBKDF2); no log; reuse of a refresh token goes unnoticed, as by default. What is its own and stays: the
ORM, and oauthlib below it.
"""

import datetime
import os
import secrets
import sys
from collections.abc import Iterator

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

TOKEN_SECONDS = 24 * 3600
BATCH = 1000

settings.configure(
    SECRET_KEY=secrets.token_urlsafe(32),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    APPEND_SLASH=False,
    LOGGING_CONFIG=None,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "CONN_MAX_AGE": None,
            # Off by default; statements cost PostgreSQL a fifth less.
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
        }
    },
    OAUTH2_PROVIDER={
        "SCOPES": {"read": "read", "introspection": "introspect"},
        "DEFAULT_SCOPES": ["read"],
        "ACCESS_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
        "REFRESH_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
        "ROTATE_REFRESH_TOKEN": True,
    },
)
django.setup()

# Django must be set up before its models can be imported.
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider import views  # noqa: E402
from oauth2_provider.models import AccessToken, Application, RefreshToken  # noqa: E402

urlpatterns = [
    path("token", views.TokenView.as_view()),
    path("revoke", views.RevokeTokenView.as_view()),
    path("introspect", views.IntrospectTokenView.as_view()),
]
application = get_wsgi_application()


def prepare(client_ids: list[str]) -> None:
    """Make the tables, a user, and clients."""
    call_command("migrate", verbosity=0)
    User.objects.create(username="alice")
    for client_id in client_ids:
        # An application has one grant type; a refresh is part of the code's.
        grant_type = "authorization-code" if client_id == "refresh" else "client-credentials"
        Application.objects.create(
            client_id=client_id,
            client_secret=os.environ["PEER_SECRET"],
            hash_client_secret=False,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=grant_type,
            redirect_uris="https://client.example/callback",
        )


def issue(client_id: str, kind: str, count: int) -> None:
    """Insert tokens, and print those that are asked for."""
    client = Application.objects.get(client_id=client_id)
    for start in range(0, count, BATCH):
        batch = min(BATCH, count - start)
        tokens = _refresh_tokens(client, batch) if kind == "refresh" else _access_tokens(client, None, batch)
        print(*(each.token for each in tokens), sep="\n")


def _access_tokens(client: Application, user: User | None, count: int) -> list[AccessToken]:
    expires = timezone.now() + datetime.timedelta(seconds=TOKEN_SECONDS)
    return AccessToken.objects.bulk_create(
        AccessToken(application=client, user=user, token=token, expires=expires, scope="read")
        for token in _strings(count)
    )


def _refresh_tokens(client: Application, count: int) -> list[RefreshToken]:
    user = User.objects.get()
    return RefreshToken.objects.bulk_create(
        RefreshToken(application=client, user=user, token=token, access_token=access_token)
        for token, access_token in zip(_strings(count), _access_tokens(client, user, count), strict=True)
    )


def _strings(count: int) -> Iterator[str]:
    return (secrets.token_urlsafe(32) for _ in range(count))


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2:])
    else:
        issue(sys.argv[2], sys.argv[3], int(sys.argv[4]))

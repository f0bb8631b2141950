"""The one predicate against a plain model, over generated rows, on both stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from rescind.store import admission, clock, codes, grants, sessions
from rescind.store.engine import Store, Transaction
from rescind.store.records import PresentedToken
from rescind.store.statements import plain
from rescind.store.tables import Base
from tests import stores
from tests.store.activity_model import CLIENT_ID, DIGEST, FACTS, GRANT_ID, NOW, SID, SUBJECT, Facts

FIRST_ID = 9_000_000_000
# Columns that decide nothing.
FILLER: dict[str, dict[str, Any]] = {
    "authorization_codes": {
        "digest": DIGEST,
        "grant_id": GRANT_ID,
        "client_id": CLIENT_ID,
        "subject": SUBJECT,
        "scope": (),
        "redirect_uri": "https://app.example/back",
        "code_challenge": "",
        "created_at": 1,
        "kept_until": 1,
    },
    "clients": {
        "client_id": CLIENT_ID,
        "is_public": False,
        "grant_types": (),
        "redirect_uris": (),
        "post_logout_redirect_uris": (),
        "allowed_origins": (),
        "scope": (),
        "revocation_scope": "grant",
        "is_resource_server": False,
        "created_at": 1,
    },
    "grants": {"id": GRANT_ID, "client_id": CLIENT_ID, "scope": (), "audience": (), "created_at": 1},
    "sessions": {"sid": SID, "cookie_digest": b"c", "subject": SUBJECT, "auth_time": 1},
    "subjects": {"subject": SUBJECT, "epoch_at": 1},
    "tokens": {"digest": DIGEST, "kind": "access", "grant_id": GRANT_ID, "scope": (), "issued_at": 1},
}


def rows(tenant_id: int, facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Write facts as rows. All tenants use the same ids, so that a join without the tenant shows."""
    tenant = {"id": tenant_id, "name": f"activity-{tenant_id}", "created_at": 1, "settings": "{}"}
    authorization = {
        "session_sid": SID if facts.names_session else None,
        "tenant_epoch": facts.grant_tenant_epoch,
        "client_epoch": facts.grant_client_epoch,
        "subject_epoch": facts.grant_subject_epoch,
        "expires_at": facts.grant_expires_at,
    }
    deciding: dict[str, list[dict[str, Any]]] = {
        "clients": [
            {
                "epoch": facts.client_epoch,
                "deleted_at": facts.deleted_at,
                "disabled_at": facts.client_disabled_at,
            }
        ],
        "subjects": [] if facts.subject_epoch is None else [{"epoch": facts.subject_epoch}],
        "sessions": [asdict(facts.session)] if facts.session else [],
        "authorization_codes": [authorization],
        "grants": [
            authorization
            | {"offline_session_sid": SID if facts.outlives_session else None}
            | {"subject": SUBJECT if facts.has_subject else None, "revoked_at": facts.grant_revoked_at}
        ],
        "tokens": [
            {"expires_at": facts.expires_at, "rotated_at": facts.rotated_at, "revoked_at": facts.revoked_at}
        ],
    }
    deciding_tenant = {"epoch": facts.tenant_epoch, "disabled_at": facts.disabled_at}
    return {"tenants": [tenant | deciding_tenant]} | {
        table: [{"tenant_id": tenant_id} | FILLER[table] | row for row in found]
        for table, found in deciding.items()
    }


class UndoneError(Exception):
    """Raised to roll back."""


@contextmanager
def rolled_back(store: Store) -> Iterator[Transaction]:
    """Give a transaction of which nothing stays."""
    with pytest.raises(UndoneError), stores.transaction(store) as tx:
        yield tx
        raise UndoneError


def answers(tx: Transaction, tenant_id: int) -> list[bool | None]:
    """Ask the store: is it ended, expired or suspended, of session, code, grant and token, and active."""
    session = sessions.find(tx, tenant_id, SID)
    code = codes.find(tx, tenant_id, DIGEST)
    grant = grants.find(tx, tenant_id, GRANT_ID)
    token = admission.find_token(tx, tenant_id, PresentedToken(DIGEST))
    assert code is not None
    assert grant is not None
    assert token is not None
    assert token.grant == grant
    return [
        session.is_ended if session else None,
        session.is_expired if session else None,
        code.is_ended,
        code.is_expired,
        grant.is_ended,
        grant.is_expired,
        token.is_ended,
        token.is_expired,
        code.is_suspended,
        grant.is_suspended,
        token.is_suspended,
        token.is_active,
    ]


def expected(facts: Facts) -> list[bool | None]:
    """Ask the model the same."""
    return [
        facts.session_is_ended() if facts.session else None,
        facts.session_is_expired() if facts.session else None,
        facts.code_is_ended(),
        facts.grant_is_expired(),
        facts.grant_is_ended(),
        facts.grant_is_expired(),
        facts.token_is_ended(),
        facts.token_is_expired(),
        *[facts.is_suspended()] * 3,
        facts.token_is_active(),
    ]


@pytest.mark.requirement("CAS-08")
@settings(max_examples=60, deadline=None)
@given(every=st.lists(FACTS, min_size=10, max_size=10))
def test_the_predicate_says_what_the_model_says(store: Store, every: list[Facts]) -> None:
    written = [rows(FIRST_ID + number, facts) for number, facts in enumerate(every)]
    clock.set(NOW)
    with rolled_back(store) as tx:
        for table in Base.metadata.sorted_tables:
            each = [row for found in written for row in found.get(table.name, [])]
            for row in each:
                tx.rows(plain(insert(table).values(row)))

        said = [answers(tx, FIRST_ID + number) for number in range(len(every))]

    assert said == [expected(facts) for facts in every]

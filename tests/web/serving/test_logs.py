"""What is written down: logs that hold no secret, and a record of every revocation."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from rescind.domain.secrets import (
    Keyring,
    new_access_token,
    new_client_secret,
    new_code,
    new_device_code,
    new_id,
    new_initial_access_token,
    new_personal_token,
    new_registration_access_token,
)
from rescind.web.wire.redaction import redact
from tests import stores
from tests.store.apart import new_migrated_url
from tests.web.wire import traffic
from tests.web.wire.traffic import ACCESS, CLAIMED_ADDRESS, Traffic

# In the access log, of what could not be read as a request.
UNREAD = re.compile(r'\S+ "\S+ None" 400 ')
SECRET_KEY = "the-secret-key-that-nobody-may-read-0123456789"


@pytest.fixture(scope="module", params=stores.BACKENDS)
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    """Give what a server of its own wrote while it was used, misused and left without a store."""
    folder = tmp_path_factory.mktemp("traffic")
    url = new_migrated_url(request.param, folder, lambda: request.getfixturevalue("postgresql"))
    return traffic.run(url, folder, SECRET_KEY)


def statuses(used: Traffic) -> set[str]:
    """Give the statuses in the access log."""
    return {found["status"] for found in ACCESS.finditer(used.log)}


@pytest.mark.requirement("LOG-01")
def test_no_token_secret_or_key_is_written_to_the_log(used: Traffic) -> None:
    assert [secret for secret in used.secrets if secret in used.log] == []
    assert len(set(used.secrets)) > 15


def records(used: Traffic) -> list[dict[str, Any]]:
    """Read every line but those of the access log; each has to be one JSON object."""
    lines = [line for line in used.log.splitlines() if not (ACCESS.match(line) or UNREAD.match(line))]
    return [json.loads(line) for line in lines]


def test_a_line_is_one_json_object_whatever_was_sent(used: Traffic) -> None:
    assert all(record["event"] and record["timestamp"] and record["level"] for record in records(used))


def test_each_request_has_a_line_with_its_id_and_nothing_that_it_was_sent(used: Traffic) -> None:
    lines = [record for record in records(used) if record["event"] == "request"]

    ids = [line["request_id"] for line in lines]
    assert len(ids) == len(set(ids)) == len(ACCESS.findall(used.log))
    assert {line["method"] for line in lines} == {"GET", "POST"}
    assert {line["tenant"] for line in lines} == {used.tenant, None}
    assert {str(line["rule"]).partition("{")[0] for line in lines} >= {"/t/<tenant>/oauth2/revoke", "None"}


def test_what_is_no_part_of_a_request_has_no_request_id(used: Traffic) -> None:
    own = [record for record in records(used) if record["logger"].startswith("gunicorn.")]

    assert own
    assert [record for record in own if "request_id" in record] == []


@pytest.mark.requirement("LOG-01")
def test_the_log_says_what_went_wrong_all_the_same(used: Traffic) -> None:
    assert "the store did not confirm" in used.log
    assert "503" in statuses(used)
    assert "500" not in statuses(used)


@pytest.mark.requirement("LOG-02")
def test_the_access_log_has_the_path_and_never_the_query(used: Traffic) -> None:
    accesses = [line for line in used.log.splitlines() if ACCESS.match(line)]

    assert "400" in statuses(used)
    assert [line for line in accesses if "?" in line or "token=" in line] == []


@pytest.mark.requirement("HYG-08")
def test_the_access_log_has_the_peer_and_not_what_a_header_claims(used: Traffic) -> None:
    peers = {found["peer"] for found in ACCESS.finditer(used.log)}

    assert peers == {"127.0.0.1"}
    assert CLAIMED_ADDRESS not in used.log


def new_refresh_token() -> str:
    return Keyring(("the-secret-key-of-this-test",)).new_refresh_token(new_id(), 0)


@pytest.mark.requirement("LOG-01")
@pytest.mark.parametrize(
    "make",
    [
        *(new_access_token, new_refresh_token, new_client_secret, new_code),
        *(new_initial_access_token, new_registration_access_token, new_device_code, new_personal_token),
    ],
)
@pytest.mark.parametrize(
    "line", ["{}", "x{}", "q%3D{}", "('{}',)", '{{"event": "{}"}}', "/t/x/oauth2/revoke?a={}&b=c", "b'{}\\n'"]
)
def test_what_is_made_here_is_known_by_its_look(make: Callable[[], str], line: str) -> None:
    made = make()

    written = redact(line.format(made))

    assert made[4:] not in written
    assert made[4:12] not in written
    assert "[redacted]" in written


@pytest.mark.requirement("LOG-01")
@pytest.mark.parametrize(
    "line",
    [
        "client_secret=hunter2secret&x=y",
        "gone:\\\\ntoken=hunter2secret",
        "gone:\\\\tBearer hunter2secret",
        "client_secret%3Dhunter2secret",
        "{{'password': 'hunter2secret'}}",
        '{{"event": "{{\\"token\\": \\"hunter2secret\\"}}"}}',
        "refresh_token: hunter2secret",
        "code_verifier=hunter2secret",
        "/t/bifrost/device?user_code=hunter2secret",
        "Cookie: rescind_session=hunter2secret; theme=dark",
        "Set-Cookie: rescind_browser=hunter2secret; Path=/t/bifrost",
        "Cookie: __Host-rescind_session_bifrost=hunter2secret; theme=dark",
        "Set-Cookie: __Host-rescind_browser_a.b~c-d=hunter2secret; Path=/",
        "Authorization: Basic hunter2secret",
        "authorization: bearer   hunter2secret",
        "postgresql://rescind:hunter2secret@db/rescind",
        "eyJhbGciOiJub25lIn0.hunter2secret.x",
    ],
)
def test_what_comes_from_elsewhere_is_known_by_what_stands_before_it(line: str) -> None:
    written = redact(line)

    assert "hunter2" not in written
    assert "[redacted]" in written


@pytest.mark.parametrize(
    "line",
    [
        "purged 12 rows",
        "the store did not confirm: OperationalError 57P01",
        "a receiver of the signal 'revoked' failed",
        '127.0.0.1 "POST /t/bifrost/oauth2/token" 400 97 1ms',
    ],
)
def test_an_ordinary_line_stays_as_it_is(line: str) -> None:
    assert redact(line) == line

"""Faults in what operators and hosts see: commands, logs, the process, a host's own sign-in."""

from tests.mutations import Mutation, within

HOST = "tests/web/pages/test_host_sign_in.py"
SIGNED_OUT = "tests/web/pages/test_host_sign_out.py"
BEHIND = "tests/web/pages/test_behind_a_path.py"

DRY_RUNS = "tests/cli/test_dry_runs.py::test_a_dry_run_changes_nothing_also_for_who_is_sure"
REQUEST_IDS = (
    "tests/web/wire/test_request_ids.py::test_an_id_that_the_request_shows_as_a_secret_too_is_not_taken"
)
UNREADABLE = "tests/web/wire/test_unreadable.py"

MUTATIONS_OF_OPERATING = (
    Mutation(
        "a host is not told the tenant",
        (within("web/pages/hosts", "    return takes_tenant\n", "    return False\n"),),
        (f"{HOST}::test_a_host_that_is_told_the_tenant_says_for_each_who_is_signed_in",),
    ),
    Mutation(
        "somebody is signed out while the host has them signed in",
        (
            within(
                "web/pages/signing_out",
                "    if host is not None and host.named(tenant) is not None:",
                "    if not tenant:",
            ),
        ),
        (f"{SIGNED_OUT}::test_that_somebody_is_signed_out_is_not_said_while_the_host_s_own_session_goes_on",),
    ),
    Mutation(
        "people are sent to a login beside the path of the public URL",
        (within("web/pages/hosts", "url = base + url", "url = url"),),
        (f"{BEHIND}::test_people_are_sent_to_the_login_of_the_application_and_back",),
    ),
    Mutation(
        "the metadata is not where the issuer's path would have it",
        (within("web/blueprint", "urlsplit(server.authority.settings.public_url).path]", '""]'),),
        (f"{BEHIND}::test_8414_s3_1_a_client_finds_the_metadata_where_it_makes_the_address_of_the_issuer",),
    ),
    Mutation(
        "a dry run of who is sure deletes",
        (
            within(
                "cli/clients",
                '    if dry_run:\n        job.out.record({"dry_run": True, "client_id": client_id, **',
                "    if dry_run and not is_sure:\n"
                '        job.out.record({"dry_run": True, "client_id": client_id, **',
            ),
        ),
        (f"{DRY_RUNS}[client delete-sqlite]",),
    ),
    Mutation(
        "a dry run of who is sure revokes",
        (within("cli/revoke", "    if dry_run:\n", "    if dry_run and not is_sure:\n"),),
        (f"{DRY_RUNS}[revoke subject-sqlite]",),
    ),
    Mutation(
        "what can not be read as a request is logged",
        (within("web/serving/gunicorn_logger", "            handler.addFilter(_without_request)\n", ""),),
        (f"{UNREADABLE}::test_of_what_can_not_be_read_the_log_keeps_whose_it_was_and_no_word",),
    ),
    Mutation(
        "errors of gunicorn itself may be kept and taken for pages",
        (
            within(
                "web/serving/gunicorn_sending",
                '            "Cache-Control: no-store\\r\\nX-Content-Type-Options: nosniff\\r\\n\\r\\n"\n',
                '            "\\r\\n"\n',
            ),
        ),
        (f"{UNREADABLE}::test_it_is_answered_in_json_that_nobody_keeps_or_takes_for_a_page",),
    ),
    Mutation(
        "a method that somebody makes up is logged",
        (
            within(
                "web/serving/logs",
                'request.method if request.method in _METHODS else "other"',
                "request.method",
            ),
        ),
        (f"{UNREADABLE}::test_a_method_that_somebody_made_up_is_logged_as_another",),
    ),
    Mutation(
        "an id that repeats a secret is logged and stored",
        (
            within(
                "web/wire/request_ids",
                "return not any(given.encode() in unquote_to_bytes(each) for each in shown)",
                "return bool(shown)",
            ),
        ),
        (f"{REQUEST_IDS}[sqlite-Basic-all of it]",),
    ),
    Mutation(
        "an id that repeats a cookie is logged",
        (within("web/wire/request_ids", "credentials, cookies, sent)", "credentials, sent)"),),
        (f"{REQUEST_IDS}[sqlite-a cookie-all of it]",),
    ),
    Mutation(
        "the instance folder is open to everybody",
        (within("secret_key", "mode=0o700", "mode=0o777"),),
        ("tests/test_secret_key.py::test_development_makes_a_key_that_only_its_owner_reads",),
    ),
    Mutation(
        "a folder that is made for the store is open to everybody",
        (within("domain/authority", "mode=0o700", "mode=0o777"),),
        ("tests/test_secret_key.py::test_a_folder_that_is_made_for_the_store_alone_is_its_owners_too",),
    ),
    Mutation(
        "a thousand passwords are hashed at once",
        (within("domain/people/passwords", "AT_ONCE = 2", "AT_ONCE = 1000"),),
        (
            "tests/domain/people/test_hashing.py"
            "::test_who_was_sent_away_because_others_were_at_it_has_not_failed",
        ),
    ),
    Mutation(
        "a name that is unknown is refused without the work",
        (
            within(
                "domain/people/passwords",
                "    typed = _normal(password[",
                "    if stored is None:\n        return False\n    typed = _normal(password[",
            ),
        ),
        ("tests/domain/people/test_users.py::test_a_refusal_costs_the_same_work_whoever_is_named",),
    ),
    Mutation(
        "of a proxy host and scheme are believed too",
        (
            within(
                "web/application",
                "x_proto=0, x_host=0)",
                "x_proto=settings.trusted_proxies, x_host=settings.trusted_proxies)",
            ),
        ),
        ("tests/web/serving/test_proxies.py::test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw",),
    ),
    Mutation(
        "of a proxy the scheme is believed too",
        (within("web/application", "x_proto=0,", "x_proto=settings.trusted_proxies,"),),
        ("tests/web/serving/test_proxies.py::test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw",),
    ),
    Mutation(
        "a deleted client is admitted",
        (within("store/admission", "    _callers.c.deleted_at.is_(None),\n", ""),),
        ("tests/protocol/test_deleted_clients.py::test_6749_s5_2_it_is_not_admitted",),
    ),
)

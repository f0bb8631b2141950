"""Faults in how servers and commands start: with which key, on which store, by what they load."""

from tests.mutations import Mutation, within

SECRET_KEYS = "tests/domain/registry/test_secret_keys.py"
OF_COMMANDS = "tests/cli/test_secret_keys.py"
IMPORTS = "tests/cli/test_imports.py"

MUTATIONS_OF_STARTS = (
    Mutation(
        "a key that was just made is taken for the one of older clients",
        (within("domain/registry/secret_keys", "is_ours is None and _is_younger(authority)", "False"),),
        (f"{OF_COMMANDS}::test_a_key_that_a_shell_has_just_made_is_not_taken_for_that_of_older_clients",),
    ),
    Mutation(
        "a key of an instance folder is never taken for that of a store in use",
        (within("domain/registry/secret_keys", "first < int(made_at)", "True"),),
        (f"{OF_COMMANDS}::test_a_server_that_has_always_run_with_the_key_of_its_folder_goes_on",),
    ),
    Mutation(
        "any secret key will do",
        (within("domain/registry/secret_keys", "not set(given).isdisjoint(found.known)", "True"),),
        (SECRET_KEYS,),
    ),
    Mutation(
        "a store of the version before takes any secret key",
        (within("domain/registry/secret_keys", "return False if is_anothers else None", "return True"),),
        (SECRET_KEYS,),
    ),
    Mutation(
        "a key that was replaced comes back from behind the new one",
        (
            within(
                "domain/registry/secret_keys",
                "each not in (*found.known, *found.replaced)",
                "each not in found.known",
            ),
        ),
        (SECRET_KEYS,),
    ),
    Mutation(
        "a key that was made for want of one takes a store that is used",
        (
            within("cli/db", "        _check_new_key(authority)\n        secret", "        secret"),
            within("cli/db", "        _check_new_key(job.unchecked_authority)", "        pass"),
        ),
        (OF_COMMANDS,),
    ),
    Mutation(
        "a server that runs never looks at the store's secret keys again",
        (within("domain/readiness", "        keyring.is_recognised = False", "        pass"),),
        (f"{OF_COMMANDS}::test_a_worker_that_runs_finds_out_that_its_key_was_replaced",),
    ),
    Mutation(
        "an older key is good for ever",
        (within("cli/keys", "        secret_keys.retire_older(job.authority)", "        pass"),),
        (OF_COMMANDS,),
    ),
    Mutation(
        "an application that has mounted it answers with any secret key",
        (
            within(
                "web/blueprint",
                "    blueprint.before_request(functools.partial(_refuse_another_key, server.authority))\n",
                "",
            ),
        ),
        (OF_COMMANDS,),
    ),
    Mutation(
        "a fault that stays is told as one that passes",
        (within("store/connections", "is_lasting=fault.is_lasting", "is_lasting=False"),),
        ("tests/store/test_faults.py::test_readyz_tells_what_stays_from_what_passes",),
    ),
    Mutation(
        "whatever ends like a service link is passed over",
        (
            within(
                "service_links",
                "[each.removesuffix(_HOST) for each in keys if each.endswith(_HOST)]",
                '["RESCIND", "RESCIND_DATABASE", "RESCIND_SERVICE"]',
            ),
        ),
        ("tests/test_settings.py",),
    ),
    Mutation(
        "a thread dies in whatever words Python has",
        (within("web/serving/log_lines", "    threading.excepthook = _thread_died\n", ""),),
        ("tests/web/serving/test_log_lines.py::test_every_line_is_one_json_object_without_the_secret",),
    ),
    Mutation(
        "a word behind a line break is no word",
        (within("web/wire/redaction", '"(?:\\b|(?<=\\\\[nrt]))"', '"\\b"'),),
        ("tests/web/serving/test_logs.py",),
    ),
    Mutation(
        "every command loads every other",
        (
            within(
                "cli/main",
                "from rescind.version import __version__",
                "import rescind.cli.db\nfrom rescind.version import __version__",
            ),
        ),
        (IMPORTS,),
    ),
)

"""Faults in how servers and commands start: with which key, on which store, by what they load."""

from tests.mutations import Mutation, within

SECRET_KEYS = "tests/domain/registry/test_secret_keys.py"
OF_COMMANDS = "tests/cli/test_secret_keys.py"
IMPORTS = "tests/cli/test_imports.py"

MUTATIONS_OF_STARTS = (
    Mutation(
        "any secret key will do",
        (within("domain/registry/secret_keys", "set(keyring.digests) & set(found.known)", "True"),),
        (SECRET_KEYS,),
    ),
    Mutation(
        "a store of the version before takes any secret key",
        (within("domain/registry/secret_keys", "return not is_anothers", "return True"),),
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
        "every command loads every other",
        (
            within(
                "cli/main",
                "from rescind.version import __version__",
                "from rescind.cli import clients, db, serve  # noqa: F401\nfrom rescind.version import __version__",
            ),
        ),
        (IMPORTS,),
    ),
)

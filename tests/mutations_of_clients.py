"""Faults in how clients are registered, and show who they are."""

from tests.mutations import Mutation, within

THROTTLE = "tests/protocol/test_client_throttle.py"
AT_ONCE = "tests/domain/registry/test_clients_at_once.py"
AS_SENT = "tests/protocol/test_basic_as_sent.py"

MUTATIONS_OF_CLIENTS = (
    Mutation(
        "wrong client secrets are counted by nobody",
        (within("protocol/clients", "    if throttle.fail(origin, now):", "    if False:"),),
        (f"{THROTTLE}::test_a_client_that_is_not_there_is_answered_alike",),
    ),
    Mutation(
        "a right guess is told from a wrong one",
        (within("protocol/clients", "is_by_secret and seconds_left and not", "False and not"),),
        (f"{THROTTLE}::test_a_guess_that_is_right_is_not_told_from_a_wrong_one",),
    ),
    Mutation(
        "a guesser keeps a client from revoking",
        (within("protocol/clients", "or place.holder == client.client_id)", ")"),),
        (f"{THROTTLE}::test_nobody_who_guesses_keeps_a_client_from_revoking_what_is_its_own",),
    ),
    Mutation(
        "a token of anybody speaks for a client",
        (within("protocol/clients", "or place.holder == client.client_id)", "or place.holder)"),),
        (f"{THROTTLE}::test_a_token_of_another_speaks_for_nobody",),
    ),
    Mutation(
        "a guesser keeps a client out of where it always was",
        (within("protocol/clients", " and not throttle.is_familiar(origin)", ""),),
        (f"{THROTTLE}::test_where_its_secret_was_right_before_a_client_goes_on_whoever_guesses_there",),
    ),
    Mutation(
        "clients are kept out from anywhere",
        (
            within(
                "domain/registry/client_throttle",
                'client_id or "", network_of(address))',
                'client_id or "", "everywhere")',
            ),
        ),
        (f"{THROTTLE}::test_elsewhere_the_client_is_not_throttled",),
    ),
    Mutation(
        "what is kept of failures has no bound",
        (within("domain/registry/client_throttle", "    if len(kept) > MOST_KEPT:", "    if False:"),),
        (
            "tests/domain/registry/test_client_throttle.py"
            "::test_of_made_up_clients_no_more_is_kept_than_the_most",
        ),
    ),
    Mutation(
        "a rotation looks before its transaction",
        (
            within(
                "domain/registry/clients",
                "    digest = _digest(authority, secret)\n\n"
                "    def rotate(tx: Transaction) -> ClientRecord:\n"
                "        client = _to_change(tx, tenant, client_id)\n",
                "    digest = _digest(authority, secret)\n    client = get(authority, tenant, client_id)\n\n"
                "    def rotate(tx: Transaction) -> ClientRecord:\n",
            ),
        ),
        (f"{AT_ONCE}::test_no_secret_is_given_to_a_client_that_has_none_by_now",),
    ),
    Mutation(
        "a change looks before its transaction",
        (
            within(
                "domain/registry/clients",
                "    def change(tx: Transaction) -> ClientRecord:\n"
                "        client = _to_change(tx, tenant, client_id)\n",
                "    client = get(authority, tenant, client_id)\n\n"
                "    def change(tx: Transaction) -> ClientRecord:\n",
            ),
        ),
        (f"{AT_ONCE}::test_a_change_goes_by_what_the_client_is_when_it_is_written",),
    ),
    Mutation(
        "Basic as it was sent goes before what is decoded",
        (
            within(
                "protocol/credentials",
                "    return replace(decoded, as_sent=as_sent)",
                "    return replace(as_sent, as_sent=decoded)",
            ),
        ),
        (f"{AS_SENT}::test_where_both_are_right_it_is_the_decoded_one",),
    ),
    Mutation(
        "the id as it was sent is looked up only where it is found out to be worth it",
        (
            within(
                "protocol/clients",
                "    if client is None and presented.as_sent is not None:",
                "    if client is None and known is not None and presented.as_sent is not None:",
            ),
        ),
        (f"{AS_SENT}::test_a_client_that_is_not_there_costs_the_same_statements",),
    ),
    Mutation(
        "the issuer of a client's certificate may sign for the client",
        (
            within(
                "domain/registry/pem",
                "if label != _CERTIFICATE or all(each != _CERTIFICATE for each, _ in kept):",
                "if label:",
            ),
        ),
        (
            "tests/domain/registry/test_key_files.py"
            "::test_of_a_chain_of_certificates_the_issuer_signs_nothing_for_the_client",
        ),
    ),
    Mutation(
        "the key of another id may have signed",
        (
            within(
                "domain/registry/client_keys",
                "    return key.kid is not None and key.kid != key.thumbprint()",
                "    return False",
            ),
        ),
        ("tests/protocol/test_rfc7523_keys.py::test_rfc7517_s4_5_the_key_of_another_kid_will_not",),
    ),
    Mutation(
        "of two claims of a name the last counts",
        (
            within(
                "protocol/strict_json",
                "    if len(members) != len(pairs):",
                "    if len(members) > len(pairs):",
            ),
        ),
        (
            "tests/protocol/test_rfc7523_one_reading.py"
            "::test_claims_that_others_may_read_otherwise_are_refused",
        ),
    ),
    Mutation(
        "the header of an assertion is read as the library does",
        (
            within(
                "protocol/rfc7523_client_assertion",
                '    return read_object(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))),'
                " read_object(payload)",
                "    import json\n\n    return json.loads("
                'base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))), read_object(payload)',
            ),
        ),
        (
            "tests/protocol/test_rfc7523_one_reading.py"
            "::test_a_header_that_others_may_read_otherwise_is_refused",
        ),
    ),
)

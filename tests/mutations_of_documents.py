"""Faults in clients that are described by a document at their id."""

from tests.mutations import Mutation, within

FETCHING = "tests/attacks/test_document_fetching.py"
ATTACKS = "tests/attacks/test_documented_clients.py"
DOCUMENT = "tests/protocol/test_client_id_metadata_document.py"
CLIENTS = "tests/protocol/test_documented_clients.py"
ROWS = "tests/domain/registry/test_documents.py"

MUTATIONS_OF_DOCUMENTS = (
    Mutation(
        "a code is made for what the document that another worker has written does not allow",
        (within("web/pages/authorize", "if not protocol.still_allows(asked, client):", "if False:"),),
        (
            f"{CLIENTS}::test_what_a_newer_document_does_not_allow_that_another_worker_has_written_leads_to_nothing",
        ),
    ),
    Mutation(
        "a document is fetched from a private address",
        (within("domain/fetching", "place not in self._allowed and not all", "False and not all"),),
        (f"{FETCHING}::test_a_name_of_such_an_address_is_not_connected_to",),
    ),
    Mutation(
        "a redirect leads to a document",
        (within("domain/fetching", "follow_redirects=False", "follow_redirects=True"),),
        (f"{FETCHING}::test_an_answer_that_is_no_small_document_is_refused",),
    ),
    Mutation(
        "a document has no end",
        (within("domain/fetching", "if len(body) > LONGEST_BYTES:", "if False:"),),
        (f"{FETCHING}::test_an_answer_that_is_no_small_document_is_refused",),
    ),
    Mutation(
        "a slow document is waited for as long as it takes",
        (within("domain/fetching", "asyncio.timeout(FETCH_SECONDS)", "asyncio.timeout(60)"),),
        (f"{FETCHING}::test_one_byte_after_the_other_is_waited_for_no_longer_than_all_the_rest",),
    ),
    Mutation(
        "a document may be another client's",
        (
            within(
                "protocol/client_id_metadata_document",
                'if members.get("client_id") != client_id:',
                "if False:",
            ),
        ),
        (f"{DOCUMENT}::test_s4_a_document_that_can_not_be_is_refused",),
    ),
    Mutation(
        "a document with a secret is taken",
        (
            within(
                "protocol/client_id_metadata_document",
                "if any(name in members for name in _SECRETS):",
                "if False:",
            ),
        ),
        (f"{DOCUMENT}::test_s4_a_document_that_can_not_be_is_refused",),
    ),
    Mutation(
        "a client by a document may ask for anything",
        (
            within(
                "domain/registry/documents",
                "tuple(word for word in self.scope if word in open_scope)",
                "self.scope",
            ),
        ),
        (f"{CLIENTS}::test_what_is_not_open_to_such_clients_is_not_given",),
    ),
    Mutation(
        "what a document drops goes on",
        (within("domain/registry/documents", "if not _drops(present, values):", "if True:"),),
        (f"{ROWS}::test_what_a_newer_document_drops_ends_all_of_the_client",),
    ),
    Mutation(
        "a document that is out of date is good for ever",
        (
            within(
                "domain/registry/documents",
                "return client.document_expires_at is None or client.document_expires_at <= now",
                "return False",
            ),
        ),
        (f"{CLIENTS}::test_s6_one_that_is_gone_keeps_nobody_in",),
    ),
    Mutation(
        "consent to a client by a document is remembered",
        (within("protocol/rfc8252_native_apps", "client.provenance is None and (is_fixed", "(is_fixed"),),
        (f"{CLIENTS}::test_consent_names_both_hosts_and_is_asked_for_every_time",),
    ),
    Mutation(
        "a request of before a revocation gives a client a row after it",
        (
            within(
                "domain/registry/documents",
                "before.ended_at is not None and before.ended_at >= since",
                "False",
            ),
        ),
        (f"{ROWS}::test_a_request_that_began_before_all_was_ended_gives_no_row",),
    ),
    Mutation(
        "a host may have any number of clients",
        (within("store/client_documents", "return count >= most", "return False"),),
        (f"{ATTACKS}::test_a_host_has_so_many_clients_and_no_more",),
    ),
    Mutation(
        "any number of threads may wait for documents",
        (
            within(
                "domain/registry/document_turns",
                "turns.taken(threads)",
                "turns.taken(10_000)",
            ),
        ),
        (f"{ATTACKS}::test_while_others_wait_for_documents_strangers_are_sent_away_and_clients_are_not",),
    ),
    Mutation(
        "the document of a client that an operator has stopped is fetched",
        (within("domain/registry/documents", "if client.disabled_at is not None:", "if False:"),),
        (
            f"{CLIENTS}::test_one_that_an_operator_has_stopped_before_it_came_gets_nothing_and_its_host_is_not_asked",
        ),
        stores=("sqlite",),
    ),
    Mutation(
        "strangers take the turns of clients that are here",
        (within("domain/registry/document_turns", "_turn(self._clients,", "_turn(self._strangers,"),),
        (f"{ATTACKS}::test_while_others_wait_for_documents_strangers_are_sent_away_and_clients_are_not",),
        stores=("sqlite",),
    ),
    Mutation(
        "one slow host has all turns of strangers",
        (within("domain/registry/document_turns", "not self._held.isdisjoint(wanted)", "False"),),
        ("tests/domain/registry/test_document_turns.py",),
        stores=("sqlite",),
    ),
    Mutation(
        "a name with letters of another script is shown",
        (within("domain/names", "    if len(alphabets & _LIKE_EACH_OTHER) > 1:", "    if False:"),),
        (f"{ATTACKS}::test_a_name_that_could_be_read_as_another_is_not_shown",),
    ),
    Mutation(
        "clients by documents are taken where no operator has said so",
        (
            within(
                "protocol/documented_clients",
                "    if not set_for.client_metadata_documents:\n        return None\n",
                "",
            ),
        ),
        (f"{CLIENTS}::test_it_is_said_and_done_exactly_where_the_tenant_allows_it",),
    ),
)

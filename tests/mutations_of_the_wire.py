"""Faults in what comes in and goes out: connections, origins, addresses, and what a host adds to answers."""

from tests.mutations import Mutation, within

URIS = "tests/domain/test_uris.py"
OF_BEFORE = "tests/web/pages/test_addresses_of_before.py"
BACKCHANNEL = "tests/web/serving/test_backchannel.py"
SLOW = "tests/web/serving/test_slow_clients.py"
UNREAD = "tests/web/serving/test_unread_answers.py"
HEADERS = "tests/embedding/test_headers_of_hosts.py"
PLAIN = "tests/web/serving/test_plain_gunicorn.py"

MUTATIONS_OF_THE_WIRE = (
    Mutation(
        "an origin is looked for in all clients",
        (within("store/origins", "_BY_ORIGIN if is_settled else _BY_ALL_CLIENTS", "_BY_ALL_CLIENTS"),),
        ("tests/store/test_origins.py::test_an_origin_is_looked_up_by_an_index",),
    ),
    Mutation(
        "origins of before are not filled in",
        (within("store/backfilling", "origins.fill_in(store, tenant_id) for", "0 for"),),
        ("tests/store/test_origins.py",),
    ),
    Mutation(
        "what a client lists anew is not noted",
        (
            within(
                "store/clients",
                'client_id, listed.allowed_origins, values["allowed_origins"])',
                "client_id, listed.allowed_origins, ())",
            ),
        ),
        ("tests/store/test_origins.py",),
    ),
    Mutation(
        "any scheme is an app's own",
        (within("domain/uris", "not _OWN_SCHEME.fullmatch(scheme)", 'scheme == "javascript"'),),
        (URIS,),
    ),
    Mutation(
        "an address may name a user",
        (within("domain/uris", '"@" in parts.netloc', "parts.password"),),
        (URIS,),
    ),
    Mutation(
        "a number is a name",
        (within("domain/uris", "_NUMBER.fullmatch(host) and not _is_dotted(host)", "False"),),
        (URIS,),
    ),
    Mutation(
        "addresses of before are used",
        (
            within(
                "domain/uris",
                "    except BadValue:\n        return False",
                "    except BadValue:\n        return True",
            ),
        ),
        (OF_BEFORE,),
    ),
    Mutation(
        "a name of before turns the writing",
        (within("domain/names", "not _is_seen(name) or _BIDIRECTIONAL.search(name)", "not _is_seen(name)"),),
        (OF_BEFORE,),
    ),
    Mutation(
        "a name may lead to a link-local address",
        (within("web/serving/backchannel", "if not networks.is_link_local(str(each[4][0]))", "if each"),),
        (BACKCHANNEL,),
    ),
    Mutation(
        "what leads to an address of a network is public",
        (within("domain/networks", "all(map(_is_public_ipv4, inner))", "True"),),
        ("tests/domain/test_networks.py",),
    ),
    Mutation(
        "messages are posted to the own machine in production",
        (
            within(
                "domain/uris",
                "backchannel_uri_in_production if settings.is_production else backchannel_uri",
                "backchannel_uri",
            ),
        ),
        (BACKCHANNEL,),
    ),
    Mutation(
        "a host says who reads our answers",
        (within("web/wire/own_headers", "    request_finished.connect(_restore, app)", "    pass"),),
        (f"{HEADERS}::test_pages_of_other_origins_read_what_they_read_without_the_host",),
    ),
    Mutation(
        "a host loosens the policy of our pages",
        (within("web/wire/own_headers", '"content-security-policy", ', ""),),
        (f"{HEADERS}::test_pages_keep_their_policy_and_are_framed_by_nobody",),
    ),
    Mutation(
        "ours are on no host of an application that tells them apart",
        (within("web/blueprint", "if app.url_map.host_matching:", "if False:"),),
        ("tests/embedding/test_hosts_of_hosts.py",),
    ),
    Mutation(
        "a page of a tenant that is not there can be used in another way",
        (
            within(
                "web/blueprint", "        if problem.status != 404:\n", "        if problem.status == 404:\n"
            ),
        ),
        ("tests/web/endpoints/test_tenancy.py",),
    ),
    Mutation(
        "a request has a thread before it is there",
        (within("web/serving/gunicorn_worker", "if conn.gathered.is_whole:", "if len(conn.gathered):"),),
        (f"{SLOW}::test_connections_that_stop_in_a_request_keep_nobody_waiting",),
    ),
    Mutation(
        "the poller waits for the end of a connection",
        (
            within(
                "web/serving/gunicorn_worker",
                "            self._linger(conn)\n            return\n",
                "            super().finish_request(conn, fs)\n            return\n",
            ),
        ),
        (f"{SLOW}::test_a_client_that_does_not_close_keeps_nobody_waiting",),
    ),
    Mutation(
        "connections that wait keep new ones out",
        (
            within(
                "web/serving/gunicorn_worker",
                "        if self.nr_conns >= self.worker_connections:\n            self._make_room()\n",
                "",
            ),
        ),
        (f"{SLOW}::test_new_connections_are_taken_in_the_place_of_those_that_wait",),
    ),
    Mutation(
        "health waits for a thread",
        (within("web/serving/gunicorn_worker", "self._reserve if conn.gathered.begins(_HEALTH) else ", ""),),
        (f"{SLOW}::test_health_is_told_while_every_thread_waits",),
    ),
    Mutation(
        "what a chunk announces is waited for",
        (
            within(
                "web/wire/bodies", "(request.content_length or announced)", "(request.content_length or 0)"
            ),
        ),
        (f"{SLOW}::test_a_body_that_announces_too_much_is_refused_before_it_comes",),
    ),
    Mutation(
        "a container has all cores of its machine",
        (within("web/serving/cores", "min(_allowed(), *_quotas(root))", "_allowed()"),),
        (f"{PLAIN}::test_a_container_has_the_cores_that_it_is_given",),
    ),
    Mutation(
        "plain gunicorn is another server",
        (("gunicorn.conf.py", "from rescind.web.serving.gunicorn_settings import *  # noqa: F403", ""),),
        (f"{PLAIN}::test_it_has_our_settings",),
    ),
    Mutation(
        "a start without our settings says nothing",
        (within("web/serving/health", "if is_gunicorn and", "if not is_gunicorn and"),),
        (f"{PLAIN}::test_without_them_the_start_says_what_is_missing_and_how_to_have_it",),
    ),
    Mutation(
        "the end of a header without one is waited for",
        (within("web/serving/gathering", "is_large or unfinished > _LONGEST_LINE + 2", "is_large"),),
        ("tests/web/serving/test_gathering.py",),
    ),
    Mutation(
        "answers that are not taken are added to",
        (
            within(
                "web/serving/gunicorn_worker", "            if can_send(conn.sock):", "            if True:"
            ),
        ),
        (f"{UNREAD}::test_health_is_told_while_a_client_asks_for_it_and_does_not_read",),
    ),
    Mutation(
        "an answer has any time to be taken",
        (within("web/serving/gunicorn_sending", "max(0.001, self._left_seconds)", "None"),),
        (f"{UNREAD}::test_an_answer_that_is_not_taken_is_given_up",),
    ),
    Mutation(
        "chunks are as many as one likes",
        (within("web/serving/gathering", "size is None or self._chunks >= MOST_CHUNKS", "size is None"),),
        ("tests/web/serving/test_gathering.py",),
    ),
    Mutation(
        "an extension of a chunk is as long as one likes",
        (within("web/serving/gathering", "_LONGEST_CHUNK_LINE = 80", "_LONGEST_CHUNK_LINE = 80_000"),),
        ("tests/web/serving/test_gathering.py",),
    ),
    Mutation(
        "a connection that was dropped is read from",
        (within("web/serving/gunicorn_worker", "        conn.is_dropped = True\n", ""),),
        (f"{UNREAD}::test_a_connection_that_gives_way_in_the_moment_it_becomes_ready_harms_no_other",),
    ),
    Mutation(
        "what is too large a head is dropped and not answered",
        (within("web/serving/gunicorn_connection", "if self._connection.is_refused:", "if False:"),),
        ("tests/web/wire/test_unreadable.py",),
    ),
    Mutation(
        "each worker that refuses to start stops the stop",
        (within("web/serving/gunicorn_settings", "            if not refused:", "            if True:"),),
        ("tests/web/serving/test_log_lines.py::test_a_start_that_two_workers_refuse_ends_once",),
    ),
)

"""As much of `curl` as the documents use, for a machine without: the tests ask for Python and make only.

Run as a program: `python curl.py OPTIONS URL`. An option that it does not know is an error.
"""

import argparse
import base64
import sys
import urllib.error
import urllib.request
from email.message import Message
from urllib.parse import quote_plus


def main(arguments: list[str]) -> None:
    """Send one request and print the answer's body."""
    options = _parse(arguments)
    headers = dict(each.split(": ", 1) for each in options.header)
    if options.user:
        headers["Authorization"] = "Basic " + base64.b64encode(options.user.encode()).decode()
    data = options.data + ["=".join((name, quote_plus(value))) for name, value in options.data_urlencode]
    body = "&".join(data).encode() if data else None
    request = urllib.request.Request(options.url, body, headers, method=options.request)
    status, text, received = _send(request)
    if options.include:
        print(f"HTTP/1.1 {status}", received, sep="\n", end="")
    print(text, end="")
    written = options.write_out.replace("%{http_code}", str(status)).replace("\\n", "\n")
    print(written.replace("%{size_download}", str(len(text.encode()))), end="")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    for flag in ("--silent", "--include", "--location"):
        parser.add_argument(flag, action="store_true")
    for option in ("--request", "--user"):
        parser.add_argument(option)
    parser.add_argument("--write-out", default="")
    for option in ("--data", "--header"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--data-urlencode", action="append", default=[], type=lambda pair: pair.split("=", 1))
    parser.add_argument("url")
    return parser.parse_args(arguments)


def _send(request: urllib.request.Request) -> tuple[int, str, Message]:
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.read().decode(), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


if __name__ == "__main__":
    main(sys.argv[1:])

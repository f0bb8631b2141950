"""Client ids as other servers and standards have them, and as somebody may choose to try us."""

import pytest

IDS = {
    "URL": "https://app.example/client?a=b&c=d#e",
    "URL with a port": "http://127.0.0.1:8080/",
    "of another server": "s6BhdRkqt3@clients",
    "colons": "a:b::c",
    "percent": "%41%zz%",
    "plus": "+a+b+",
    "hyphen first": "--json",
    "hyphen": "-",
    "markup": "<script>alert(1)</script>",
    "markup of a terminal": "[red]x[/red]:smile:",
    "quotes": "\"'`\\",
    "braces": "{}{{7*7}}${x}%s%(x)s",
    "separators": "a;b,c=d|e",
    "dots": "../..",
    "all": "".join(map(chr, range(0x21, 0x7F))),
    "one": "!",
    "longest": "~" * 255,
}
each_id = pytest.mark.parametrize("client_id", IDS.values(), ids=IDS)

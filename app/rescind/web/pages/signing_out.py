"""The page that says that somebody is signed out."""

from typing import Any

from flask import Response

from rescind.store.records import TenantRecord
from rescind.web.pages import rendering
from rescind.web.pages.hosts import Host


def page(tenant: TenantRecord, host: Host | None, where: str = ".", **shown: Any) -> Response:
    """Say that it is done: of the apps alone, where the sign-in of a host goes on.

    Args:
        where: the end of the sentence: a full stop, or more.
        shown: what the page says beside that, of a way back that there is not.
    """
    text = f"You are signed out{where}"
    if host is not None and host.named(tenant) is not None:
        text = (
            f"You are signed out of the apps{where} At this site itself you are still signed in: "
            "sign out there too, above all if others use this device."
        )
    return rendering.render("signed_out.html", tenant, **{"text": text, "fault": None, **shown})

"""The consent page: who asks, for what, and where the answer goes."""

from flask import Response

from rescind.domain.authority import Authority
from rescind.domain.people.display_names import display_name
from rescind.domain.registry import scope_texts
from rescind.protocol.rfc8252_native_apps import is_answered_on_this_machine
from rescind.web.pages import answers, publishers, rendering
from rescind.web.pages.asking import Asking


def page(
    authority: Authority, taken: Asking, subject: str, *, form: str, switch_form: str | None
) -> Response:
    """Make the page.

    Args:
        subject: who is asked.
        form: the sealed form by which they answer.
        switch_form: the one by which somebody else is asked instead; None where nobody else will do.
    """
    tenant, address = taken.tenant, taken.asked.address
    publisher = publishers.publisher_of(taken.client)
    return rendering.render(
        "consent.html",
        tenant,
        form_action=answers.leads_to(address.redirect_uri),
        logo=publisher.logo,
        form=form,
        switch_form=switch_form,
        publisher=publisher,
        person=display_name(authority, tenant, subject),
        subject=subject,
        scope=scope_texts.said(authority, tenant, taken.asked.scope),
        audience=taken.audience,
        destination=answers.destination(address),
        # On the person's own machine any program could be the one that gets the answer.
        is_answered_here=not publisher.is_verified and is_answered_on_this_machine(address.redirect_uri),
    )

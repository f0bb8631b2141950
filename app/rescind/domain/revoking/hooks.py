"""Signals for the embedding application. They fire after the commit and can't change an answer."""

import logging

from blinker import NamedSignal, Namespace

from rescind.domain.revoking.causes import Revocation

log = logging.getLogger(__name__)

_signals = Namespace()

revoked: NamedSignal = _signals.signal("revoked", doc="Something was revoked. Receivers get `revocation=`.")


def announce(sender: object, revocation: Revocation) -> None:
    """Tell every receiver of a revocation. One that fails is logged and keeps no other from hearing it."""
    for receiver in revoked.receivers_for(sender):
        try:
            receiver(sender, revocation=revocation)
        except Exception:
            log.exception("a receiver of the signal %r failed", revoked.name)

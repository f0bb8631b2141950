"""The part of the state machine in which tenants and clients are closed and opened."""

from hypothesis import strategies as st

from rescind.domain.authority import Authority
from rescind.domain.registry import clients, suspending, tenants
from tests.domain.revoking.revocation_model import SHARED, Model
from tests.servers import Tenant

# Of `alone` an access token is revoked by itself, of the others with its grant.
REVOCATION_SCOPES = {"whole": "grant", "alone": "token", SHARED: "grant"}
CLIENTS = st.sampled_from(sorted(REVOCATION_SCOPES))
ACTOR = "operator:test"


class Closing:
    """What an operator closes for good, or for a while."""

    authority: Authority
    tenant: Tenant
    name: str
    model: Model

    def _register(self, client_id: str) -> None:
        raise NotImplementedError

    def close_or_open(self, data: st.DataObject) -> None:
        """Disable the tenant or delete a client; where that was done, take it back first."""
        client_id = data.draw(st.one_of(st.none(), CLIENTS))
        if self.model.is_disabled:
            tenants.enable(self.authority, self.name)
            self.model.is_disabled = False
        elif self.model.deleted:
            again = self.model.deleted.pop()
            self._register(again)
            # The id begins anew, and nobody has disabled it.
            self.model.suspended.discard(again)
        elif client_id is None:
            tenants.disable(self.authority, self.name, actor=ACTOR)
            self.model.revoke("tenant", "", True)
            self.model.is_disabled = True
        else:
            clients.delete(self.authority, self.tenant.record, client_id, actor=ACTOR)
            self.model.revoke("client", client_id, True)
            self.model.deleted.add(client_id)

    def suspend_or_resume(self, data: st.DataObject) -> None:
        """Disable a client for a while, or let it go on; each has an event and ends nothing."""
        client_id = data.draw(CLIENTS)
        if client_id in self.model.deleted:
            return
        is_suspended = client_id in self.model.suspended
        change = suspending.enable if is_suspended else suspending.disable
        change(self.authority, self.tenant.record, client_id, actor=ACTOR)
        self.model.suspended ^= {client_id}
        self.model.events += 1

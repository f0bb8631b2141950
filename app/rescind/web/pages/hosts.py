"""The sign-in of an application that mounts Rescind and brings its own."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from rescind.domain import names
from rescind.domain.authority import HostClaims
from rescind.errors import SettingsError
from rescind.store.records import TenantRecord
from rescind.web.pages import cookies

CurrentSubject = Callable[..., tuple[str, int] | None]
Claims = Callable[..., Mapping[str, Any]]

_CALLED = (
    "{name} is called {how}, and with tenant= where it has a parameter of that name; it may need no other."
)


@dataclass(frozen=True, slots=True)
class Host:
    """How an application that mounts Rescind signs people in.

    Attributes:
        current_subject: says of the present request who is signed in and since when, whole seconds since
            1970; None where nobody is.
        takes_tenant: whether it is told the tenant's name. Else one sign-in is good at every tenant.
        login_url: where people sign in; it sends them back to its parameter `next`, a path of this host.
    """

    current_subject: CurrentSubject
    takes_tenant: bool
    login_url: str

    @classmethod
    def of(cls, current_subject: CurrentSubject, login_url: str) -> "Host":
        """Look how `current_subject` is to be called.

        Raises:
            SettingsError: it can't be called as it will be.
        """
        called = _CALLED.format(name="current_subject", how="without arguments")
        return cls(current_subject, _takes_tenant(current_subject, called), login_url)

    def named(self, tenant: TenantRecord) -> tuple[str, int] | None:
        """Ask who is signed in at the host, whether or not that is good here; the name is as it gives it."""
        named = self.current_subject(tenant=tenant.name) if self.takes_tenant else self.current_subject()
        return _checked(named) if named is not None else None

    def login_address(self, back: str) -> str:
        """Give where to sign in, and then come back.

        Browsers see a path of the application behind that of the public URL.
        """
        url, base = self.login_url, cookies.public_path()
        if url.startswith("/") and not url.startswith(("//", f"{base}/")):
            url = base + url
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}{urlencode({'next': back})}"


def claims_of(function: Claims) -> HostClaims:
    """Look how the `claims` of a host are to be asked for.

    Raises:
        SettingsError: they can't be called as they will be.
    """
    called = _CALLED.format(name="claims", how="with a subject and the words of a scope")
    if _takes_tenant(function, called, "", ()):
        return lambda tenant, subject, scope: function(subject, scope, tenant=tenant)
    return lambda tenant, subject, scope: function(subject, scope)


def _takes_tenant(function: Callable[..., Any], called: str, *arguments: object) -> bool:
    """Tell whether a function of the host is told the tenant, beside these arguments.

    Raises:
        SettingsError: it can't be called so, as is said then.
    """
    try:
        signature = inspect.signature(function)
    except TypeError:
        raise SettingsError(called) from None
    except ValueError:
        # Written in C, it tells nothing of itself.
        return False
    tenant = signature.parameters.get("tenant")
    takes_tenant = tenant is not None and tenant.kind in {tenant.POSITIONAL_OR_KEYWORD, tenant.KEYWORD_ONLY}
    try:
        signature.bind(*arguments, **{"tenant": ""} if takes_tenant else {})
    except TypeError:
        raise SettingsError(called) from None
    return takes_tenant


def _checked(named: object) -> tuple[str, int]:
    """Check what a host says, which no type checker may have seen."""
    match named:
        case (str(subject), int(signed_in_at)):
            names.subject(subject)
            return subject, signed_in_at
    raise TypeError(
        "current_subject gives a subject and the whole seconds since 1970 of its sign-in, (str, int), "
        "or None."
    )

"""Variables that Kubernetes sets for each service, which look like settings where one is named after us."""

import re
from collections.abc import Collection

__all__ = ["is_service_link"]

_HOST = "_SERVICE_HOST"
_REST = re.compile(
    r"_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|_PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?"
)


def is_service_link(key: str, keys: Collection[str]) -> bool:
    """Tell whether a variable is one that Kubernetes has set for a service.

    Args:
        keys: of all variables; a service has its address there too.
    """
    services = [each.removesuffix(_HOST) for each in keys if each.endswith(_HOST)]
    return any(key.startswith(each) and _REST.fullmatch(key.removeprefix(each)) for each in services)

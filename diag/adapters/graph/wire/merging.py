"""Joining what several sources say."""

from typing import Any

from diag.core.read import Found, Read, Unread
from diag.core.registration import Application, ServicePrincipal
from diag.core.sign_in import Failure


def both(first: Failure, second: Failure) -> Failure:
    """Field by field what ``first`` says; where it says nothing, what ``second`` says."""
    fields: dict[str, Any] = {}
    for name in Failure.__struct_fields__:
        one, other = getattr(first, name), getattr(second, name)
        fields[name] = other if one is None or isinstance(one, Unread) else one
        if isinstance(one, Unread) and isinstance(other, Unread) and one.why != Unread().why:
            fields[name] = one
    return Failure(**fields)


def home_tenant(app: Application, principal: ServicePrincipal) -> Read[str]:
    """The tenant that owns the application, where both objects of it were read: a registration lies only there."""
    ids = {read.value if isinstance(read, Found) else None for read in (app.app_id, principal.app_id)}
    if isinstance(app.exists, Found) and len(ids) == 1 and None not in ids:
        return principal.owner_tenant_id
    return Unread()

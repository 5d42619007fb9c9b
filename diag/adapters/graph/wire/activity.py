"""Graph's ``servicePrincipalSignInActivity`` → ``diag.core.sign_in.SignInActivity``.

Source: https://learn.microsoft.com/graph/api/resources/serviceprincipalsigninactivity (beta, checked 2026-11-22).
"""

from datetime import datetime

from diag.adapters.graph.wire.common import Node
from diag.core.read import Found, Read
from diag.core.sign_in import SignInActivity

_FIRST_YEAR = 1970
"""Graph writes 0001-01-01 where there was no sign-in."""


def activity(node: Node) -> SignInActivity:
    """The application as a client; what others asked of it as a resource says nothing of how it signs in."""
    return SignInActivity(
        as_itself=_last(node.inside("applicationAuthenticationClientSignInActivity")),
        for_users=_last(node.inside("delegatedClientSignInActivity")),
    )


def _last(node: Node) -> Read[datetime]:
    last = node.moment("lastSignInDateTime")
    return node.missing() if isinstance(last, Found) and last.value.year < _FIRST_YEAR else last

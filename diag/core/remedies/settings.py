"""Setting single properties of an application in every tool."""

from collections.abc import Mapping
from typing import Any

from diag.core.remedies import fixing, graph
from diag.core.remedies.quoting import Placeholder, powershell
from diag.core.remedies.string_lists import bicep_fragment, terraform_fragment
from diag.core.remedies.subject import Subject
from diag.core.remedy import Commands, Unavailable


def setting_commands(
    subject: Subject,
    *,
    body: Mapping[str, Any],
    az: Mapping[str, str],
    terraform: Mapping[str, Mapping[str, Any]] | Unavailable,
    portal: str,
) -> Commands:
    """One PATCH of properties that are no collections. ``body`` is Graph's, ``az`` the options of ``az ad app update``
    (none: az sends the PATCH itself), ``terraform`` blocks of ``azuread_application`` (the block named "" is the
    resource itself).
    """
    url = graph.application_url(subject)
    return fixing.commands(
        az=lambda: _az(subject, body, az),
        graph=lambda: (graph.request("GET", url), graph.request("PATCH", url, dict(body))),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            "Update-MgApplication -ApplicationId $app.Id "
            + " ".join(f"-{_capital(name)}{_argument(part)}" for name, part in body.items()),
        ),
        bicep=lambda: bicep_fragment(body, ""),
        terraform=terraform if isinstance(terraform, Unavailable) else lambda: terraform_fragment(terraform, ""),
        portal=portal,
    )


def _az(subject: Subject, body: Mapping[str, Any], options: Mapping[str, str]) -> str:
    """``az ad app update``; a PATCH where az has no option, or a placeholder is not among the choices that az knows."""
    if not options or any(isinstance(part, Placeholder) for part in options.values()):
        return graph.rest("PATCH", graph.application_url(subject), dict(body))
    return graph.az_app(subject, "update", **options)


def _argument(part: Any) -> str:
    return f":{hashtable(part)}" if isinstance(part, bool) else f" {hashtable(part)}"


def hashtable(part: Any) -> str:
    """A PowerShell literal of a JSON-like value."""
    if isinstance(part, bool):
        return "$true" if part else "$false"
    if isinstance(part, str):
        return powershell(part)
    if isinstance(part, Mapping):
        return "@{ " + "; ".join(f"{_capital(name)} = {hashtable(inner)}" for name, inner in part.items()) + " }"
    if isinstance(part, list | tuple):
        return "@(" + ", ".join(hashtable(inner) for inner in part) + ")"
    return "$null" if part is None else str(int(part))


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]

"""Microsoft Graph requests, and the az and PowerShell text that sends them."""

from typing import Any, Literal

from msgspec import UNSET

from diag.core.remedies.quoting import az, checked, json, odata, posix, powershell
from diag.core.remedies.subject import Subject
from diag.core.remedy import GraphRequest

GRAPH = "https://graph.microsoft.com/v1.0"
"""Global cloud. The national clouds have hosts of their own; every URL of every remedy starts with this."""

JSON_HEADER = "--headers Content-Type=application/json"


def application_url(subject: Subject) -> str:
    """The application by its application ID, so that one identifier serves everywhere."""
    return f"{GRAPH}/applications(appId={odata(subject.app_id)})"


def service_principal_url(app_id: str) -> str:
    return f"{GRAPH}/servicePrincipals(appId={odata(app_id)})"


def request(method: Literal["GET", "POST", "PATCH", "DELETE"], url: str, body: Any = UNSET) -> GraphRequest:
    """One request; strings of the body are checked, placeholders become plain strings."""
    return GraphRequest(method, url, body if body is UNSET else checked(body))


def rest(method: str, url: str, body: Any = None, *, raw_body: str = "", query: str = "", tsv: bool = False) -> str:
    """An ``az rest`` line. ``raw_body`` is shell text of ours such as ``"$body"``; ``query`` is JMESPath."""
    line = f"az rest --method {method} --url {posix(url)}"
    if raw_body:
        line += f" {JSON_HEADER} --body {raw_body}"
    elif body is not None:
        line += f" {JSON_HEADER} --body {posix(json(body))}"
    if query:
        line += f" --query {posix(query)} --output {'tsv' if tsv else 'json'}"
    return line


def guarded(*lines: str) -> str:
    """A script that stops at the first error without closing the terminal it was pasted into; POSIX sh, bash 3.2,
    zsh."""
    return "\n".join(["(", "  set -eu", *(f"  {line}" for line in lines), ")"])


def az_lines(*lines: str) -> str:
    """Lines that each stand alone; several are guarded, so that a failed one stops the rest."""
    return lines[0] if len(lines) == 1 else guarded(*lines)


def az_app(subject: Subject, *words: str, **options: str) -> str:
    """``az ad app … --id … --option value``; underscores in option names become hyphens."""
    named = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    return az(["ad", "app", *words], {"--id": subject.app_id, **named})


def connected(*lines: str, scopes: tuple[str, ...] = ("Application.ReadWrite.All",)) -> str:
    """PowerShell lines after sign-in, in a block of their own in which the first error ends the run."""
    wanted = ", ".join(powershell(scope) for scope in scopes)
    inner = ["$ErrorActionPreference = 'Stop'", f"Connect-MgGraph -Scopes {wanted} -NoWelcome", *lines]
    return "\n".join(["& {", *(f"  {line}" for line in inner), "}"])


def one_application(subject: Subject) -> tuple[str, ...]:
    """PowerShell lines that set ``$app`` to the application or stop."""
    return _exactly_one("$app", "Get-MgApplication", subject.app_id)


def one_service_principal(app_id: str, variable: str = "$principal") -> tuple[str, ...]:
    """PowerShell lines that set the variable to the service principal or stop."""
    return _exactly_one(variable, "Get-MgServicePrincipal", app_id)


def _exactly_one(variable: str, cmdlet: str, app_id: str) -> tuple[str, ...]:
    return (
        f"{variable} = @({cmdlet} -Filter {powershell(f'appId eq {chr(39)}{app_id}{chr(39)}')} -All)",
        f"if ({variable}.Count -ne 1) {{ throw 'Expected exactly one object with this application ID.' }}",
        f"{variable} = {variable}[0]",
    )

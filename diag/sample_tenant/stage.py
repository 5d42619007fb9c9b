"""What the stories are written on: the company, its registrations, its audit log and its sign-ins."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from diag.sample_tenant.bulk import Population
from diag.sample_tenant.callers import SERVICE_PRINCIPAL, Caller, Party, PolicyResult
from diag.sample_tenant.catalog import STORY, Key
from diag.sample_tenant.clock import DAY, fine_stamp
from diag.sample_tenant.directory import Directory
from diag.sample_tenant.minting import Mint
from diag.sample_tenant.people import Crowd, Person
from diag.sample_tenant.registrations import Properties, key_credential, password_credential
from diag.sample_tenant.signin_log import SignInLog, Weighted


class Edit(NamedTuple):
    """One property of an audit event: name, value before, value after (None for nothing)."""

    name: str
    before: Any
    after: Any


def doubly(value: Any) -> str | None:
    """Encodes a value as the audit log does: JSON in a string, a bare text quoted once more."""
    return None if value is None else msgspec.json.encode(value).decode()


class Stage:
    """Collects what the stories lay down."""

    def __init__(self, mint: Mint, directory: Directory, population: Population, log: SignInLog, starts: int) -> None:
        self.mint, self.directory, self.population, self.log, self.starts = mint, directory, population, log, starts
        self.audits: list[Properties] = []
        self.live: list[Weighted] = []
        self.policies: list[Properties] = []

    @property
    def crowd(self) -> Crowd:
        """Gives the company's users."""
        return self.directory.crowd

    def at(self, days: float) -> int:
        """Gives the instant so many days after the start; negative is before."""
        return self.starts + int(days * DAY)

    def position(self, name: str) -> int:
        """Gives the number of a story's application."""
        return next(number for number, sketch in enumerate(STORY) if sketch.name == name)

    def application(self, name: str) -> Properties:
        """Gives the application of a story, to be shaped."""
        return self.directory.applications.edit(self.position(name))

    def principal(self, name: str) -> Properties:
        """Gives the service principal of a story's application, to be shaped."""
        return self.directory.service_principals.edit(self.position(name))

    def party(self, name: str) -> Party:
        """Gives a story's application as the sign-in log names it."""
        return self.population.party(self.position(name))

    def resource(self, name: str = "Microsoft Graph") -> Party:
        """Gives one of Microsoft's applications as the sign-in log names it."""
        return self.population.first_party(name)

    def secret(self, app_id: str, label: str | None, starts: float, ends: float) -> Properties:
        """Makes a client secret from days."""
        return password_credential(self.mint, app_id, Key("secret", label, starts, ends), self.starts)

    def certificate(self, app_id: str, label: str, starts: float, ends: float) -> Properties:
        """Makes a certificate from days."""
        return key_credential(self.mint, app_id, Key("certificate", label, starts, ends), self.starts)

    def daemon(self, name: str, error: int = 0, credential: Properties | None = None, **more: Any) -> Caller:
        """Gives an application that signs in as itself to Microsoft Graph."""
        resource = more.pop("resource", None) or self.resource()
        fields: dict[str, Any] = {"protocol": "clientCredentials", "credential": more.pop("kind_of_credential", "none")}
        if credential is not None:
            certificate = "usage" in credential
            fields["key_id"] = credential["keyId"]
            fields["credential"] = "certificate" if certificate else "clientSecret"
            fields["thumbprint"] = self.mint.thumbprint(credential["keyId"]) if certificate else ""
        return Caller(SERVICE_PRINCIPAL, self.party(name), resource, error, **(fields | more))

    def calls(self, caller: Caller, begins: float, ends: float, every_minutes: float, label: str) -> None:
        """Lays down a caller that comes back regularly between two days."""
        instant = self.at(begins) + self.mint.number(max(1, int(every_minutes * 60)), label, "first")
        count = 0
        while instant < min(self.at(ends), self.starts):
            self.log.add(instant, caller)
            count += 1
            wobble = 0.9 + self.mint.share(label, count) * 0.2
            instant += max(1, int(every_minutes * 60 * wobble))

    def visits(self, callers: Sequence[Caller], begins: float, ends: float, count: int, label: str) -> None:
        """Lays down people who come at odd times between two days, each of `callers` in turn."""
        for number in range(count):
            share = self.mint.share(label, number)
            instant = self.at(begins + (ends - begins) * share)
            self.log.add(min(instant, self.starts - 1), callers[number % len(callers)])

    def goes_on(self, *callers: Caller, weight: int = 1) -> None:
        """Lets callers come back while the tenant runs."""
        self.live += [Weighted(caller, weight) for caller in callers]

    def audit(
        self,
        days: float,
        activity: str,
        by: Person | str,
        target: Properties | tuple[str, str, str],
        edits: Sequence[Edit] = (),
        *,
        category: str = "ApplicationManagement",
        service: str = "Core Directory",
        operation: str = "Update",
        together: str = "",
        details: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Lays down an audit event.

        `target` is a directory object or (id, name, type); `by` is a user, or the name of a service that acted;
        events with the same `together` share their correlation id.
        """
        number = len(self.audits)
        if isinstance(target, tuple):
            target_id, name, kind = target
        else:
            kind = "ServicePrincipal" if "servicePrincipalType" in target else "Application"
            target_id, name = target["id"], target["displayName"]
        correlation = self.mint.guid("audit", together or number)
        instant = self.at(days) + number % 3
        self.audits.append({
            "id": f"Directory_{correlation}_{self.mint.opaque('audit', number, size=3).upper()}_{number + 10_000}",
            "category": category,
            "correlationId": correlation,
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity,
            "activityDateTime": fine_stamp(instant, self.mint.number(10_000_000, "fraction", number)),
            "loggedByService": service,
            "operationType": operation,
            "initiatedBy": self._initiator(by),
            "targetResources": [{
                "id": target_id,
                "displayName": name,
                "type": kind,
                "userPrincipalName": None,
                "groupType": None,
                "modifiedProperties": [
                    {"displayName": edit.name, "oldValue": doubly(edit.before), "newValue": doubly(edit.after)}
                    for edit in edits
                ],
            }],
            "additionalDetails": [{"key": key, "value": value} for key, value in details],
        })  # fmt: skip

    def _initiator(self, by: Person | str) -> Properties:
        if isinstance(by, str):
            principal = self.mint.guid("acting", by)
            return {
                "user": None,
                "app": {
                    "appId": None,
                    "displayName": by,
                    "servicePrincipalId": principal,
                    "servicePrincipalName": None,
                },
            }
        user = {
            "id": by.object_id, "displayName": None, "userPrincipalName": by.upn, "ipAddress": "203.0.113.10",
        }  # fmt: skip
        return {"app": None, "user": user}

    def audit_edit(self, days: float, by: Person | str, target: Properties, *edits: Edit) -> None:
        """Lays down the update of an application or service principal with the list of what changed."""
        names = ", ".join(edit.name for edit in edits)
        kind = "service principal" if "servicePrincipalType" in target else "application"
        listed = Edit("Included Updated Properties", None, names)
        self.audit(days, f"Update {kind}", by, target, (*edits, listed), details=[("AppId", target["appId"])])

    def audit_credentials(
        self,
        days: float,
        by: Person | str,
        target: Properties,
        before: Sequence[Properties],
        after: Sequence[Properties],
    ) -> None:
        """Lays down a change of credentials: the telling event and its empty sibling, under one correlation id."""
        together = f"credentials {target['id']} {days}"
        edits = (
            Edit("KeyDescription", [_described(key) for key in before], [_described(key) for key in after]),
            Edit("Included Updated Properties", None, "KeyDescription"),
        )
        user_agent = ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")
        self.audit(
            days, "Update application \N{EN DASH} Certificates and secrets management ", by, target, edits,
            together=together, details=[("AppId", target["appId"]), user_agent],
        )  # fmt: skip
        self.audit(days, "Update application", by, target, (), together=together)


def _described(key: Properties) -> str:
    kind = "AsymmetricX509Cert" if "usage" in key else "Password"
    return f"[KeyIdentifier={key['keyId']},KeyType={kind},KeyUsage=Verify,DisplayName={key['displayName'] or ''}]"


def applied(policy: Properties, result: str, satisfied: str = "application,users") -> PolicyResult:
    """Gives what became of a Conditional Access policy in one sign-in."""
    controls = tuple(
        {"block": "Block", "mfa": "Mfa"}.get(name, name) for name in policy["grantControls"]["builtInControls"]
    )
    missed = "none" if result in ("failure", "success") else "location"
    return PolicyResult(policy["id"], policy["displayName"], result, controls, satisfied, missed)

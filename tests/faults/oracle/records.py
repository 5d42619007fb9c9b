"""Records as Microsoft Graph gives them, made up from a seed. Times are seconds since 1970, UTC."""

import random
import uuid
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

TENANT = "7f1c5f0e-3c57-4d0f-9d0c-0d6c5b3e9a11"
KINDS = ("interactiveUser", "nonInteractiveUser", "servicePrincipal", "managedIdentity")
CODES = (50011, 50105, 50126, 53003, 65001, 700016, 7000215, 7000222, 50076, 50140, 90002, 1)
OPERATIONS = (
    "Update application",
    "Update application \N{EN DASH} Certificates and secrets management",
    "Add service principal credentials",
    "Consent to application ",
    "Update policy.",
)


def guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def written(instant: float, digits: int = 0) -> str:
    """The instant as Graph writes it: whole seconds, or up to seven digits, of which the seventh means nothing."""
    whole = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if not digits:
        return f"{whole}Z"
    return f"{whole}.{f'{round(instant % 1 * 1_000_000):06d}0'[:digits]}Z"


class Cast:
    """Who signs in to what: few enough that incidents have several failures."""

    def __init__(self, rng: random.Random) -> None:
        self.apps = [(guid(rng), f"Orders {number}") for number in range(4)]
        self.resources = [(guid(rng), "Contoso API"), (guid(rng), "Fabrikam API")]
        self.users = [(guid(rng), f"user{number}@contoso.example") for number in range(5)]
        self.keys = [guid(rng) for _ in range(3)]


def sign_in(rng: random.Random, cast: Cast, kind: str, created: float) -> Record:
    """One sign-in; a third of them succeeded."""
    app, resource = rng.choice(cast.apps), rng.choice(cast.resources)
    code = 0 if rng.random() < 0.33 else rng.choice(CODES)
    record: Record = {
        "id": guid(rng),
        "createdDateTime": written(created, rng.choice((0, 0, 6, 7))),
        "signInEventTypes": [kind],
        "appId": app[0].upper() if rng.random() < 0.1 else app[0],
        "appDisplayName": app[1],
        "resourceId": resource[0],
        "resourceDisplayName": resource[1],
        "correlationId": guid(rng),
        "ipAddress": f"192.0.2.{rng.randrange(1, 255)}",
        "userAgent": rng.choice(("", "Mozilla/5.0", "azsdk-python", "=cmd|' /C calc'!A0", "<b>bold</b>")),
        "status": {"errorCode": code, "failureReason": "Other." if code == 0 else f"Reason of {code}."},
        "conditionalAccessStatus": rng.choice(("success", "notApplied", "failure")),
        "authenticationProtocol": rng.choice(("none", "oAuth2", "clientCredentials")),
        "appliedConditionalAccessPolicies": [],
    }
    if kind in KINDS[:2]:
        user = rng.choice(cast.users)
        record |= {"userId": user[0], "userPrincipalName": user[1], "isInteractive": kind == KINDS[0]}
        record |= {"servicePrincipalId": "", "clientAppUsed": "Browser"}
    else:
        key = rng.choice((*cast.keys, ""))
        record |= {"userId": None, "servicePrincipalId": guid(rng), "servicePrincipalCredentialKeyId": key}
    if rng.random() < 0.05:
        # A property of tomorrow and one that has grown.
        record |= {"futureProperty": {"deep": [1, [2, [3]]]}, "authenticationDetails": [{"n": n} for n in range(30)]}
    return record


def second_look(rng: random.Random, record: Record, *, code: bool) -> Record:
    """The same sign-in as the log tells it once it has put everything together; ``code``: of another error."""
    status = dict(record["status"]) | {"additionalDetails": f"Put together later ({rng.randrange(1000)})."}
    if code and status["errorCode"]:
        status["errorCode"] = rng.choice([other for other in CODES if other != status["errorCode"]])
    return record | {"status": status, "authenticationDetails": [{"succeeded": False}]}


def audit(rng: random.Random, at: float, target: str, correlation: str, properties: int) -> Record:
    """One record of the directory's audit log."""
    return {
        "id": f"Directory_{guid(rng)}",
        "category": rng.choice(("ApplicationManagement", "ApplicationManagement", "Policy")),
        "correlationId": correlation,
        "result": "success",
        "activityDisplayName": rng.choice(OPERATIONS),
        "activityDateTime": written(at, 7),
        "initiatedBy": {"user": {"id": guid(rng), "userPrincipalName": "admin@contoso.example"}, "app": None},
        "targetResources": [
            {
                "id": target,
                "displayName": "Orders",
                "type": "Application",
                "modifiedProperties": [
                    {
                        "displayName": f"Property{guid(rng)[:4]}",
                        "oldValue": "[]",
                        "newValue": f'["{guid(rng)}"]',
                    }
                    for _ in range(properties)
                ],
            }
        ],
        "additionalDetails": [],
    }


def directory_object(rng: random.Random, kind: str, object_id: str, app_id: str, at: float) -> Record:
    """An application or a service principal."""
    record: Record = {
        "id": object_id,
        "appId": app_id,
        "displayName": f"Orders {rng.randrange(1000)}",
        "createdDateTime": written(at),
        "passwordCredentials": [
            {"keyId": guid(rng), "endDateTime": written(at + 86400 * rng.randrange(1, 700)), "hint": "abc"}
            for _ in range(rng.randrange(3))
        ],
        "keyCredentials": [],
        "tags": [f"tag{rng.randrange(50)}"],
    }
    if kind == "applications":
        record["web"] = {"redirectUris": [f"https://orders.contoso.example/cb{rng.randrange(100)}"]}
        record["signInAudience"] = "AzureADMyOrg"
    else:
        record |= {"accountEnabled": True, "servicePrincipalType": "Application", "appOwnerOrganizationId": TENANT}
    return record

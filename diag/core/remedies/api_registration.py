"""Whose registration a remedy for an API changes: the API's own, never that of the client which asked for it."""

from msgspec import Struct

from diag.core.asked import asked_api
from diag.core.facts import Facts
from diag.core.permissions import app_id_in
from diag.core.read import Found
from diag.core.remedies import fixing
from diag.core.remedies.quoting import plain
from diag.core.remedies.subject import Subject, guid, guid_or, placeholder, subject_of, value
from diag.core.remedy import Commands


class Api(Struct, frozen=True):
    """The API's registration as far as it is known."""

    subject: Subject
    facts: Facts
    """What was read of the API's own registration; nothing where only its service principal was read."""
    closed: str
    """Why its registration cannot be changed from here; empty when it can."""

    def commands(self, rendered: Commands) -> Commands:
        """The commands, or in each tool why there are none."""
        return fixing.nowhere(self.closed, rendered.portal) if self.closed else rendered

    def undo(self, rendered: Commands) -> Commands | None:
        return None if self.closed else rendered


def api_registration(facts: Facts, named: str = "") -> Api:
    """The API that the failure is about. ``named`` is one more name for it, such as the App ID URI it is to have.

    The application that was read is the API only where the failure names the API by that application's own ID or App
    ID URI; otherwise that application is the client. A service principal tells the API's application ID, and not the
    object ID of its registration.
    """
    if _is_the_application_read(facts, named):
        return Api(subject_of(facts), facts, fixing.not_ours(facts))
    resource = api_subject(facts)
    if guid(value(facts.resource.app_id)) is None:
        return Api(
            resource,
            Facts(),
            "the API was not read in this directory, and the application that was read is its client, whose "
            "registration is not the one to change",
        )
    owner, home = value(facts.resource.owner_tenant_id), value(facts.home_tenant_id)
    if owner and home and owner != home:
        return Api(
            resource,
            Facts(),
            f"the API belongs to another tenant ({plain(str(owner), 60)}): only its owner can change its registration",
        )
    return Api(resource, Facts(), "")


def api_subject(facts: Facts) -> Subject:
    """The API that the client asks a token for, by its service principal."""
    name = value(facts.resource.display_name)
    return Subject(
        app_id=guid_or(value(facts.resource.app_id), "api-application-id"),
        object_id=placeholder("api-application-object-id"),
        service_principal_id=guid_or(value(facts.resource.object_id), "api-object-id"),
        name=f"“{plain(str(name), 120)}”" if name else "the API",
        claimed_app_id="",
    )


def _is_the_application_read(facts: Facts, named: str) -> bool:
    own = guid(value(facts.application.app_id))
    if own is None:
        return False
    if own == guid(value(facts.resource.app_id)):
        return True
    held = {str(name).strip().rstrip("/").casefold() for name in value(facts.application.identifier_uris) or ()}
    asked = asked_api(facts)
    names = [named, asked.name if asked else ""]
    if asked is None:
        claims = (facts.token.audience, facts.failure.expected_audience)
        names += [read.value for read in claims if isinstance(read, Found)]
    return any(guid(app_id_in(name)) == own or name.strip().rstrip("/").casefold() in held for name in names if name)

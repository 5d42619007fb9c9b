"""Checks put to what is stored of applications: what is wrong before anything fails, and what nobody could look at."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from diag.core.alert_policy import Policy
from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import CredentialUse, CredentialUses
from diag.core.review import Review, review
from diag.workflows.incidents import registration_facts
from diag.workflows.ports import ApplicationLine, CredentialQuery, KnowledgeBase, Transaction, Translator
from diag.workflows.quieting import Quieter
from diag.workflows.use import sign_in_activity

UNUSED_DAYS = 90
"""How long a credential must have been out of use to be called unused."""
PAGE = 200
_CREDENTIALS = 200


class Reviewed(Struct, frozen=True):
    """One application with its findings."""

    line: ApplicationLine
    review: Review


class Reviewer:
    """Reviews stored applications inside one transaction; what is true of a whole tenant is looked up once.

    ``hosts``: which hosts the DNS knows, as far as somebody looked; None where nobody does.
    """

    def __init__(
        self,
        transaction: Transaction,
        knowledge_base: KnowledgeBase,
        translator: Translator,
        now: datetime,
        hosts: Mapping[str, bool] | None = None,
    ) -> None:
        self._transaction = transaction
        self._checks = knowledge_base.checks()
        self._translator = translator
        self._now = now
        self._hosts = hosts
        self._quieter = Quieter(transaction, None, Policy(unused_days=UNUSED_DAYS), now)

    def of(self, tenant_id: str, app_id: str) -> Review:
        """The findings on one application as it is stored now."""
        return review(self._checks, self.facts(tenant_id, app_id))

    def all(self, tenant_id: str | None = None) -> Iterator[Reviewed]:
        """Every application of one tenant, or of all, by display name."""
        after: str | None = None
        while True:
            lines = self._transaction.registrations.applications(tenant_id, "", after, PAGE)
            yield from (Reviewed(line, self.of(line.tenant_id, line.app_id)) for line in lines)
            if len(lines) < PAGE:
                return
            last = lines[-1]
            after = f"{last.display_name}\n{last.app_id}\n{last.tenant_id}"

    def facts(self, tenant_id: str, app_id: str) -> Facts:
        """What is stored of the registration, judged now."""
        stored = registration_facts(tenant_id, app_id, None, self._transaction, self._translator)
        if isinstance(stored.application.exists, Unread) and self._is_read(tenant_id):
            # The directory was read to its end and holds no such registration.
            stored = self._elsewhere(stored, tenant_id)
        return msgspec.structs.replace(
            stored,
            failure=msgspec.structs.replace(stored.failure, observed_at=Found(self._now, "request")),
            home_tenant_id=Found(tenant_id),
            **self._use(stored, tenant_id, app_id),
            hosts=Unread() if self._hosts is None else Found(self._hosts),
        )

    def _use(self, stored: Facts, tenant_id: str, app_id: str) -> dict[str, Any]:
        """How the application and its credentials are used; looked up only for a registration that is here."""
        application = stored.application
        if not isinstance(application.exists, Found):
            return {}
        use: dict[str, Any] = {"sign_in_activity": sign_in_activity(self._transaction, tenant_id, app_id, self._now)}
        if any(
            isinstance(held, Found) and held.value for held in (application.client_secrets, application.certificates)
        ):
            use["credential_uses"] = self._uses(stored, tenant_id, app_id)
        return use

    def _is_read(self, tenant_id: str) -> bool:
        return self._transaction.progress.get(tenant_id, "applications").succeeded_at is not None

    def _elsewhere(self, stored: Facts, tenant_id: str) -> Facts:
        """The facts with the registration missing, where the service principal says that another tenant owns it."""
        owner = stored.service_principal.owner_tenant_id
        if not isinstance(owner, Found) or owner.value == tenant_id:
            return stored
        missing: Read[bool] = Missing(owner.source, owner.as_of)
        return msgspec.structs.replace(stored, application=msgspec.structs.replace(stored.application, exists=missing))

    def _uses(self, stored: Facts, tenant_id: str, app_id: str) -> Read[CredentialUses]:
        """Last use as far as counted successes show it.

        Only sign-ins of the application as itself are counted. A secret with which a web application redeems codes, or
        an API exchanges tokens, is in none of them; there a credential counts as watched only if it was seen in use.
        """
        since = self._quieter.counted_since(tenant_id)
        if since is None:
            return Unread("successful sign-ins of applications have not been counted until now")
        held = self._transaction.credentials.find(
            CredentialQuery(tenant_id=tenant_id, app_id=app_id, limit=_CREDENTIALS)
        )
        whole = _acts_only_as_itself(stored) and not self._nameless(tenant_id, app_id)
        lately = self._now - timedelta(days=UNUSED_DAYS)
        uses = tuple(
            CredentialUse(KeyId(item.credential.key_id), item.last_used)
            for item in held
            if whole or (item.last_used is not None and item.last_used > lately)
        )
        return Found(CredentialUses(uses, since), "sign_in", self._now)

    def _nameless(self, tenant_id: str, app_id: str) -> bool:
        """Whether successes were counted whose credential the log does not name."""
        counted = self._transaction.usage.of(tenant_id, app_id, self._now - timedelta(days=UNUSED_DAYS))
        return any(not item.credential_key_id for item in counted)


def _acts_only_as_itself(stored: Facts) -> bool:
    """Whether nothing is registered for which the application would use a credential on a user's behalf."""
    application = stored.application
    return not any(
        not isinstance(read, Missing) and not (isinstance(read, Found) and read.complete and not read.value)
        for read in (application.web_redirect_uris, application.scopes)
    )

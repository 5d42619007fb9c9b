"""Pseudonyms for what is stored already, and the note of the key they were made with."""

import zlib
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.changes import change_id
from diag.adapters.db.coverage_tables import PrivacyTable
from diag.adapters.db.failures import columns_of, row_of
from diag.adapters.db.incidents import person_of
from diag.adapters.db.registration_versions import digest_of
from diag.adapters.db.tables import (
    ChangeTable,
    FailureTable,
    IncidentPersonTable,
    IncidentTable,
    ObjectVersionTable,
)
from diag.core.directory import Change
from diag.core.errors import StoreError
from diag.core.pseudonyms import PERSONAL_DETAILS, Pseudonyms
from diag.workflows.ports_privacy import PersonalKind

_FAILURES = FailureTable.__table__  # type: ignore[attr-defined]
_CHANGES = ChangeTable.__table__  # type: ignore[attr-defined]
_VERSIONS = ObjectVersionTable.__table__  # type: ignore[attr-defined]
_PEOPLE = IncidentPersonTable.__table__  # type: ignore[attr-defined]
_INCIDENTS = IncidentTable.__table__  # type: ignore[attr-defined]
_NOTE = PrivacyTable.__table__  # type: ignore[attr-defined]
_CHANGE = msgspec.json.Decoder(Change)


class SqlPrivacy:
    """The ``PrivacyStore`` port; without pseudonyms there is nothing to treat."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms | None) -> None:
        self._connection, self._pseudonyms = connection, pseudonyms

    def treated(self) -> bool:
        note = self._connection.execute(sa.select(_NOTE)).first()
        return self._pseudonyms is None or (note is not None and bool(note.treated))

    def begin(self) -> None:
        """Note under which key, or that none, rows are stored from now on; ``StoreError`` when it is another key."""
        note = self._connection.execute(sa.select(_NOTE)).first()
        if self._pseudonyms is None:
            if note is not None and note.treated:
                self._connection.execute(_NOTE.update().values(treated=False))
            return
        if note is not None and note.fingerprint != self._pseudonyms.fingerprint:
            raise StoreError(
                "The pseudonyms in the database were made with another key than the one in pseudonym.key.",
                hint="Put the file pseudonym.key of that time back into DIAG_DATA_DIR; with a new one every person "
                "would be counted twice.",
            )
        if note is None:
            self._connection.execute(
                _NOTE.insert().values(id=1, fingerprint=self._pseudonyms.fingerprint, treated=False)
            )

    def treat(self, kind: PersonalKind, after: str, limit: int) -> str | None:
        if self._pseudonyms is None:
            return None
        treat = {"failures": self._failures, "changes": self._changes, "details": self._details}[kind]
        return treat(self._pseudonyms, after, limit)

    def forget(self) -> None:
        self._connection.execute(_INCIDENTS.update().values(diagnosis=None, kb_version="", stale=True))

    def finish(self) -> None:
        self._connection.execute(_NOTE.update().values(treated=True))

    def _failures(self, pseudonyms: Pseudonyms, after: str, limit: int) -> str | None:
        key = sa.tuple_(_FAILURES.c.tenant_id, _FAILURES.c.id)
        statement = sa.select(_FAILURES).order_by(_FAILURES.c.tenant_id, _FAILURES.c.id).limit(limit)
        if after:
            statement = statement.where(key > sa.tuple_(*after.split("\n", 1)))
        rows = [row_of(row) for row in self._connection.execute(statement)]
        for row in rows:
            treated = pseudonyms.failure(row)
            if treated == row:
                continue
            self._connection.execute(
                _FAILURES.update()
                .where(_FAILURES.c.tenant_id == row.tenant_id, _FAILURES.c.id == row.id)
                .values(columns_of(treated))
            )
            self._rename(person_of(row), person_of(treated))
        return f"{rows[-1].tenant_id}\n{rows[-1].id}" if len(rows) == limit else None

    def _rename(self, before: str, now: str) -> None:
        """The same person in the incidents' counts, under the digest of the pseudonym."""
        if before == now:
            return
        known = sa.select(_PEOPLE.c.incident_id).where(_PEOPLE.c.person == now)
        old = _PEOPLE.c.person == before
        self._connection.execute(_PEOPLE.delete().where(old, _PEOPLE.c.incident_id.in_(known)))
        self._connection.execute(_PEOPLE.update().where(old).values(person=now))

    def _changes(self, pseudonyms: Pseudonyms, after: str, limit: int) -> str | None:
        key = sa.tuple_(_CHANGES.c.tenant_id, _CHANGES.c.id)
        statement = sa.select(_CHANGES).order_by(_CHANGES.c.tenant_id, _CHANGES.c.id).limit(limit)
        if after:
            statement = statement.where(key > sa.tuple_(*after.split("\n", 1)))
        rows = list(self._connection.execute(statement))
        for row in rows:
            change = _CHANGE.decode(row.body)
            treated = pseudonyms.change(change)
            if treated == change:
                continue
            self._connection.execute(
                _CHANGES.delete().where(_CHANGES.c.tenant_id == row.tenant_id, _CHANGES.c.id == row.id)
            )
            values: dict[str, Any] = {**row._mapping, "id": change_id(treated), "body": msgspec.json.encode(treated)}
            there = sa.select(_CHANGES.c.id).where(_CHANGES.c.tenant_id == row.tenant_id, _CHANGES.c.id == values["id"])
            if self._connection.execute(there).first() is None:
                self._connection.execute(_CHANGES.insert().values(values))
        return f"{rows[-1].tenant_id}\n{rows[-1].id}" if len(rows) == limit else None

    def _details(self, pseudonyms: Pseudonyms, after: str, limit: int) -> str | None:
        statement = (
            sa.select(_VERSIONS.c.id, _VERSIONS.c.kind, _VERSIONS.c.body)
            .where(
                _VERSIONS.c.kind.in_(PERSONAL_DETAILS), _VERSIONS.c.body.is_not(None), _VERSIONS.c.id > int(after or 0)
            )
            .order_by(_VERSIONS.c.id)
            .limit(limit)
        )
        rows = list(self._connection.execute(statement))
        for row in rows:
            body = zlib.decompress(row.body)
            treated = pseudonyms.detail(row.kind, body)
            if treated != body:
                self._connection.execute(
                    _VERSIONS.update()
                    .where(_VERSIONS.c.id == row.id)
                    .values(body=zlib.compress(treated), digest=digest_of(treated))
                )
        return str(rows[-1].id) if len(rows) == limit else None

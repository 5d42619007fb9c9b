"""Failures grouped into incidents."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import IncidentPersonTable, IncidentTable
from diag.core.diagnosis import Diagnosis
from diag.core.incidents import Fingerprint, Incident, fingerprint_of, incident_id
from diag.core.records import FailureRow
from diag.workflows.ports import IncidentQuery

_TABLE = IncidentTable.__table__  # type: ignore[attr-defined]
_PEOPLE = IncidentPersonTable.__table__  # type: ignore[attr-defined]
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Diagnosis)
_WITHOUT_DIAGNOSIS = [
    *(column for column in _TABLE.c if column.name != "diagnosis"),
    sa.null().label("diagnosis"),
]
_CHUNK = 500
"""Ids per statement, far below what either database takes."""


class SqlIncidents:
    """The ``IncidentStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def touch(self, tenant_id: str, rows: Sequence[FailureRow]) -> Sequence[Incident]:
        alike: dict[tuple[str, int, str, str], list[FailureRow]] = defaultdict(list)
        for row in rows:
            alike[row.app_id, row.error_code, row.resource_id, row.credential_key_id].append(row)
        groups = {incident_id(tenant_id, fingerprint_of(group[0])): group for group in alike.values()}
        known = self._known(list(groups))
        opened = [_opened(key, tenant_id, group) for key, group in groups.items() if key not in known]
        if opened:
            self._connection.execute(_TABLE.insert(), opened)
        again = [_counted(known[key], group) for key, group in groups.items() if key in known]
        if again:
            self._connection.execute(_COUNT_AGAIN, again)
        self._count_people(groups)
        return list(self._known(list(groups)).values())

    def get(self, incident_id: str) -> Incident | None:
        row = self._connection.execute(sa.select(_TABLE).where(_TABLE.c.id == incident_id)).first()
        return _incident(row) if row else None

    def wake(self, now: datetime) -> int:
        due = sa.and_(_TABLE.c.state == "snoozed", _TABLE.c.snoozed_until <= now)
        return self._connection.execute(_TABLE.update().where(due).values(state="open", snoozed_until=None)).rowcount

    def find(self, query: IncidentQuery) -> Sequence[Incident]:
        statement = sa.select(_TABLE)
        for column, value in (
            (_TABLE.c.tenant_id, query.tenant_id),
            (_TABLE.c.state, query.state),
            (_TABLE.c.app_id, query.app_id),
            (_TABLE.c.code, query.code),
            (_TABLE.c.cause_id, query.cause),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if query.interrupts is not None:
            statement = statement.where(_TABLE.c.interrupt.is_(query.interrupts))
        if query.troubled:
            statement = statement.where(_TABLE.c.problem != "")
        if query.before:
            seen, _, key = query.before.partition("\n")
            instant = datetime.fromisoformat(seen)
            statement = statement.where(
                sa.or_(_TABLE.c.last_seen < instant, sa.and_(_TABLE.c.last_seen == instant, _TABLE.c.id < key))
            )
        if query.after is not None:
            seen, _, key = query.after.partition("\n")
            later = sa.tuple_(_TABLE.c.last_seen, _TABLE.c.id) > sa.tuple_(
                sa.literal(datetime.fromisoformat(seen), _TABLE.c.last_seen.type), sa.literal(key)
            )
            statement = statement.where(later).order_by(_TABLE.c.last_seen, _TABLE.c.id)
        else:
            statement = statement.order_by(_TABLE.c.last_seen.desc(), _TABLE.c.id.desc())
        statement = statement.limit(query.limit)
        return [_incident(row) for row in self._connection.execute(statement)]

    def undiagnosed(self, tenant_id: str, kb_version: str, limit: int) -> Sequence[Incident]:
        statement = (
            sa.select(_TABLE)
            .where(_TABLE.c.tenant_id == tenant_id)
            .where(sa.or_(_TABLE.c.stale.is_(True), _TABLE.c.kb_version != kb_version))
            .order_by(_TABLE.c.last_seen.desc())
            .limit(limit)
        )
        return [_incident(row) for row in self._connection.execute(statement)]

    def save_diagnosis(
        self, incident_id: str, diagnosis: Diagnosis | None, at: datetime, *, kb_version: str = "", problem: str = ""
    ) -> None:
        if diagnosis is None:
            tried = {"stale": False, "kb_version": kb_version, "problem": problem}
            self._connection.execute(_TABLE.update().where(_TABLE.c.id == incident_id).values(tried))
            return
        self._connection.execute(
            _TABLE.update()
            .where(_TABLE.c.id == incident_id)
            .values(
                diagnosis=_ENCODER.encode(diagnosis),
                diagnosed_at=at,
                stale=False,
                cause_id=diagnosis.cause.id if diagnosis.cause else "",
                kb_version=diagnosis.kb_version,
                problem="",
            )
        )

    def set_state(
        self, incident_id: str, state: str, at: datetime, *, until: datetime | None = None, note: str = ""
    ) -> bool:
        values: dict[str, Any] = {"state": state, "snoozed_until": until}
        if note:
            values["note"] = note
        result = self._connection.execute(_TABLE.update().where(_TABLE.c.id == incident_id).values(values))
        return bool(result.rowcount)

    def make_stale(self, tenant_id: str, app_ids: Sequence[str]) -> None:
        if app_ids:
            self._connection.execute(
                _TABLE.update()
                .where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.app_id.in_(app_ids), _TABLE.c.state != "resolved")
                .values(stale=True)
            )

    def _known(self, keys: Sequence[str]) -> dict[str, Incident]:
        known: dict[str, Incident] = {}
        for start in range(0, len(keys), _CHUNK):
            part = sa.select(*_WITHOUT_DIAGNOSIS).where(_TABLE.c.id.in_(keys[start : start + _CHUNK]))
            known |= {row.id: _incident(row) for row in self._connection.execute(part)}
        return known

    def _count_people(self, groups: Mapping[str, Sequence[FailureRow]]) -> None:
        touched = {
            (key, person_of(row))
            for key, group in groups.items()
            for row in group
            if row.user_id or row.user_principal_name
        }
        if not touched:
            return
        self._connection.execute(
            upsert(self._connection, _PEOPLE).on_conflict_do_nothing(),
            [{"incident_id": key, "person": person} for key, person in sorted(touched)],
        )
        people = sa.select(sa.func.count()).where(_PEOPLE.c.incident_id == _TABLE.c.id).scalar_subquery()
        keys = sorted({key for key, _ in touched})
        for start in range(0, len(keys), _CHUNK):
            self._connection.execute(
                _TABLE.update().where(_TABLE.c.id.in_(keys[start : start + _CHUNK])).values(people=people)
            )


def _opened(key: str, tenant_id: str, rows: Sequence[FailureRow]) -> dict[str, Any]:
    """The columns of a new incident."""
    first, last = _ends(rows)
    fingerprint = fingerprint_of(last)
    return {
        "id": key,
        "tenant_id": tenant_id,
        "app_id": fingerprint.app_id,
        "code": fingerprint.code,
        "resource_id": fingerprint.resource_id,
        "credential_key_id": fingerprint.credential_key_id,
        "app_name": last.app_display_name,
        "resource_name": last.resource_display_name,
        "state": "open",
        "first_seen": first.created_at,
        "last_seen": last.created_at,
        "count": len(rows),
        "people": 0,
        "last_failure_id": last.id,
        "interrupt": last.interrupt,
        "regressed": False,
        "cause_id": "",
        "kb_version": "",
        "diagnosis": None,
        "diagnosed_at": None,
        "stale": True,
        "snoozed_until": None,
        "note": "",
        "problem": "",
    }


_COUNT_AGAIN = (
    _TABLE.update()
    .where(_TABLE.c.id == sa.bindparam("key"))
    .values(
        first_seen=sa.bindparam("first"),
        last_seen=sa.bindparam("last"),
        count=_TABLE.c.count + sa.bindparam("more"),
        last_failure_id=sa.bindparam("failure"),
        app_name=sa.bindparam("name"),
        state=sa.bindparam("now"),
        regressed=sa.bindparam("back"),
        stale=sa.or_(_TABLE.c.stale, sa.bindparam("ask", type_=sa.Boolean)),
    )
)


def _counted(known: Incident, rows: Sequence[FailureRow]) -> dict[str, Any]:
    """The parameters that count further failures into a known incident."""
    first, last = _ends(rows)
    newer = last.created_at > known.last_seen
    back = known.state == "resolved" and newer
    return {
        "key": known.id,
        "first": min(known.first_seen, first.created_at),
        "last": max(known.last_seen, last.created_at),
        "more": len(rows),
        "failure": last.id if newer else known.last_failure_id,
        "name": (last.app_display_name or known.app_name) if newer else known.app_name,
        "now": "open" if back else known.state,
        "back": known.regressed or back,
        # The registration may have changed between two failures, and when they began decides between causes.
        "ask": newer or first.created_at < known.first_seen,
    }


def _ends(rows: Sequence[FailureRow]) -> tuple[FailureRow, FailureRow]:
    return min(rows, key=_when), max(rows, key=_when)


def _when(row: FailureRow) -> tuple[datetime, str]:
    return row.created_at, row.id


def person_of(row: FailureRow) -> str:
    """A digest that tells people apart."""
    return hashlib.sha256((row.user_id or row.user_principal_name).encode()).hexdigest()[:16]


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        tenant_id=row.tenant_id,
        fingerprint=Fingerprint(row.app_id, row.code, row.resource_id, row.credential_key_id),
        app_name=row.app_name,
        resource_name=row.resource_name,
        state=row.state,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        count=row._mapping["count"],  # a row is a tuple, whose own ``count`` is a method
        people=row.people,
        last_failure_id=row.last_failure_id,
        interrupt=row.interrupt,
        regressed=row.regressed,
        diagnosis=_DECODER.decode(row.diagnosis) if row.diagnosis else None,
        diagnosed_at=row.diagnosed_at,
        snoozed_until=row.snoozed_until,
        note=row.note,
        problem=row.problem,
    )

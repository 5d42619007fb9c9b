"""How far files were imported."""

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables_files import ImportedFileTable
from diag.workflows.ports_files import ImportedFile

_TABLE = ImportedFileTable.__table__  # type: ignore[attr-defined]


class SqlFiles:
    """The ``FileStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str, name: str) -> ImportedFile | None:
        row = self._connection.execute(
            sa.select(_TABLE).where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.name == name)
        ).first()
        return ImportedFile(**row._mapping) if row else None

    def save(self, file: ImportedFile) -> None:
        values = {name: getattr(file, name) for name in file.__struct_fields__}
        statement = upsert(self._connection, _TABLE).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(_TABLE.primary_key), set_=values))

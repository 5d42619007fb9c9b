"""Alerts to people: topics, content, recipients, letters, snoozes, the state of channels, links used."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OUTBOX = "id, alert_id, channel, state, attempts, claim, owner, claimed_until, next_at, answer, finished_at"


def upgrade() -> None:
    # What an alert was before is kept; the text it was written with still says everything.
    for column in (
        sa.Column("topic", sa.String(), nullable=False, server_default=""),
        sa.Column("severity", sa.String(), nullable=False, server_default="warning"),
        sa.Column("content", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=False, server_default=""),
    ):
        op.add_column("alert", column)
    alerts = sa.table("alert", *map(sa.column, ("id", "key", "kind", "topic", "severity")))
    connection = op.get_bind()
    for alert_id, key, kind in connection.execute(sa.select(alerts.c.id, alerts.c.key, alerts.c.kind)).all():
        severity = "critical" if kind == "credential_ended" else "warning"
        values = {"topic": key.rpartition("|")[0] or key, "severity": severity}
        connection.execute(alerts.update().where(alerts.c.id == alert_id).values(values))
    op.create_index("alert_by_topic", "alert", ["tenant_id", "topic"], unique=False)

    _rebuild_outbox("alert_id", "channel", "recipient")

    op.create_table(
        "channel_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("configured", sa.String(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("disabled_because", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "quieting",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "topic", "action"),
    )
    op.create_table(
        "used_link",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    for table in ("used_link", "quieting", "channel_state"):
        op.drop_table(table)
    # The older form knows one delivery for each alert and channel: the first of several people's is kept.
    op.execute("DELETE FROM delivery WHERE id NOT IN (SELECT MIN(id) FROM delivery GROUP BY alert_id, channel)")
    op.execute("UPDATE delivery SET state = 'dead' WHERE state = 'withdrawn'")
    _rebuild_outbox("alert_id", "channel")
    op.drop_index("alert_by_topic", table_name="alert")
    with op.batch_alter_table("alert") as batch:
        for column in ("topic", "severity", "content", "closed_at", "acknowledged_at", "acknowledged_by"):
            batch.drop_column(column)


def _rebuild_outbox(*unique: str) -> None:
    """The outbox anew with another constraint, which SQLite cannot change in place; every row is kept."""
    people = "recipient" in unique
    for index in ("delivery_due",) if people else ("delivery_due", "delivery_by_letter", "delivery_told"):
        op.drop_index(index, table_name="delivery")
    op.rename_table("delivery", "delivery_before")
    added = [
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
    ]
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        *(added if people else ()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(*unique),
    )
    # A message that was tried before the upgrade keeps its id when it is repeated: it was a letter of its own.
    more, values = "", ""
    if people:
        written = "COALESCE((SELECT created_at FROM alert WHERE alert.id = delivery_before.alert_id), next_at)"
        more, values = ", recipient, letter, queued_at", f", '', CASE WHEN attempts > 0 THEN id ELSE '' END, {written}"
    op.execute(f"INSERT INTO delivery ({_OUTBOX}{more}) SELECT {_OUTBOX}{values} FROM delivery_before")  # noqa: S608
    op.drop_table("delivery_before")
    op.create_index("delivery_due", "delivery", ["channel", "state", "next_at"], unique=False)
    if people:
        op.create_index("delivery_by_letter", "delivery", ["letter"], unique=False)
        op.create_index("delivery_told", "delivery", ["channel", "recipient", "finished_at"], unique=False)

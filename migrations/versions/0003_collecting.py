"""Windows that were read to their end, exact success counts, when all was last read again, where versions come from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_window",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "source", "kind", "start"),
    )
    op.create_index("read_window_by_end", "read_window", ["tenant_id", "source", "end"], unique=False)
    op.add_column("success_hour", sa.Column("last_at", sa.BigInteger(), nullable=False, server_default="0"))
    # What is known of earlier counts is their hour.
    op.execute(sa.text("UPDATE success_hour SET last_at = hour"))
    op.create_index("success_hour_by_application", "success_hour", ["tenant_id", "app_id", "hour"], unique=False)
    op.create_table(
        "failure_total",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("interrupts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "hour"),
    )
    op.execute(
        sa.text(
            "INSERT INTO failure_total (tenant_id, hour, failures, interrupts) SELECT tenant_id, hour, "
            "SUM(CASE WHEN interrupt THEN 0 ELSE count END), SUM(CASE WHEN interrupt THEN count ELSE 0 END) "
            "FROM failure_hour GROUP BY tenant_id, hour"
        )
    )
    of_application = ["tenant_id", "app_id", "hour", "interrupt", "count"]
    op.create_index("failure_hour_by_application", "failure_hour", of_application, unique=False)
    op.add_column("progress", sa.Column("reconciled_at", sa.BigInteger(), nullable=True))
    op.add_column("object_version", sa.Column("origin", sa.String(), nullable=False, server_default=""))
    op.add_column("incident", sa.Column("problem", sa.String(), nullable=False, server_default=""))
    # 0 is not known: such a row is written again when the log gives it once more.
    op.add_column("failure", sa.Column("digest", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("failure", "digest")
    op.drop_column("incident", "problem")
    op.drop_column("object_version", "origin")
    op.drop_column("progress", "reconciled_at")
    op.drop_index("failure_hour_by_application", table_name="failure_hour")
    op.drop_table("failure_total")
    op.drop_index("success_hour_by_application", table_name="success_hour")
    op.drop_column("success_hour", "last_at")
    op.drop_index("read_window_by_end", table_name="read_window")
    op.drop_table("read_window")

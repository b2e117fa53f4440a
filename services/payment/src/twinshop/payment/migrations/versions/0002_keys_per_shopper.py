"""
An idempotency key belongs to its shopper, and an abandoned order no longer says that nothing was charged.

Whether money was taken is what the charge says. Orders that were cancelled before this revision hold the old sentence,
some of them beside a charge that was refunded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GLOBAL, PER_SHOPPER = "uq_payment_order_idempotency_key", "uq_payment_order_shopper_id_idempotency_key"
CLAIM = " Nothing was charged."


def upgrade() -> None:
    _replace_constraint(GLOBAL, PER_SHOPPER, ["shopper_id", "idempotency_key"])
    _drop_claims()


def _replace_constraint(old: str, new: str, columns: list[str]) -> None:
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(old, "payment_order", type_="unique")
        op.create_unique_constraint(new, "payment_order", columns)
        return
    # SQLite can only recreate the table, and drops none that another table refers to: the charges step aside.
    op.execute("CREATE TEMPORARY TABLE charges_aside AS SELECT * FROM payment_charge")
    op.drop_table("payment_charge")
    with op.batch_alter_table("payment_order") as batch:
        batch.drop_constraint(old, type_="unique")
        batch.create_unique_constraint(new, columns)
    op.create_table(
        "payment_charge",
        sa.Column("order_id", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(60), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_payment_charge"),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name="fk_payment_charge_order_id"),
    )
    op.execute("INSERT INTO payment_charge SELECT * FROM charges_aside")  # the columns are in the same order
    op.execute("DROP TABLE charges_aside")


def _drop_claims() -> None:
    orders = sa.table("payment_order", sa.column("id", sa.String), sa.column("failure", sa.JSON))
    connection = op.get_bind()
    failed = connection.execute(sa.select(orders.c.id, orders.c.failure).where(orders.c.failure.is_not(None)))
    for order_id, failure in failed.all():
        if failure and failure["code"] == "abandoned" and failure["detail"].endswith(CLAIM):
            corrected = {**failure, "detail": failure["detail"].removesuffix(CLAIM)}
            connection.execute(orders.update().where(orders.c.id == order_id).values(failure=corrected))

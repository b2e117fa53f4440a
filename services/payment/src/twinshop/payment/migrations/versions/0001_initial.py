"""The ledger's orders and charges, and the test acquirer's transactions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "payment_order",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("shopper_id", sa.String(64), nullable=False),
        sa.Column("cart_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("card_brand", sa.String(20), nullable=True),
        sa.Column("card_last4", sa.String(4), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("resume_after", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_order"),
        sa.UniqueConstraint("number", name="uq_payment_order_number"),
        sa.UniqueConstraint("idempotency_key", name="uq_payment_order_idempotency_key"),
    )
    op.create_index("ix_payment_order_shopper_id_created_at", "payment_order", ["shopper_id", "created_at"])
    op.create_index("ix_payment_order_closed_created_at", "payment_order", ["closed", "created_at"])
    op.create_table(
        "payment_charge",
        sa.Column("order_id", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(60), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_payment_charge"),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name="fk_payment_charge_order_id"),
    )
    op.create_table(
        "payment_acquirer_transaction",
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(60), nullable=True),
        sa.Column("card_brand", sa.String(20), nullable=True),
        sa.Column("card_last4", sa.String(4), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_payment_acquirer_transaction"),
    )

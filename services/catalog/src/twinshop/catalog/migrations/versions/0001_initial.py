"""Products, categories, reservations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SORTABLE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "catalog_seed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catalog_category",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "catalog_product",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("initial", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("folded_name", _SORTABLE, nullable=False),
        sa.Column("folded_text", sa.String(), nullable=False),
        sa.CheckConstraint("reserved >= 0", name="catalog_product_reserved_not_negative"),
        sa.CheckConstraint("reserved <= on_hand", name="catalog_product_reserved_on_hand"),
        sa.CheckConstraint("price >= 0", name="catalog_product_price_not_negative"),
        sa.ForeignKeyConstraint(["category"], ["catalog_category.slug"]),
        sa.PrimaryKeyConstraint("sku"),
    )
    op.create_index("ix_catalog_product_category", "catalog_product", ["category"])
    op.create_table(
        "catalog_reservation",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('reserved', 'committed', 'released')", name="catalog_reservation_state_known"),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_table(
        "catalog_reservation_line",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name="catalog_reservation_line_quantity_positive"),
        sa.ForeignKeyConstraint(["order_id"], ["catalog_reservation.order_id"]),
        sa.ForeignKeyConstraint(["sku"], ["catalog_product.sku"]),
        sa.PrimaryKeyConstraint("order_id", "sku"),
    )
    op.create_index("catalog_reservation_line_held_until", "catalog_reservation_line", ["held_until"])

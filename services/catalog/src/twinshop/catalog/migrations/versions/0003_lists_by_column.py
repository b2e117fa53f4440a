"""
One row for a place of all lists, instead of one for each list: an eighth of the rows.

The lists are derived from the products; the next start makes them, because `index.VERSION` is another one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SORTABLE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_ORDERS = ("featured", "price", "price_down", "name_en", "name_es", "name_ca", "name_fr", "name_de")


def upgrade() -> None:
    op.drop_table("catalog_listing")
    op.create_table(
        "catalog_listing",
        sa.Column("scope", _SORTABLE, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(order, sa.Integer(), nullable=False) for order in _ORDERS),
        sa.PrimaryKeyConstraint("scope", "place"),
        sqlite_with_rowid=False,
    )

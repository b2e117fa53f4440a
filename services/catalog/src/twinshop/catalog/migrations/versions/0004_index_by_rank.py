"""
Tables of their own for what this version derives: lists with a row for each place, a search index with ranks.

The tables of the version before (`catalog_listing`, `catalog_search`) stay: its replicas read them until a rollout is
over, and write them if they are started once more. A later revision drops them. The next start fills the new tables,
because `index.VERSION` is another one; clearing the digest would also forget that the products were imported.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SORTABLE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_ORDERS = ("featured", "price", "price_down", "name_en", "name_es", "name_ca", "name_fr", "name_de")

_NO_PLACE = ("featured", "price_down")


def upgrade() -> None:
    op.drop_index("catalog_product_sku_key", "catalog_product")
    op.create_index("catalog_product_key_position", "catalog_product", ["sku_key", "position"])
    op.create_table(
        "catalog_place",
        sa.Column("scope", _SORTABLE, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(order, sa.Integer(), nullable=False) for order in _ORDERS),
        sa.PrimaryKeyConstraint("scope", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catalog_facet",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        *(sa.Column(f"{order}_place", sa.Integer(), nullable=False) for order in _ORDERS if order not in _NO_PLACE),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_table(
        "catalog_price",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lowest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket"),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Contentless: the words are all that is asked for. Their order is kept for phrases, their number is not.
        op.execute(
            "CREATE VIRTUAL TABLE catalog_index USING fts5(words, content='', columnsize=0,"
            " prefix='2 3 4', tokenize=\"unicode61 remove_diacritics 0 tokenchars ':-'\")"
        )
    else:
        op.execute("CREATE TABLE catalog_index (rowid integer PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX catalog_index_words ON catalog_index USING gin (words)")
        # With the default, 100, the planner takes every word that it has not noted for one that many products have.
        op.execute("ALTER TABLE catalog_index ALTER COLUMN words SET STATISTICS 1000")

"""
Lists by place, the index of the search, kept counts; products that are no longer listed.

All of it is derived from the products, so the digest is cleared: the next start makes it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SORTABLE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_NAMES = ("name_en", "name_es", "name_ca", "name_fr", "name_de")


def upgrade() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("sku_key", _SORTABLE, nullable=False, server_default=""),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in _NAMES),
    ]
    for column in columns:
        op.add_column("catalog_product", column)
    op.drop_column("catalog_product", "folded_name")
    op.drop_column("catalog_product", "folded_text")
    op.create_index("catalog_product_position", "catalog_product", ["position"])
    op.create_index("catalog_product_sku_key", "catalog_product", ["sku_key"])
    op.add_column("catalog_category", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("catalog_category", sa.Column("products", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "catalog_listing",
        sa.Column("list", _SORTABLE, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catalog_word",
        *(sa.Column(name, _SORTABLE, nullable=False) for name in ("language", "kind", "key", "word")),
        sa.PrimaryKeyConstraint("language", "kind", "key", "word"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        # Contentless: the words are all that is asked for. Their order is kept for phrases, their number is not.
        op.execute(
            "CREATE VIRTUAL TABLE catalog_search USING fts5(name, category, description, content='', columnsize=0,"
            " prefix='1 2 3', tokenize=\"unicode61 remove_diacritics 0 tokenchars ':-'\")"
        )
    else:
        op.execute("CREATE TABLE catalog_search (rowid integer PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX catalog_search_words ON catalog_search USING gin (words)")
    op.execute("UPDATE catalog_seed SET digest = ''")

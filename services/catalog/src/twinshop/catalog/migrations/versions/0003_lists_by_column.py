"""
Nothing any more; databases may be at this revision.

It replaced the table `catalog_listing`, from which replicas of the version before were still reading while a rollout
brought this one in. 0004 makes a table of its own instead.
"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Leave everything as it is."""

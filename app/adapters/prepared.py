"""Tells whether a database needs no preparing: it has the newest revision, the rows that every installation starts with, and all that is
on the shelf of the marketplace in the search index."""

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.database import open_database
from app.adapters.revisions import current_revision, newest_revision
from app.core.first_rows import DEMO_EMAIL, OFFERS, OFFICIAL

_users = sa.table("user", sa.column("email_key"))
_listings = sa.table("listing", sa.column("slug"), sa.column("workspace_id", sa.Uuid()), sa.column("state"), sa.column("place"))


def is_prepared(url: str, *, has_demo: bool) -> bool:
    """Whether migrating and seeding would change nothing. False also for a database that does not answer: they tell why."""
    database = open_database(url, pool_size=1)
    try:
        return current_revision(database) == newest_revision() and _has_first_rows(database, has_demo=has_demo)
    except SQLAlchemyError:
        return False
    finally:
        database.dispose()


def _has_first_rows(database: sa.Engine, *, has_demo: bool) -> bool:
    with database.connect().execution_options(af_write=False) as connection:
        if has_demo and connection.execute(sa.select(_users).where(_users.c.email_key == DEMO_EMAIL)).first() is None:
            return False
        slugs = set(connection.execute(sa.select(_listings.c.slug).where(_listings.c.workspace_id == OFFICIAL)).scalars())
        unfiled = sa.select(_listings.c.slug).where(_listings.c.place.is_(None), _listings.c.state == "live").limit(1)
        return slugs >= {offer.slug for offer in OFFERS} and connection.execute(unfiled).first() is None

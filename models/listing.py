"""Listings of the marketplace: what is offered, its immutable versions, the words it is found by, and who installed it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col

from engine.json import JsonObject
from models.base import Row, WorkspaceRow, json_field, stamp_field


class Listing(WorkspaceRow, table=True):
    """An offer of the seller's workspace. The counters are kept by the services that write what they count."""

    __table_args__ = (
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("fee_bps BETWEEN 0 AND 10000", name="fee"),
        Index("ix_listing_rated", "state", "rating_rank", "id", "place"),
        Index("ix_listing_shelf", "state", "category", "rating_rank", "id"),
        Index("ix_listing_featured", "state", "is_featured", "rating_rank", "id"),
        Index("ix_listing_installed", "state", "install_count", "rating_rank", "id", "place"),
        Index("ix_listing_new", "state", "published_at", "id", "place"),
        Index("ix_listing_price", "state", "price_cents", "rating_rank", "id", "place"),
        Index("ix_listing_place", "place", "state", "rating_rank", "install_count", "published_at", "price_cents", "id"),
    )
    """Orders are walked along and places looked up in the indexes alone: a row is long."""

    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=120)
    tagline: str = Field(max_length=200)
    description: str = Field(default="", max_length=20_000)
    category: str = Field(max_length=20)
    icon: str = Field(max_length=40)
    state: str = Field(default="draft", max_length=16)  # draft | in_review | live | rejected | unlisted | removed
    reason: str = Field(default="", max_length=1000)  # why it was rejected or removed
    price_cents: int = Field(default=0)
    is_monthly: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})  # the price is for a month
    currency: str = Field(max_length=3)
    fee_bps: int
    creator: str = Field(max_length=120)  # the name shown; the workspace keeps its own
    is_featured: bool = Field(default=False)
    workflow_id: uuid.UUID | None = Field(default=None, foreign_key="workflow.id", index=True, ondelete="SET NULL")
    version_id: uuid.UUID | None = Field(default=None)  # the version buyers get; no foreign key, as versions point here
    pictures: list[JsonObject] | None = json_field(default=None, nullable=True)  # id, alt, width and height, in their order
    models: str = Field(default="", max_length=2000)  # space-separated, with a space at both ends
    needs: str = Field(default="", max_length=200)  # the same for network, code, tools, credentials
    install_count: int = Field(default=0)
    view_count: int = Field(default=0)
    trial_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rating_count: int = Field(default=0)
    rating_sum: int = Field(default=0)
    rating_rank: float = Field(default=0.0)
    published_at: datetime | None = stamp_field()
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    place: int | None = Field(default=None)  # its number in the search index, from its first day on the shelf
    filed: str = Field(default="", max_length=4000, sa_column_kwargs={"server_default": ""})  # the marks the index has it under


_BEST_FIRST = (col(Listing.rating_rank).desc(), col(Listing.id).desc())
Index("ix_listing_cheapest", col(Listing.state), col(Listing.price_cents), *_BEST_FIRST, col(Listing.place))


class ListingVersion(WorkspaceRow, table=True):
    """A published package. The database refuses to change one; `signature` is this installation's mark of the digest."""

    __tablename__ = "listing_version"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("listing_id", "number"),)

    listing_id: uuid.UUID = Field(foreign_key="listing.id", index=True, ondelete="CASCADE")
    number: str = Field(max_length=40)
    changelog: str = Field(default="", max_length=4000)
    licence: str = Field(max_length=40)
    bundle: str = Field(sa_type=sa.Text)  # the blueprint, in YAML
    manifest: JsonObject = json_field()
    samples: list[JsonObject] = json_field()  # what real runs of its tests gave: name, inputs, status, output, seconds, checks
    digest: str = Field(max_length=64)
    signature: str = Field(max_length=128)


class ListingWord(SQLModel, table=True):
    """A word that a listing is found by; `weight` is higher in the name than in the description."""

    __tablename__ = "listing_word"  # type: ignore[assignment]

    word: str = Field(max_length=40, primary_key=True)
    listing_id: uuid.UUID = Field(foreign_key="listing.id", primary_key=True, index=True, ondelete="CASCADE")
    weight: int


class SearchTypo(SQLModel, table=True):
    """A known word with at most one letter left out: typing mistakes meet the word there."""

    __tablename__ = "search_typo"  # type: ignore[assignment]

    variant: str = Field(max_length=40, primary_key=True)
    word: str = Field(max_length=40, primary_key=True)


class SearchBlock(SQLModel, table=True):
    """Which listings have a word, or a mark such as `:in:sales`: one bit for each of 4,096 places; see app.services.market.filing."""

    __tablename__ = "search_block"  # type: ignore[assignment]
    __table_args__ = ({"sqlite_with_rowid": False},)

    word: str = Field(max_length=48, primary_key=True)
    weight: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    block: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    bits: bytes


class Install(WorkspaceRow, table=True):
    """A listing in a buyer's workspace, once."""

    __table_args__ = (UniqueConstraint("workspace_id", "listing_id"), Index("ix_install_walk", "listing_id", "id"))

    listing_id: uuid.UUID = Field(foreign_key="listing.id", index=True, ondelete="CASCADE")
    version_id: uuid.UUID = Field(foreign_key="listing_version.id", index=True, ondelete="CASCADE")
    workflow_ids: list[str] = json_field()
    agents: JsonObject | None = json_field(default=None, nullable=True)  # the package's agents -> {slug: what it is called here, is_own}
    credentials: JsonObject | None = json_field(default=None, nullable=True)  # as the package calls them -> as they are called here
    is_rented: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})  # runs while its month is paid
    installed_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class Release(Row, table=True):
    """A version that came out while an earlier one was on the shelf, and how far those who have that one were told by letter."""

    __tablename__ = "listing_release"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("version_id"),)

    listing_id: uuid.UUID = Field(foreign_key="listing.id", index=True, ondelete="CASCADE")
    version_id: uuid.UUID = Field(foreign_key="listing_version.id", ondelete="CASCADE")
    told_to: uuid.UUID | None = Field(default=None)  # the last install whose workspace was told
    is_telling: bool = Field(default=True, index=True)

"""The coupons of a seller over HTTP; buyers name a code when they ask for a price or order (app.api.orders)."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, done, whole
from app.services.coupons import change_coupon, create_coupon, list_coupons
from app.views.coupons import CouponRow

router = APIRouter(prefix="/api/v1/coupons", tags=["coupons"], responses=REFUSALS)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CouponBody(_Body):
    """A code. `value` is a number as text: percent, or dollars. A day such as 2027-03-31 counts whole, in UTC."""

    code: str = Field(max_length=80)
    kind: Literal["percent", "amount"]
    value: str = Field(max_length=20)
    listing: str = Field(default="", max_length=80, description="Address of one of your listings; empty counts for all of them.")
    most_uses: int | None = Field(default=None, ge=1, le=1_000_000)
    months: int = Field(default=1, ge=0, le=36, description="Of monthly listings: how many months cost less; 0 is every one.")
    starts_at: str = Field(default="", max_length=40)
    expires_at: str = Field(default="", max_length=40)


class CouponChange(_Body):
    """What may change: what is left out stays."""

    is_active: bool | None = None
    most_uses: int | None = Field(default=None, ge=1, le=1_000_000)
    expires_at: str | None = Field(default=None, max_length=40)


@router.get("", operation_id="list_coupons")
async def read_coupons(door: Caller) -> Answer[Page[CouponRow]]:
    """Your codes, the newest first, with how often each was used."""
    return whole(await door.read(list_coupons))


@router.post("", operation_id="create_coupon", status_code=201)
async def make(body: CouponBody, door: Caller) -> Answer[CouponRow]:
    """Make a code for one of your listings or for all of them."""
    return done(await door.write(create_coupon, form=body.model_dump()), "Created.")


@router.patch("/{coupon_id}", operation_id="change_coupon")
async def change(coupon_id: Id, body: CouponChange, door: Caller) -> Answer[CouponRow]:
    """Pause a code or let it count again, or change its limit and its end; orders that hold it keep it."""
    return done(await door.write(change_coupon, coupon_id=coupon_id, form=body.model_dump(exclude_unset=True)), "Changed.")

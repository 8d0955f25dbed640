"""Money: the split and its rounding, prices as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.money import discount_of, divide, divide_returned, format_cents, read_price, split, tax_of


@pytest.mark.parametrize(
    ("gross", "creator", "platform"),
    [(0, 0, 0), (1, 1, 0), (3, 3, 0), (4, 4, 0), (5, 4, 1), (99, 80, 19), (100, 80, 20), (1999, 1600, 399)],
)
def test_the_platform_takes_a_fifth_rounded_down(gross: int, creator: int, platform: int) -> None:
    shares = split(gross, platform_bps=2000)
    assert (shares.creator_cents, shares.platform_cents) == (creator, platform)


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_the_parts_sum_to_the_whole(gross: int, bps: int) -> None:
    shares = split(gross, platform_bps=bps)
    assert shares.creator_cents + shares.platform_cents == gross
    assert min(shares.creator_cents, shares.platform_cents) >= 0


@given(st.lists(st.integers(1, 500), max_size=20), st.integers(0, 10_000), st.floats(0, 1))
def test_parts_given_back_one_by_one_return_exactly_what_each_was_given(parts: list[int], bps: int, taxed: float) -> None:
    paid, before = sum(parts), 0
    tax, back = int(paid * taxed), (0, 0, 0)
    for part in parts:
        one = divide_returned(paid, tax_cents=tax, platform_bps=bps, before_cents=before, part_cents=part)
        assert one.creator + one.platform + one.tax == part
        assert min(one.creator, one.platform, one.tax) >= 0
        back, before = (back[0] + one.creator, back[1] + one.platform, back[2] + one.tax), before + part
    whole = divide(paid, tax_cents=tax, platform_bps=bps, part_cents=paid)
    assert back == (whole.creator, whole.platform, whole.tax)
    assert whole.tax == tax
    assert (whole.creator, whole.platform) == (
        split(paid - tax, platform_bps=bps).creator_cents,
        split(paid - tax, platform_bps=bps).platform_cents,
    )


@pytest.mark.parametrize(("before", "part", "platform"), [(0, 130, 50), (60, 70, 38), (100, 30, 30)])
def test_what_goes_back_beyond_the_whole_is_the_platforms(before: int, part: int, platform: int) -> None:
    one = divide_returned(100, tax_cents=0, platform_bps=2000, before_cents=before, part_cents=part)
    assert (one.platform, one.total) == (platform, part)


@pytest.mark.parametrize(("before", "part"), [(-1, 1), (0, -1)])
def test_nothing_negative_is_given_back(before: int, part: int) -> None:
    with pytest.raises(ValueError, match="return"):
        divide_returned(100, tax_cents=0, platform_bps=2000, before_cents=before, part_cents=part)


@pytest.mark.parametrize(
    ("price", "percent", "amount", "off"),
    [
        (1999, 20, 0, 399),
        (1999, 0, 500, 500),
        (1999, 100, 0, 1999),
        (500, 0, 1000, 500),
        (100, 33, 0, 33),
        (100, 51, 0, 100),
        (100, 50, 0, 50),
    ],
)
def test_a_coupon_takes_off_no_more_than_the_price_and_leaves_nothing_that_cannot_be_charged(
    price: int, percent: int, amount: int, off: int
) -> None:
    assert discount_of(price, percent=percent, amount_cents=amount) == off


@pytest.mark.parametrize(
    ("price", "bps", "on_top", "within"),
    [(1000, 1900, 190, 160), (1999, 1900, 380, 319), (1, 1900, 0, 0), (1000, 0, 0, 0), (3, 5000, 2, 1)],
)
def test_a_flat_tax_is_worked_out_to_the_nearest_cent(price: int, bps: int, on_top: int, within: int) -> None:
    assert tax_of(price, bps=bps, is_inclusive=False) == on_top
    assert tax_of(price, bps=bps, is_inclusive=True) == within


@pytest.mark.parametrize(("text", "cents"), [("0", 0), ("19", 1900), ("19.9", 1990), ("$1,234.05", 123405), (" 1.00 ", 100)])
def test_a_price_is_read_exactly(text: str, cents: int) -> None:
    assert read_price(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", "-1", "0.5", "99 cents", "1e308", "NaN", "inf", "1.999", "0x10", "\u0661\u0662", "10001", "1.2.3", 19, 0.1 + 0.2, None, [], True],
)
def test_what_is_no_price_is_refused_at_its_field(text: object) -> None:
    with pytest.raises(Invalid) as refused:
        read_price(text)
    assert set(refused.value.fields) == {"price"}


@pytest.mark.parametrize("text", ["0.5", "10001", "99999999", "999999999999.99"])
def test_a_price_out_of_bounds_is_told_the_bounds_as_money(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_price(text)
    assert refused.value.fields == {"price": "A price lies between $1.00 and $10,000.00, or is 0 for free."}


def test_cents_are_shown_as_dollars() -> None:
    assert [format_cents(cents) for cents in (0, 5, 199900, -1234)] == ["$0.00", "$0.05", "$1,999.00", "\u2212$12.34"]
    assert format_cents(100, "eur") == "1.00 EUR"

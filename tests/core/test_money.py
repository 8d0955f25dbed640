"""Money: the split and its rounding, prices as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.money import format_cents, read_price, split, split_of_part


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


@given(st.lists(st.integers(1, 500), max_size=20), st.integers(0, 10_000))
def test_parts_given_back_one_by_one_return_exactly_what_each_was_given(parts: list[int], bps: int) -> None:
    gross, before = sum(parts), 0
    creator = platform = 0
    for part in parts:
        back = split_of_part(gross, platform_bps=bps, before_cents=before, part_cents=part)
        assert back.creator_cents + back.platform_cents == part
        assert min(back.creator_cents, back.platform_cents) >= 0
        creator, platform, before = creator + back.creator_cents, platform + back.platform_cents, before + part
    whole = split(gross, platform_bps=bps)
    assert (creator, platform) == (whole.creator_cents, whole.platform_cents)


@pytest.mark.parametrize(("before", "part"), [(0, 101), (60, 41), (-1, 1), (0, -1)])
def test_more_than_is_left_is_never_given_back(before: int, part: int) -> None:
    with pytest.raises(ValueError, match="return"):
        split_of_part(100, platform_bps=2000, before_cents=before, part_cents=part)


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


def test_cents_are_shown_as_dollars() -> None:
    assert [format_cents(cents) for cents in (0, 5, 199900, -1234)] == ["$0.00", "$0.05", "$1,999.00", "\u2212$12.34"]
    assert format_cents(100, "eur") == "1.00 EUR"

"""Uploaded pictures: told by their bytes, stripped of everything that does not draw, and refused with the reason."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.pictures import JPEG, MOST_BYTES, PNG, WEBP, PictureUnfit, read_picture
from tests.support.pictures import SECRET, askew, exif, jpeg, png, webp

MAKERS = {PNG: png, JPEG: jpeg, WEBP: webp}


@pytest.mark.parametrize("kind", MAKERS)
def test_the_kind_and_the_size_are_read_from_the_bytes(kind: str) -> None:
    made = read_picture(MAKERS[kind](640, 400))
    assert (made.kind, made.width, made.height) == (kind, 640, 400)


@pytest.mark.parametrize("kind", MAKERS)
def test_what_does_not_draw_is_taken_out(kind: str) -> None:
    given_bytes = MAKERS[kind](extra=SECRET)
    assert SECRET in given_bytes
    made = read_picture(given_bytes)
    assert SECRET not in made.content
    assert made.content == read_picture(MAKERS[kind]()).content or kind == WEBP
    assert read_picture(made.content) == made


def test_a_webp_says_no_more_that_it_has_exif() -> None:
    assert read_picture(webp(extra=SECRET)).content[20] == 0


@pytest.mark.parametrize("order", ["<", ">"], ids=["Intel", "Motorola"])
@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("make", [jpeg, png])
def test_a_photo_keeps_how_it_is_turned_and_nothing_else_of_its_camera(make: Callable[..., bytes], turned: int, order: str) -> None:
    made = read_picture(askew(make(640, 400), turned, order=order, extra=SECRET))
    assert (made.width, made.height) == ((400, 640) if turned >= 5 else (640, 400))
    assert SECRET not in made.content
    assert len(made.content) - len(read_picture(make(640, 400)).content) <= (0 if turned == 1 else 38)
    assert read_picture(made.content) == made


@pytest.mark.parametrize("turned", [0, 9, 65_535])
def test_a_turn_that_does_not_exist_is_none(turned: int) -> None:
    assert read_picture(askew(jpeg(), turned)).content == read_picture(jpeg()).content


@given(cut=st.integers(0, 60), at=st.integers(2, 40), byte=st.integers(0, 255))
def test_damaged_metadata_never_refuses_a_picture(cut: int, at: int, byte: int) -> None:
    tiff = bytearray(exif(6)[: cut + 6])
    tiff[at % len(tiff)] = byte
    whole = b"\xff\xd8\xff\xe1" + (len(tiff) + 2).to_bytes(2, "big") + bytes(tiff) + jpeg()[2:]
    made = read_picture(whole)
    assert {made.width, made.height} == {320, 240}
    assert read_picture(made.content) == made


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "PNG, JPEG or WebP"),
        (b"GIF89a" + bytes(40), "PNG, JPEG or WebP"),
        (png(100, 400), "200 or more"),
        (webp(5000, 300), "4096 a side"),
        (webp(is_moving=True), "Moving pictures"),
        (png()[:-20], "damaged"),
        (png().replace(b"IDAT", b"IDAX"), "damaged"),
        (jpeg()[:-2], "damaged"),
        (b"\xff\xd8\xff\xd9", "damaged"),
        (jpeg(60_000, 60_000)[:-2] + jpeg()[2:], "damaged"),
        (png() + bytes(MOST_BYTES), "larger than 2 MB"),
    ],
    ids=["nothing", "svg", "gif", "small", "wide", "moving", "cut", "renamed", "endless", "empty jpeg", "two in one", "large"],
)
def test_what_cannot_be_shown_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(PictureUnfit, match=why):
        read_picture(content)


@given(kind=st.sampled_from(list(MAKERS)), at=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_damaged_picture_is_refused_or_read_and_never_anything_else(kind: str, at: int, byte: int) -> None:
    whole = bytearray(MAKERS[kind]())
    whole[at % len(whole)] = byte
    try:
        made = read_picture(bytes(whole))
    except PictureUnfit:
        return
    assert read_picture(made.content).content == made.content

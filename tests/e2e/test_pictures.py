"""Photos of phones: a picture that only its metadata turns upright stands upright after all metadata was taken out."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.core.pictures import Picture, read_picture
from tests.support.pictures import SECRET, askew

PAINT = """kind => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 400, height: 240}), pen = canvas.getContext("2d");
  pen.fillStyle = "red"; pen.fillRect(0, 0, 400, 240);
  pen.fillStyle = "blue"; pen.fillRect(0, 0, 40, 40);
  return canvas.toDataURL(kind);
}"""
LOOK = """async url => {
  const image = new Image(); image.src = url; await image.decode();
  const width = image.naturalWidth, height = image.naturalHeight;
  const canvas = Object.assign(document.createElement("canvas"), {width, height}), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const isBlue = (x, y) => pen.getImageData(x, y, 1, 1).data[2] > 128;
  const far = [width - 20, height - 20];
  return {size: [width, height], corners: [isBlue(20, 20), isBlue(far[0], 20), isBlue(20, far[1]), isBlue(far[0], far[1])]};
}"""
CORNER = {1: 0, 2: 1, 3: 3, 4: 2, 5: 0, 6: 1, 7: 3, 8: 2}
"""Orientation -> where the first corner of the file is shown: top left, top right, bottom left, bottom right (Exif 2.32, 4.6.5)."""


@pytest.fixture
def paper(browser: Browser) -> Iterator[Page]:
    """An empty page; no site is needed."""
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png"])
def test_a_photo_stands_as_its_camera_meant_it(paper: Page, kind: str) -> None:
    painted = base64.b64decode(paper.evaluate(PAINT, kind).split(",")[1])
    for turned, corner in CORNER.items():
        made, seen = look_at(paper, painted, turned)
        assert made.kind == kind
        assert tuple(seen["size"]) == (made.width, made.height) == ((240, 400) if turned >= 5 else (400, 240))
        assert [place for place, is_blue in enumerate(seen["corners"]) if is_blue] == [corner]


def look_at(paper: Page, painted: bytes, turned: int) -> tuple[Picture, dict[str, Any]]:
    """The picture as it is kept, and as the browser shows it."""
    made = read_picture(askew(painted, turned, extra=SECRET))
    return made, paper.evaluate(LOOK, f"data:{made.kind};base64,{base64.b64encode(made.content).decode()}")

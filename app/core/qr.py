"""QR codes as pictures for `img`, drawn here so that no secret goes to a service that draws them."""

import segno


def picture_of(text: str) -> str:
    """A data address of an SVG: black on white in both themes, as scanners want it, with the quiet zone around it."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")

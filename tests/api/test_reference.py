"""The page that describes the API: complete, and without anything from elsewhere."""

import re

from app.wiring import Wiring
from tests.support.api import visitor


def test_every_operation_is_on_the_page_and_nothing_is_loaded(wiring: Wiring) -> None:
    client = visitor(wiring)
    page = client.get("/docs")
    assert page.status_code == 200
    described = client.get("/api/v1/openapi.json").json()["paths"]
    wanted = {path for path in described if path.startswith("/api/v1/")}
    assert {path for path in wanted if f"<code>{path}</code>" in page.text} == wanted
    assert "<script" not in page.text
    assert not re.findall(r"(?:src|href)=\"?(?:https?:)?//", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]

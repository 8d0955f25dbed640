"""ETag and If-Match: a reader learns the version of what it reads, and a change says which version it changes."""

import re
from typing import Annotated

from fastapi import Header, Request, Response

from app.core.errors import AppError

IfMatch = Annotated[str | None, Header(max_length=200, description="The ETag of the version you change.")]
_TAG = re.compile(r'\s*(?:W/)?"(\d{1,9})"\s*')


class Stale(AppError):
    """What is changed is not what was read."""

    status = 412
    code = "stale"


class VersionNeeded(AppError):
    """An edit without the version it is made on could overwrite somebody's work."""

    status = 428
    code = "if_match_needed"

    def __init__(self) -> None:
        super().__init__("Say which version you change: send its ETag as If-Match.")


def tag_of(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def base_of(if_match: str | None) -> int:
    """The version that an edit is made on; raises VersionNeeded without one, and Stale for what is no ETag of ours."""
    if if_match is None:
        raise VersionNeeded()
    found = _TAG.fullmatch(if_match)
    if found is None:
        raise Stale("This is no ETag of ours. Read the thing again and send its ETag as If-Match.")
    return int(found[1])


def knows(request: Request, version: int) -> bool:
    """Whether the reader has this version already."""
    known = [_TAG.fullmatch(part) for part in request.headers.get("if-none-match", "").split(",")]
    return any(found is not None and int(found[1]) == version for found in known)


def unchanged(version: int) -> Response:
    """304."""
    return Response(status_code=304, headers={"ETag": tag_of(version), "Cache-Control": "private, no-cache"})


def mark(response: Response, version: int) -> None:
    """Tell the version."""
    response.headers["ETag"] = tag_of(version)
    response.headers["Cache-Control"] = "private, no-cache"

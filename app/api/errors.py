"""The API's one translator of errors: a stable code, plain words, the fields to mend, the request id; never a traceback."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.core.errors import AppError

log = logging.getLogger(__name__)

STATUS_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_media_type",
}


def add_error_handlers(api: FastAPI) -> None:
    """Register the handlers and the answer for unknown paths below /api."""
    api.exception_handler(AppError)(_app_error)
    api.exception_handler(RequestValidationError)(_invalid_request)
    api.exception_handler(HTTPException)(_http_error)
    api.exception_handler(Exception)(_unexpected)
    api.add_api_route("/api/{path:path}", _unknown_path, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)


def error_body(code: str, message: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """The shape of every error answer."""
    return {"error": {"code": code, "message": message, "fields": fields or {}}}


async def _app_error(_request: Request, error: AppError) -> JSONResponse:
    return JSONResponse(error_body(error.error_code, error.message, error.fields), status_code=error.status)


async def _invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    fields = {_field_name(problem["loc"]): str(problem["msg"]) for problem in error.errors()}
    return JSONResponse(error_body("invalid", "Some values are wrong; see fields.", fields), status_code=422)


async def _http_error(_request: Request, error: HTTPException) -> JSONResponse:
    body = error_body(STATUS_CODES.get(error.status_code, "error"), str(error.detail))
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse(
        error_body("error", "Something went wrong on our side; it is in the logs under this request's id."), status_code=500
    )


async def _unknown_path(path: str) -> JSONResponse:
    return JSONResponse(error_body("not_found", f"There is no /api/{path[:200]}. The API is described at /api/docs."), status_code=404)


def _field_name(location: Sequence[int | str]) -> str:
    """`("body", "items", 2, "name")` reads `items.2.name`."""
    parts = location[1:] if location and location[0] in ("body", "query", "path", "header", "cookie") else location
    return ".".join(map(str, parts)) or "body"

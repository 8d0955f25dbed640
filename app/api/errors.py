"""The API's one translator of errors: plain words, a stable code, the fields to mend; never a traceback."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from app.core.errors import AppError, NotSignedIn
from engine.spec.explain import Problem, explain_details

log = logging.getLogger(__name__)
_JSON = "Send JSON in UTF-8, with Content-Type: application/json."
_UNREAD = "There was an error parsing the body"  # FastAPI's words for what its JSON reader raises beside its own error

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
    return {"detail": message, "error_code": code, "field_errors": fields or {}}


async def _app_error(_request: Request, error: AppError) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else None
    background = BackgroundTask(error.afterwards) if error.afterwards else None
    body = error_body(error.error_code, error.message, error.fields)
    return JSONResponse(body, status_code=error.status, headers=headers, background=background)


async def _invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    broken = next((problem for problem in error.errors() if problem["type"] == "json_invalid"), None)
    if broken is not None:
        return JSONResponse(error_body("invalid", _where_broken(broken, error.body), {"body": _JSON}), status_code=422)
    fields = {_field_name(problem): f"{problem.message} {problem.remedy}".strip() for problem in explain_details(list(error.errors()))}
    return JSONResponse(error_body("invalid", "Some values are wrong; see field_errors.", fields), status_code=422)


async def _http_error(_request: Request, error: HTTPException) -> JSONResponse:
    fields: dict[str, str] | None = None
    told = str(error.detail)
    if told == _UNREAD:
        told, fields = _why_unread(error.__cause__), {"body": _JSON}
    body = error_body(STATUS_CODES.get(error.status_code, "error"), told, fields)
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse(
        error_body("error", "Something went wrong on our side; it is in the logs under this request's id."), status_code=500
    )


async def _unknown_path(path: str) -> JSONResponse:
    return JSONResponse(error_body("not_found", f"There is no /api/{path[:200]}. The API is described at /docs."), status_code=404)


def _where_broken(problem: Any, body: object) -> str:
    """The place in lines and columns, as editors count them."""
    what, at = str((problem.get("ctx") or {}).get("error", "it does not end")), problem["loc"][-1]
    if not isinstance(body, str) or not isinstance(at, int):
        return f"The body is not valid JSON: {what}."
    line, column = body.count("\n", 0, at) + 1, at - body.rfind("\n", 0, at)
    return f"The body is not valid JSON: {what}, at line {line}, column {column}."


def _why_unread(cause: BaseException | None) -> str:
    if isinstance(cause, UnicodeDecodeError):
        return f"The body is no text in UTF-8: byte {cause.start + 1} begins no character."
    if isinstance(cause, RecursionError):
        return "The body is nested too deeply to be read."
    if isinstance(cause, ValueError):
        return "The body holds a number with too many digits to be read."
    return "The body could not be read."


def _field_name(problem: Problem) -> str:
    """`("body", "items", 2, "name")` reads `items.2.name`."""
    parts = problem.loc[1:] if problem.loc and problem.loc[0] in ("body", "query", "path", "header", "cookie") else problem.loc
    return ".".join(map(str, parts)) or "body"

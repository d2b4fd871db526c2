"""What can be wrong with a request, and how it is said: as Alertmanager does on its own paths.

There, what its schema refuses is an object of `code` and `message`, and what its own checks refuse a JSON string.
"""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from consumers.api.ports import NotTaken, NotWritten

log = logging.getLogger(__name__)


class Problem(Exception):
    """A request that is not done. `status` is HTTP's, `code` the one in the body (go-openapi's have their own)."""

    status = 400
    code: int | None = None

    def __init__(self, message: str, status: int | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.status = self.status if status is None else status
        self.code = self.status if code is None else code

    def response(self) -> Response:
        return JSONResponse({"code": self.code, "message": str(self)}, self.status, self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {}


class Unauthenticated(Problem):
    """Nobody knows who asks."""

    status = 401

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="backoffice", Basic realm="backoffice"'}


class Forbidden(Problem):
    """They may not."""

    status = 403


class Refusal(Problem):
    """What Alertmanager's own checks say: the answer is a JSON string, or nothing at all."""

    def response(self) -> Response:
        text = str(self)
        return JSONResponse(text, self.status) if text else Response(status_code=self.status)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _http(request: Request, error: Exception) -> Response:
    """Starlette's own: no such path, no such method."""
    assert isinstance(error, HTTPException)
    said = {
        404: f"path {request.url.path} was not found",
        405: f"method {request.method} is not allowed",
    }.get(error.status_code, str(error.detail))
    answer = Problem(said, error.status_code).response()
    answer.headers.update(error.headers or {})
    return answer


async def _parameters(request: Request, error: Exception) -> Response:
    """FastAPI's own: a query parameter or header of the wrong form."""
    assert isinstance(error, RequestValidationError)
    said = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
    return Problem(said, 422).response()


async def _not_written(request: Request, error: Exception) -> Response:
    """The log is away: the sender is to try again, which Prometheus and Alertmanager's clients do on a 5xx."""
    log.warning("%s %s: not written: %s", request.method, request.scope["route"].path, error)
    if isinstance(error, NotTaken):
        return Problem(str(error), 422).response()
    answer = Problem(str(error), 503).response()
    answer.headers["Retry-After"] = "5"
    return answer


def handle_errors(app: FastAPI) -> None:
    """What is raised while a request is answered becomes the answer."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(NotWritten, _not_written)

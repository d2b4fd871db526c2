"""What a request's caller may do, as dependencies of routes."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from consumers.api.errors import Forbidden, Unauthenticated
from consumers.api.settings import Scope
from consumers.api.tokens import Access, Caller, Unknown


def may(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller, who may do this. Raises Unauthenticated, Forbidden."""

    async def check(request: Request) -> Caller:
        return _found(request, request.headers.get("authorization"), scope)

    return check


def may_by_address(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """The same for programs that can show nothing but an address: its `token`, which may do nothing else.

    Addresses are passed on and kept in many places. So a token of more scopes is refused there.
    """

    async def check(request: Request) -> Caller:
        shown, said = request.headers.get("authorization"), request.query_params.get("token")
        if shown is not None or said is None:
            return _found(request, shown, scope)
        found = _found(request, f"Bearer {said}", scope)
        if found.known and found.scopes != {scope}:
            raise Forbidden(f"a token in an address may have the scope {scope.value!r} alone; {found.name} has more")
        return found

    return check


def _found(request: Request, authorization: str | None, scope: Scope) -> Caller:
    access: Access = request.app.state.access
    try:
        found = access.caller(authorization)
    except Unknown as error:
        raise Unauthenticated(str(error)) from error
    if scope not in found.scopes:
        raise Forbidden(f"the token of {found.name} has no scope {scope.value!r}")
    return found

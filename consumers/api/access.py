"""What a request's caller may do, as dependencies of routes."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from consumers.api.errors import Forbidden, Unauthenticated
from consumers.api.settings import Scope
from consumers.api.tokens import Access, Caller, Unknown


def may(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller, who may do this. Raises Unauthenticated, Forbidden."""

    async def check(request: Request) -> Caller:
        access: Access = request.app.state.access
        try:
            found = access.caller(request.headers.get("authorization"))
        except Unknown as error:
            raise Unauthenticated(str(error)) from error
        if scope not in found.scopes:
            raise Forbidden(f"the token of {found.name} has no scope {scope.value!r}")
        return found

    return check

"""The application: routes, what every request passes, and what it is answered with."""

from fastapi import FastAPI

from consumers.api import actions, calendar, commands, operations, v2
from consumers.api.counting import Counting
from consumers.api.errors import handle_errors
from consumers.api.limits import Buckets, Limits
from consumers.api.service import Service
from consumers.api.settings import ApiSettings
from consumers.api.tokens import Access
from consumers.api.tracing import Tracing


def create_app(service: Service, access: Access, settings: ApiSettings) -> FastAPI:
    """One ASGI application; others may be mounted into it, or it into them. Nothing is connected here."""
    app = FastAPI(title="Backoffice", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.service = service
    app.state.access = access
    handle_errors(app)
    for part in (v2, commands, actions, calendar, operations):
        app.include_router(part.router)
    app.add_middleware(
        Limits,
        buckets=Buckets(settings.requests_per_second),
        max_body_bytes=settings.max_body_bytes,
        only_loopback=access.is_open,
        refused=service.meters.limited,
    )
    app.add_middleware(Counting, meters=service.meters)
    app.add_middleware(Tracing)
    return app

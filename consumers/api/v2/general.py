"""`/api/v2/status` and `/api/v2/receivers`."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from consumers.api.access import may
from consumers.api.service import AnyTime
from consumers.api.settings import Scope
from consumers.api.v2.wire import stamp

router = APIRouter(dependencies=[Depends(may(Scope.READ))])

SPOKEN = "0.28.1"
"""The version of Alertmanager whose API this is. Clients choose by it what they may ask for."""

STARTED = datetime.now(UTC)


@router.get("/status")
def get_status(service: AnyTime) -> Response:
    """Which API this is, since when it runs, and the configuration in Alertmanager's words."""
    return JSONResponse(
        {
            "cluster": {"peers": [], "status": "disabled"},
            "config": {"original": service.rules.configuration},
            "uptime": stamp(STARTED),
            "versionInfo": {
                "branch": f"backoffice-{version('backoffice')}",
                "buildDate": "",
                "buildUser": "",
                "goVersion": f"none; Python {platform.python_version()}",
                "revision": "",
                "version": SPOKEN,
            },
        }
    )


@router.get("/receivers")
def get_receivers(service: AnyTime) -> Response:
    """Everybody who can be told."""
    return JSONResponse([{"name": name} for name in service.rules.receivers])

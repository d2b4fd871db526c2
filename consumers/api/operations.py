"""`/metrics`, `/healthz` and `/readyz`, as every process of ours has them; no login, and nothing about people."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client.exposition import choose_encoder

from consumers.api.service import AnyTime

router = APIRouter()

LOOKING = ["GET", "HEAD"]


@router.api_route("/metrics", methods=LOOKING)
def metrics(request: Request, service: AnyTime) -> Response:
    """For Prometheus."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(service.meters.registry), headers={"Content-Type": content_type})


@router.api_route("/healthz", methods=LOOKING)
def healthy() -> Response:
    """It answers, so it lives."""
    return _verdict([])


@router.api_route("/readyz", methods=LOOKING)
def ready(service: AnyTime) -> Response:
    """Whether what is shown is what is so, and what is asked for can be done."""
    return _verdict([wrong for check in service.checks if (wrong := check())])


def _verdict(wrong: list[str]) -> Response:
    """As the port of every other process says it."""
    return JSONResponse({"status": "unavailable" if wrong else "ok", "reasons": wrong}, 503 if wrong else 200)


# Alertmanager's names of the same, which its clients ask for.
router.add_api_route("/-/healthy", healthy, methods=LOOKING)
router.add_api_route("/-/ready", ready, methods=LOOKING)

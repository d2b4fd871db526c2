"""`/metrics`, `/healthz` and `/readyz`, as every process of ours has them; no login, and nothing about people."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
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
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=LOOKING)
def ready(service: AnyTime) -> Response:
    """Whether what is shown is what is so."""
    wrong = service.view.not_ready
    return PlainTextResponse(f"{wrong or 'ok'}\n", 503 if wrong else 200)


# Alertmanager's names of the same, which its clients ask for.
router.add_api_route("/-/healthy", healthy, methods=LOOKING)
router.add_api_route("/-/ready", ready, methods=LOOKING)

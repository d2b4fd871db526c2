"""Alertmanager's API v2, names, states and codes as its `api/v2/openapi.yaml` and `api.go` (0.28) have them."""

from fastapi import APIRouter

from consumers.api.v2 import alerts, general, groups, silences

router = APIRouter(prefix="/api/v2")
for part in (alerts, groups, silences, general):
    router.include_router(part.router)

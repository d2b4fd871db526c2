"""Prometheus Alertmanager's own configuration file, accepted as it is."""

from backoffice.config.alertmanager.reading import Alertmanager, read, read_routing

__all__ = ["Alertmanager", "read", "read_routing"]

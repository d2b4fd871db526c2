"""Importers: files that other systems wrote, line by line, as events. One file here per format."""

from collections.abc import Mapping

from producers.importers.it_incidents import IMPORTER as IT_INCIDENTS
from producers.importers.model import Imported, Importer, Rejected, UnusableFile

IMPORTERS: Mapping[str, Importer] = {importer.name: importer for importer in (IT_INCIDENTS,)}
"""Every importer by its name."""

__all__ = ["IMPORTERS", "Imported", "Importer", "Rejected", "UnusableFile"]

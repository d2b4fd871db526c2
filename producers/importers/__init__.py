"""Importers: files that other systems wrote, as events in order of time. A mapping file says what their rows are."""

from pathlib import Path

from producers.importers.mapping import Mapping
from producers.importers.model import Imported, Importer, Rejected, UnusableFile, UnusableMapping
from producers.importers.reading import importer

MAPPINGS = Path(__file__).parent / "mappings"
"""Our own mapping files, one per kind of log."""

__all__ = ["MAPPINGS", "Imported", "Importer", "Mapping", "Rejected", "UnusableFile", "UnusableMapping", "importer"]

"""The configuration file `backoffice.yaml`: read once, checked whole, passed down."""

from backoffice.config.load import load, load_or_defaults
from backoffice.config.model import Configuration
from backoffice.config.problems import ConfigurationError, Problem
from backoffice.config.whereabouts import whereabouts

__all__ = ["Configuration", "ConfigurationError", "Problem", "load", "load_or_defaults", "whereabouts"]

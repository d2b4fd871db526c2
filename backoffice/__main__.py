"""`python -m backoffice`: the command line."""

from backoffice.cli import app

app()

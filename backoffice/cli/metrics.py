"""`backoffice metrics`: what each process can tell Prometheus."""

from backoffice.cli.options import out


def metrics_command() -> None:
    """List the metrics of all processes, as a table in Markdown: name, type, labels, and what each says."""
    from backoffice.metrics import registries, table  # FastAPI is slow to load: only for who wants it

    out.print(table(registries()), end="")

"""`backoffice api` and `backoffice token`: the HTTP API, and the tokens by which it is used."""

import logging
import os
import secrets
from typing import Annotated

import typer

from backoffice import logs, process
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import LogFormatOption, SpaceOption, broker_errors, connect, err, fail, out, space_at
from consumers.api.settings import Scope
from consumers.api.tokens import new_token
from producers.errors import NotSent

log = logging.getLogger(__name__)

ApiPort = Annotated[
    int | None,
    typer.Option(
        "--port", min=0, max=65535, envvar="BACKOFFICE_API_PORT", help="The port; 0 takes a free one. [api.port, 9093]"
    ),
]


def api_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option("--host", help="The address to serve at. [api.host, 127.0.0.1]")] = None,
    port: ApiPort = None,
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Serve Alertmanager's API v2, commands on alerts, and the pages behind links in notices, until stopped."""
    from backoffice.serving import ApiError, listen, server, serving  # FastAPI is slow to load: only for who wants it

    process.set_up()
    logs.write_as(log_format)
    found = configuration(config)
    bootstrap = connect(found)
    where = space_at(bootstrap, space or found.space)
    if where.replay:
        fail(f"{where.name} is a replay space: its clock follows its events, and nobody acts in it.")
    try:
        with broker_errors(), serving(bootstrap, where, found, os.environ) as served:
            opened = listen(host or found.api.host, found.api.port if port is None else port, served.is_open)
            address, taken = opened.getsockname()[:2]
            if served.is_open:
                log.warning("there are no tokens (api.tokens): this machine alone is served, and may do everything")
            log.info("API of space %s at http://%s:%d", where.name, address, taken, extra={"port": taken})
            process.stop_on_signals()  # uvicorn gives a signal back once it has stopped: to us, and not to end at once
            server(served.app).run(sockets=[opened])
    except (ApiError, NotSent) as error:
        fail(error)
    err.print("Stopped.")


def token_command(
    name: Annotated[str, typer.Argument(help="Whose it is to be, such as grafana.")],
    scope: Annotated[list[Scope] | None, typer.Option("--scope", help="What they may do. [read]")] = None,
) -> None:
    """Make a token for the API. It is shown once; the configuration holds only its SHA-256."""
    token, digest = new_token(secrets.token_bytes(32))
    scopes = ", ".join(f'"{one.value}"' for one in scope or [Scope.READ])
    err.print("The token, which is shown only now:", style="dim")
    out.print(token)
    err.print("For the configuration, under api.tokens:", style="dim")
    out.print(f"    - name: {name}\n      scopes: [{scopes}]\n      sha256: {digest}")

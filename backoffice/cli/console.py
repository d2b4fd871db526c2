"""`backoffice console` and `backoffice password`: the web console, and the hashes of its users' passwords."""

import logging
import os
import sys
from typing import Annotated

import typer

from backoffice import logs, process
from backoffice.cli.api import ApiPort
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import LogFormatOption, SpaceOption, broker_errors, connect, err, fail, out, space_at
from consumers.console.signing_in.people import Role
from producers.errors import NotSent

log = logging.getLogger(__name__)


def console_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option("--host", help="The address to serve at. [api.host, 127.0.0.1]")] = None,
    port: ApiPort = None,
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Serve the web console and the API together, until stopped.

    Where the configuration names no users, a password for this run is made and printed.
    """
    from backoffice.console import FIRST_USER, serving_console  # NiceGUI is slow to load: only for who wants it
    from backoffice.serving import ApiError, listen, server

    process.set_up()
    logs.write_as(log_format)
    say = log.info if log_format is logs.LogFormat.JSON else err.print
    found = configuration(config)
    bootstrap = connect(found)
    where = space_at(bootstrap, space or found.space)
    try:
        with broker_errors(), serving_console(bootstrap, where, found, os.environ) as served:
            opened = listen(host or found.api.host, found.api.port if port is None else port, served.is_open)
            address, taken = opened.getsockname()[:2]
            if served.is_open:
                log.warning("there are no tokens (api.tokens): this machine alone is served, the API to anybody on it")
            log.info("API of space %s at http://%s:%d", where.name, address, taken, extra={"port": taken})
            say(f"Console of space {where.name}: http://{address}:{taken}/console/")
            if served.password:
                say(f"Sign in as {FIRST_USER} with {served.password} (made for this run: console.users is empty)")
            process.stop_on_signals()  # uvicorn gives a signal back once it has stopped: to us, and not to end at once
            server(served.app, lifespan="on").run(sockets=[opened])
    except (ApiError, NotSent) as error:
        fail(error)
    err.print("Stopped.")


def password_command(
    name: Annotated[str, typer.Argument(help="Whose it is to be, such as dana.")],
    role: Annotated[Role, typer.Option("--role", help="What they may do.")] = Role.OPERATOR,
) -> None:
    """Hash a password for a user of the console: typed twice, or one line of what is piped in."""
    from consumers.console.signing_in.passwords import hashed

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        fail(f"A password of {SHORTEST} characters or more is wanted.", code=1)
    err.print("For the configuration, under console.users:", style="dim")
    out.print(f"    - name: {name}\n      role: {role}\n      password: {hashed(password)}")


SHORTEST = 12
"""Characters of a password (NIST SP 800-63B wants 8 at least, and 15 where it is all there is)."""

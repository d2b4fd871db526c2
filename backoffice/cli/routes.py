"""`backoffice routes`: the route tree, and whom alerts go to; as `amtool config routes`."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from backoffice import routes
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import err, out
from backoffice.cli.output import Output, OutputOption, show
from backoffice.config import ConfigurationError
from backoffice.routes import Node
from processors.matchers import parse

app = typer.Typer(help="Show the route tree, and test whom alerts go to.", invoke_without_command=True)

FAILED = 1
"""amtool's exit code for whatever goes wrong, and for receivers that are not the expected ones."""

FileOption = Annotated[
    Path | None,
    typer.Option(
        "--config.file", metavar="FILE", help="An Alertmanager's configuration file; our own configuration by default."
    ),
]


@app.callback()
def routes_command(context: typer.Context, config_file: FileOption = None, config: ConfigOption = None) -> None:
    """Show the route tree, and test whom alerts go to. Without a subcommand: show it."""
    context.obj = (config_file, config)
    if context.invoked_subcommand is None:
        show_command(context)


@app.command("show")
def show_command(
    context: typer.Context,
    config_file: FileOption = None,
    config: ConfigOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Print the whole route tree."""
    tree = _tree(context, config_file, config)
    if output is not Output.table:
        show(routes.rows(tree), ("path", "matchers", "receiver", "continue"), output)
        return
    out.print("Routing tree:")
    _draw(routes.whole(tree))


@app.command("test")
def receivers_command(
    context: typer.Context,
    labels: Annotated[list[str] | None, typer.Argument(metavar="[LABEL=VALUE]...", help="An alert's labels.")] = None,
    verify: Annotated[
        str, typer.Option("--verify.receivers", metavar="A,B", help="Fail unless it goes to these, in this order.")
    ] = "",
    tree: Annotated[bool, typer.Option("--tree", help="Print the routes that match.")] = False,
    config_file: FileOption = None,
    config: ConfigOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Print the receivers that an alert with these labels goes to, joined by commas."""
    root = _tree(context, config_file, config)
    given = dict(_label(text) for text in labels or ())
    if tree and output is Output.table:
        out.print("Matching routes:")
        _draw(routes.matching(root, given))
        out.print()
    receivers = routes.receivers(root, given)
    found = ",".join(receivers)
    if output is Output.table:
        out.print(found)
    else:
        show([{"receiver": name} for name in receivers], ("receiver",), output)
    if verify and verify != found:
        said = out if output is Output.table else err  # amtool says it where it says the receivers
        said.print("WARNING: Expected receivers did not match resolved receivers.")
        raise typer.Exit(FAILED)


def _draw(drawn: routes.Drawn) -> None:
    for line in routes.lines(drawn):
        out.print(line)
    out.print()


def _tree(context: typer.Context, config_file: Path | None, config: Path | None) -> Node:
    """The tree of the file that is named, before or after the subcommand, else of our configuration."""
    named = context.obj if isinstance(context.obj, tuple) else (None, None)
    config_file, config = config_file or named[0], config or named[1]
    if config_file is None:
        return Node.of(configuration(config).alerting.settings().route)
    from backoffice.config.alertmanager import read_routing

    try:
        return Node.of(read_routing(config_file))
    except ConfigurationError as error:
        _fail(error)


def _label(text: str) -> tuple[str, str]:
    try:
        matcher = parse(text)
    except ValueError as error:
        _fail(f"Failed to parse labels: {error}")
    if matcher.operator != "=":
        _fail("Labels must be specified as key=value pairs")
    return matcher.name, matcher.value


def _fail(message: object) -> NoReturn:
    err.print(f"backoffice: error: {message}", style="red")
    raise typer.Exit(FAILED)

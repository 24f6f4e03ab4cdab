"""The command line. Commands import what they need when they run, so that help answers at once."""

import sys
from typing import Annotated

import typer

from attacknet import (
    __version__,
    cli_audit,
    cli_book,
    cli_data,
    cli_export,
    cli_matrix,
    cli_predict,
    cli_train,
)
from attacknet.errors import AttackNetError

app = typer.Typer(
    name="attacknet",
    help="A reproducibility companion to the AttackNet paper on face presentation attack detection.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_book.app, name="book")
app.add_typer(cli_data.app, name="data")
app.command("audit")(cli_audit.audit)
app.command("train")(cli_train.train)
app.command("matrix")(cli_matrix.matrix)
app.command("export")(cli_export.export)
app.command("parity")(cli_export.parity)
app.command("predict")(cli_predict.predict)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"attacknet {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line: a user's mistake becomes one message and exit status 1."""
    try:
        app(cli_book.join_pairs(sys.argv[1:]))
    except AttackNetError as error:
        sys.exit(f"attacknet: {error}")

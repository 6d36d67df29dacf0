"""`serap`: the operator's command line. Each group of commands is a module of `serap.commands`."""

import logging
import sys
from collections.abc import Callable

import asyncpg
import typer

from serap.commands import GROUPS
from serap.errors import OperatorError

ABOUT = """Serap absorbs a city's aspirations. This command runs it on one machine and looks after it.

Exit status: 0 done; 1 something is wrong, told in one line on standard error; 2 the command was not understood; 130 Ctrl-C.

DATABASE_URL (an administrator's) and KAFKA_BOOTSTRAP_SERVERS in the environment replace the embedded PostgreSQL and broker.
"""


def build() -> typer.Typer:
    """The application with all commands."""
    app = typer.Typer(
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(lambda: None)  # `serap up` stays `serap up`, however few commands there are
    for group in GROUPS:
        group.register(app)
    return app


def main() -> None:
    """Entry point."""
    # What libraries log about a broker that is away, we tell ourselves, in one line.
    logging.getLogger().addHandler(logging.NullHandler())
    guarded(lambda: build()(prog_name="serap"))


def guarded(work: Callable[[], None]) -> None:
    """What an operator can mend ends as one line on standard error and status 1; a bug of ours keeps its stack trace."""
    try:
        work()
    except (OperatorError, OSError, asyncpg.PostgresError) as error:
        text = str(error) if isinstance(error, OperatorError) else f"{type(error).__name__}: {error}"
        sys.stderr.write(f"serap: {' '.join(text.split())}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()

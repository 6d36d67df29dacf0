"""`serap docs`: the published language on paper, written from the code. For developers, in a checkout."""

from typing import Annotated

import typer

from serap.docs import papers
from serap.errors import OperatorError

Check = Annotated[bool, typer.Option("--check", help="Write nothing; tell which files differ from the code.")]


def register(app: typer.Typer) -> None:
    app.command("docs")(docs)


def docs(check: Check = False) -> None:
    """Write docs/schemas, docs/asyncapi.json and docs/openapi anew from the code.

    A schema that would break its readers, its writers or records that lie in a log is not written: such a change is a new
    topic (`.v2`) beside the old one.

    Examples:

      serap docs

      serap docs --check     what CI runs

    Exit status: 0 done, or nothing differs; 1 files differ, or a change would break somebody.
    """
    for path, changes in papers.breaking(papers.FOLDER).items():
        told = "; ".join(map(str, changes))
        raise OperatorError(f"docs/{path} would break somebody: {told}", "Make a .v2 topic, or undo it (CONTRIBUTING.md, topics)")
    wanted = papers.papers()
    if not check:
        changed = papers.write(papers.FOLDER, wanted)
        typer.echo("\n".join(f"docs/{path}" for path in changed) if changed else "nothing has changed")
    elif stale := papers.differing(papers.FOLDER, wanted):
        typer.echo("\n".join(f"docs/{path} differs from the code" for path in stale))
        raise OperatorError(f"{len(stale)} files differ from the code", "Run: make docs")

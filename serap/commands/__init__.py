"""One module for each group of commands. A module has `register(app)`, which adds its commands; list it in GROUPS."""

from typing import Protocol

import typer

from serap.commands import demo, dlq, docs, doctor, imports, keys, replay, status, topics, up


class Group(Protocol):
    def register(self, app: typer.Typer) -> None: ...


GROUPS: tuple[Group, ...] = (up, demo, status, doctor, keys, imports, topics, dlq, replay, docs)
"""In the order of the help."""

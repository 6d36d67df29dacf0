"""`serap doctor`: what is wrong, and how to mend it."""

import json
from dataclasses import asdict

import typer

from serap.commands.arguments import CITY, DATA, CityPack, Data, Json, PortBase, options
from serap.doctor import examine


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(data: Data = DATA, port_base: PortBase = None, city: CityPack = CITY, as_json: Json = False) -> None:
    """Look for what could keep Serap from running, on this machine and in a running stack.

    Examples:

      serap doctor

      DATABASE_URL=postgresql://admin:word@db/postgres KAFKA_BOOTSTRAP_SERVERS=kafka:9092 serap doctor

    Exit status: 0 nothing is wrong; 1 something is: each such line says what, and how to mend it.
    """
    findings = []
    for finding in examine(options(data, port_base, city)):
        findings.append(finding)
        if not as_json:
            bad = f"WRONG {finding.check}: {finding.wrong}. {finding.fix}"
            typer.echo(bad if finding.wrong else f"ok    {finding.check}: {finding.note}")
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings]))
    raise typer.Exit(1 if any(finding.wrong for finding in findings) else 0)

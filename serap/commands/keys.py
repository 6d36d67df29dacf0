"""`serap keys`: who may hand in aspirations over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer

from serap.commands.arguments import CITY, DATA, CityPack, Data, Json, options
from serap.databases import connected, known_dsn
from serap.errors import OperatorError
from serap.options import StackOptions
from serap.stack import city_of
from services.intake import keys
from shared.runtime.postgres import Connection

T = TypeVar("T")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="API keys of the channels.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_keys)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys")


def add(
    channel: Annotated[str, typer.Argument(help="A channel of the city pack, e.g. kiosk.", metavar="CHANNEL")],
    per_minute: Annotated[int, typer.Option(help="Aspirations it may hand in a minute.", min=1, max=10_000_000, metavar="N")] = (
        keys.PER_MINUTE
    ),
    data: Data = DATA,
    city: CityPack = CITY,
    as_json: Json = False,
) -> None:
    """Make a key with which a frontend hands in for CHANNEL. It is shown once: only a hash of its secret is kept.

    Examples:

      serap keys add kiosk

      KEY=$(serap keys add kiosk --json | jq -r .key)

    Then, from the channel's own program:

    \b
      curl -i http://127.0.0.1:8700/v1/aspirations \\
        -H "Authorization: Bearer $KEY" -H "Idempotency-Key: 1" -H "Content-Type: application/json" \\
        -d '{"channel": "kiosk", "text": "Lampu jalan di depan sekolah padam"}'

    The same line again gives the same answer.
    """
    stack = options(data, city=city)
    require_channel(stack, channel)
    key = asyncio.run(with_intake(stack, lambda connection: keys.add(connection, channel, per_minute=per_minute)))
    if as_json:
        typer.echo(json.dumps({"kid": kid_of(key), "channel": channel, "per_minute": per_minute, "key": key}))
        return
    body = json.dumps({"channel": channel, "text": "Lampu jalan di depan sekolah padam"})
    typer.echo(
        f"{key}\n\nThis is the only time it is shown. Try it:\n\n"
        f"curl -i {stack.ports.url('intake')}/v1/aspirations -H 'Authorization: Bearer {key}' "
        f"-H 'Idempotency-Key: 1' -H 'Content-Type: application/json' -d '{body}'"
    )


def list_keys(data: Data = DATA, as_json: Json = False) -> None:
    """Every key ever made: its channel and rate, whether it was revoked. Never its secret.

    Examples:

      serap keys list

      serap keys list --json | jq '.[] | select(.revoked_at == null)'
    """
    found = asyncio.run(with_intake(options(data), keys.list_keys))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        ended = f"revoked {one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else "works"
        typer.echo(f"{one.kid}  {one.channel:<12} {one.per_minute:>8} a minute  made {one.created_at:%Y-%m-%d %H:%M}  {ended}")
    if not found:
        typer.echo("no keys")


def revoke(
    kid: Annotated[str, typer.Argument(help="The part of the key before the dot.", metavar="KID")],
    data: Data = DATA,
    as_json: Json = False,
) -> None:
    """End a key: a few seconds later nobody hands in with it any more. What came in with it stays.

    Example:

      serap keys revoke 1f0c2a9b7d34
    """
    kid = kid_of(kid)
    if not asyncio.run(with_intake(options(data), lambda connection: keys.revoke(connection, kid))):
        raise OperatorError(f"there is no key {kid}", "Look: serap keys list")
    typer.echo(json.dumps({"kid": kid, "revoked": True}) if as_json else f"{kid} is revoked")


async def with_intake(stack: StackOptions, work: Callable[[Connection], Awaitable[T]]) -> T:
    """`work` on a connection to intake's database."""
    async with connected(known_dsn(stack, "intake")) as connection:
        return await work(connection)


def kid_of(key: str) -> str:
    """The public half; who pastes the whole key must not see its secret again in an error."""
    return key.partition(".")[0]


def require_channel(stack: StackOptions, channel: str) -> None:
    """OperatorError, naming the known ones, where the city has no such channel."""
    known = city_of(stack).channels
    if channel not in known:
        raise OperatorError(f"the city has no channel {channel}", f"It has: {', '.join(known)}")

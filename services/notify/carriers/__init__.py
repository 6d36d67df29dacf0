"""Carriers: what takes letters of some kinds of contact, and says of each attempt what is certain.

- `smtp`     e-mail, to a mail server
- `mailbox`  the local mailbox: SMS and WhatsApp, and the mail server that receives e-mail in a demonstration
"""

from collections.abc import Collection
from typing import Protocol

from services.notify.domain.attempt import Attempt
from services.notify.domain.message import Letter
from shared.contracts.vocabulary import ContactKind


class Carrier(Protocol):
    """`send` never raises for trouble it knows: it says what is certain. An exception means that nothing is certain."""

    @property
    def kinds(self) -> Collection[ContactKind]:
        """The kinds it takes."""

    async def send(self, letter: Letter) -> Attempt:
        """One attempt."""

    async def rest(self) -> None:
        """Nothing to carry for now: lets go of what it holds open."""

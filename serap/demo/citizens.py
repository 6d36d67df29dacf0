"""Simulated citizens: they follow with code and PIN on the tracking page, and send its forms as a browser does."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from serap.demo.addresses import Addresses
from serap.demo.conduct import Conduct, Wish
from serap.demo.forms import Form, forms_of
from serap.demo.insist import insist
from serap.demo.journal import Accepted, Journal
from serap.demo.ledger import Ledger
from shared.contracts.vocabulary import Status

LOOK_SECONDS = 0.2
AT_ONCE = 4


@dataclass
class Citizens:
    """Everybody whose voice was accepted. They act when the public facts say that it is their turn."""

    addresses: Addresses
    conduct: Conduct
    journal: Journal
    ledger: Ledger
    client: httpx.AsyncClient
    _sent: set[tuple[UUID, int]] = field(default_factory=set)
    _content: set[UUID] = field(default_factory=set)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            turns = self._turns()
            for start in range(0, len(turns), AT_ONCE):
                await asyncio.gather(*(self._take(*turn) for turn in turns[start : start + AT_ONCE]))
            await asyncio.sleep(LOOK_SECONDS)

    def _turns(self) -> list[tuple[Accepted, int, Wish]]:
        """Who wants to say something: the receipt, the `ver` that calls for it, and what."""
        turns = []
        for spoken, accepted in self.journal.accepted():
            if accepted.aspiration_id in self._content:
                continue
            life = self.ledger.life(accepted.aspiration_id)
            wish = self.conduct.wish(spoken.number, life)
            if wish and (accepted.aspiration_id, life.ver) not in self._sent:
                turns.append((accepted, life.ver, wish))
            elif life.status is not Status.TRIAGE and self.conduct.rests(spoken.number, life):
                self._content.add(accepted.aspiration_id)
        return turns

    async def _take(self, accepted: Accepted, ver: int, wish: Wish) -> None:
        """Opens the page and sends its form. A page that does not offer it yet runs behind; the next look tries again."""
        form = await self._open(accepted, wish)
        if form is None:
            return
        fields = {**form.hidden, "kind": wish.kind.value, "text": wish.text}
        if wish.rating:
            fields["rating"] = str(wish.rating)
        answer = await self._post(form.action, fields)
        if answer.is_success or answer.is_redirect:
            self._sent.add((accepted.aspiration_id, ver))

    async def _open(self, accepted: Accepted, wish: Wish) -> Form | None:
        """The form by which `wish` can be sent, from the page that code and PIN open."""
        page = await self._post(f"/t/{accepted.tracking_code}", {"pin": accepted.pin})
        forms = forms_of(page.text) if page.is_success else []
        return next((form for form in forms if form.allows("kind", wish.kind.value)), None)

    async def _post(self, path: str, fields: dict[str, str]) -> httpx.Response:
        headers = {"Origin": self.addresses.intake}
        return await insist(lambda: self.client.post(self.addresses.intake + path, data=fields, headers=headers))

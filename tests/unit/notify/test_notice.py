"""What becomes of the notices of one aspiration."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.notice import DONE, Contact, Notice, Ready, Silence, State, Suppress, decide, silence
from shared.contracts.vocabulary import ContactKind, Fact

EMAIL = Contact(ContactKind.EMAIL, addressed=True, consent=True)
CARRIED = frozenset({ContactKind.EMAIL})
TOLD = (Fact.RECEIVED, Fact.ASSIGNED, Fact.ASKED, Fact.RESOLVED)


def notice(ver: int, state: State, fact: Fact = Fact.ASSIGNED) -> Notice:
    return Notice(ver, fact, state)


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        (EMAIL, None),
        (replace(EMAIL, kind=ContactKind.ERASED, addressed=False, consent=False), Silence.ERASED),
        (replace(EMAIL, kind=ContactKind.NONE, addressed=False), Silence.NO_CONTACT),
        (replace(EMAIL, addressed=False), Silence.NO_CONTACT),
        (replace(EMAIL, consent=False), Silence.NO_CONSENT),
        (replace(EMAIL, kind=ContactKind.SMS), Silence.NO_PROVIDER),
    ],
)
def test_a_citizen_is_told_only_with_an_address_a_consent_and_a_carrier(contact: Contact, reason: Silence | None) -> None:
    assert silence(contact, CARRIED) is reason


def test_nothing_is_decided_before_the_contact_is_known() -> None:
    assert decide([notice(1, State.WAITING)], None, (), CARRIED) == ()


def test_a_notice_waits_until_every_earlier_ver_is_known_and_done() -> None:
    waiting = notice(3, State.WAITING)
    for before in ([], [notice(2, State.SENT)], [notice(1, State.SENT)], [notice(1, State.SENT), notice(2, State.CLAIMED)]):
        assert decide([*before, waiting], EMAIL, (), CARRIED) in ((), [Ready(2)])
        assert Ready(3) not in decide([*before, waiting], EMAIL, (), CARRIED)
    for earlier in DONE:
        assert decide([notice(1, State.UNTOLD), notice(2, earlier), waiting], EMAIL, (), CARRIED) == [Ready(3)]


def test_a_fact_by_which_an_agency_speaks_waits_for_the_answer() -> None:
    asked = [notice(1, State.WAITING, Fact.ASKED)]
    assert decide(asked, EMAIL, (), CARRIED) == ()
    assert decide(asked, EMAIL, {1}, CARRIED) == [Ready(1)]


def test_who_cannot_be_told_loses_all_that_waits_but_nothing_that_a_sender_has() -> None:
    states = list(State)
    changed = decide([notice(ver, state) for ver, state in enumerate(states, 1)], replace(EMAIL, consent=False), (), CARRIED)
    assert changed == [Suppress(states.index(state) + 1, Silence.NO_CONSENT) for state in (State.WAITING, State.READY)]


@given(st.data())
def test_in_whatever_order_the_halves_come_every_notice_is_sent_once_and_in_order(data: st.DataObject) -> None:
    parts = [("fact", ver) for ver in range(1, 5)] + [("contact", 0), ("answer", 3), ("answer", 4)]
    arrived = data.draw(st.permutations(parts))
    notices: dict[int, Notice] = {}
    contact: Contact | None = None
    answered: set[int] = set()
    sent: list[int] = []
    for what, ver in arrived:
        if what == "fact":
            notices[ver] = Notice(ver, TOLD[ver - 1], State.WAITING)
        elif what == "answer":
            answered.add(ver)
        else:
            contact = EMAIL
        while changes := decide(sorted(notices.values(), key=lambda each: each.ver), contact, answered, CARRIED):
            (change,) = changes
            assert isinstance(change, Ready)
            sent.append(change.ver)
            notices[change.ver] = replace(notices[change.ver], state=State.SENT)
    assert sent == [1, 2, 3, 4]

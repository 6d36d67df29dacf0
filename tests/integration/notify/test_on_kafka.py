"""The whole service on a real broker: what the other tests of this folder hand over by hand comes from its topics."""

from services.notify.app import build
from services.notify.settings import NotifySettings
from shared.contracts import topics
from shared.contracts.events import NotificationEnded
from shared.contracts.ids import event_id
from shared.contracts.vocabulary import AnswerKind, ContactKind, Fact, Outcome
from tests.integration.notify.cases import Case
from tests.integration.notify.mail_server import MailServer
from tests.services import read, running, send
from tests.stack import Broker


async def test_from_topics_to_mail_and_outcomes_each_once(broker: Broker, settings: NotifySettings, mail: MailServer) -> None:
    told, erased, silent = Case(1), Case(2), Case(3, ContactKind.NONE)
    records = [
        told.answer(3, "Saluran sudah dibersihkan.", AnswerKind.RESULT), told.contact(), silent.contact(), erased.contact(),
        erased.erased(), told.fact(1, Fact.RECEIVED), told.fact(2, Fact.ACCEPTED), told.fact(3, Fact.RESOLVED),
        erased.fact(1, Fact.RECEIVED), silent.fact(1, Fact.RECEIVED),
    ]  # fmt: skip
    settings = settings.model_copy(update={"kafka_bootstrap_servers": broker.bootstrap, "kafka_idempotence": False})
    await send(broker.bootstrap, *records, *records)
    async with running(build(settings)) as client:
        outcomes = await read(broker.bootstrap, topics.OUTCOMES.name, 4)
        for path in ("/mailbox", "/kabar"):  # messages go out for real; and nothing was ever there
            answer = await client.get(path)
            assert (answer.status_code, "Halaman ini tidak ada" in answer.text) == (404, True)
    ended = {
        dict(record.headers)["ce_id"].decode(): NotificationEnded.model_validate_json(record.value or b"") for record in outcomes
    }
    assert {name: (one.outcome, one.reason) for name, one in ended.items()} == {
        str(event_id(told.id, "serap.notification.ended.v1", 1)): (Outcome.SENT, None),
        str(event_id(told.id, "serap.notification.ended.v1", 3)): (Outcome.SENT, None),
        str(event_id(erased.id, "serap.notification.ended.v1", 1)): (Outcome.SUPPRESSED, "erased"),
        str(event_id(silent.id, "serap.notification.ended.v1", 1)): (Outcome.SUPPRESSED, "no_contact"),
    }
    assert {record.key for record in outcomes} == {str(case.id).encode() for case in (told, erased, silent)}
    assert mail.vers == [1, 3]
    assert "Saluran sudah dibersihkan." in mail.seen[1].get_content()


async def test_the_mailbox_page_shows_what_citizens_received(local: NotifySettings, broker: Broker) -> None:
    settings = local.model_copy(update={"kafka_bootstrap_servers": broker.bootstrap, "kafka_idempotence": False})
    cases = [Case(1), Case(2, ContactKind.SMS)]
    async with running(build(settings)) as client:
        assert "Belum ada pesan" in (await client.get("/mailbox")).text
        await send(broker.bootstrap, *(record for case in cases for record in case.received()))
        await read(broker.bootstrap, topics.OUTCOMES.name, 2)
        page = await client.get("/mailbox")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "tidak ada pesan yang dikirim ke luar" in page.text
    for case in cases:
        assert f"kepada {case.address}" in page.text
        assert f'href="{settings.intake_url}/t/{case.code}"' in page.text
    assert page.text.count("<h2>") == 1, "only the e-mail has a subject"

"""E-mail as it goes over the wire, and where it goes."""

from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notify.carriers.smtp import MailServer, ascii_address, encode
from services.notify.domain.message import Letter
from services.notify.settings import NotifySettings
from shared.contracts.vocabulary import ContactKind, Language

ID = UUID(int=7)


def letter(subject: str = "Kabar", body: str = "Isi.\n") -> Letter:
    return Letter(ID, 3, ContactKind.EMAIL, "warga@contoh.example", subject, body, Language.ID)


@given(
    st.text(st.characters(codec="utf-8")).map(lambda text: " ".join(text.split())),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00")),
)
def test_whatever_is_said_arrives_as_it_was_said_and_adds_no_header(subject: str, body: str) -> None:
    raw = encode(letter(subject, body), "warga@contoh.example", "no-reply@serap.example", "Kota Tangerang")
    message = message_from_bytes(raw, policy=default)
    assert message.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Language", "Content-Type",
        "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert message["Message-ID"] == f"<{ID}.3@serap.example>"
    assert message.get_content().rstrip("\n") == body.rstrip("\n")
    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.splitlines())


def test_a_subject_in_another_script_arrives_as_it_was_written() -> None:
    raw = encode(letter("Kabar — laporan “TGR” " * 4), "warga@contoh.example", "no-reply@serap.example", "Kota Tangerang")
    assert message_from_bytes(raw, policy=default)["Subject"].strip() == ("Kabar — laporan “TGR” " * 4).strip()


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: x@y.example", "a b@c.example", "a@b@c.example", "@b.example", '"a"@b.example', "a\x00@b.example"],
)
def test_an_address_that_could_say_more_than_an_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ascii_address(address)


def test_a_mail_server_is_read_from_its_url() -> None:
    assert MailServer.of("smtp://se%40rap:p%2Fw@mail.example:2525") == MailServer("mail.example", 2525, False, "se@rap", "p/w")
    assert MailServer.of("smtps://mail.example").port == 465
    assert MailServer.of("smtp://mail.example").port == 587


def test_a_password_goes_abroad_only_encrypted() -> None:
    assert MailServer.of("smtp://a:b@mail.example").client("serap.example")._start_tls_on_connect is True
    assert MailServer.of("smtp://a:b@127.0.0.1:25").client("serap.example")._start_tls_on_connect is None


@pytest.mark.parametrize("url", ["http://mail.example", "mail.example:25", "smtp://", "smtp://a b"])
def test_what_is_no_url_of_a_mail_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError, match="smtp_url"):
        NotifySettings(database_url="postgresql://x", smtp_url=url)

"""Mail, handed to a real mail server on this machine."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from kb import mail
from kb.mail import MailNotSent, send_mail
from kb.mail_server import MailServer, Protection
from tests.mail_catcher import PASSWORD, USER, MailCatcher, mail_caught

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # only this machine hears it
SENDER, TO = "baton@example.com", "ines@example.com"


def server(catcher: MailCatcher, protection: Protection = Protection.NONE, user: str = "", password: str = ""):
    return MailServer("127.0.0.1", catcher.port, protection, SENDER, user, password)


@pytest.fixture
def catcher() -> Iterator[MailCatcher]:
    with mail_caught() as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate of a mail server that this machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_mail_arrives_as_it_was_written(catcher: MailCatcher):
    send_mail(server(catcher), TO, "Baton: you are invited", "Hello Zoë,\n\nhttp://127.0.0.1/link?token=abc\n")
    (message,) = catcher.messages
    assert (message["To"], message["From"], message["Subject"]) == (
        TO,
        "Baton <baton@example.com>",
        "Baton: you are invited",
    )
    assert message.get_content().replace("\r\n", "\n") == "Hello Zoë,\n\nhttp://127.0.0.1/link?token=abc\n"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")
    assert catcher.recipients == [[TO]]


@pytest.mark.parametrize("protection", [Protection.TLS, Protection.STARTTLS])
def test_mail_goes_through_an_encrypted_connection_with_a_password(protection: Protection, certificate: ssl.SSLContext):
    tls, starttls = (certificate, None) if protection is Protection.TLS else (None, certificate)
    with mail_caught(tls=tls, starttls=starttls, sign_in=True) as catcher:
        send_mail(server(catcher, protection, USER, PASSWORD), TO, "Subject", "Text")
    assert (catcher.encrypted, catcher.signed_in) == ([True], [True])


@pytest.mark.parametrize("protection", [Protection.TLS, Protection.STARTTLS])
def test_a_certificate_that_nobody_knows_is_not_trusted(
    protection: Protection, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    tls, starttls = (certificate, None) if protection is Protection.TLS else (None, certificate)
    with (
        mail_caught(tls=tls, starttls=starttls, sign_in=True) as catcher,
        pytest.raises(MailNotSent, match="check its certificate"),
    ):
        send_mail(server(catcher, protection, USER, PASSWORD), TO, "Subject", "Text")
    assert catcher.messages == []


def test_a_server_without_encryption_gets_no_password_when_encryption_is_asked_for(catcher: MailCatcher):
    with pytest.raises(MailNotSent, match="cannot do what BATON_SMTP_URL"):
        send_mail(server(catcher, Protection.STARTTLS, USER, PASSWORD), TO, "Subject", "Text")
    assert catcher.messages == []


def test_a_wrong_password_is_named_as_the_cause_and_not_shown():
    with mail_caught(sign_in=True) as catcher, pytest.raises(MailNotSent) as failed:
        send_mail(server(catcher, user=USER, password="hunter2hunter2"), TO, "Subject", "Text")
    assert "does not take the user and password of BATON_SMTP_URL" in str(failed.value)
    assert "hunter2" not in f"{failed.value!r} {failed.value.__cause__!r}"


def test_a_refused_recipient_is_named_as_the_cause(catcher: MailCatcher):
    with pytest.raises(MailNotSent, match="does not take mail for this address"):
        send_mail(server(catcher), catcher.refused, "Subject", "Text")


def test_a_server_that_is_not_there_is_named_as_the_cause():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MailNotSent, match=f"the mail server 127.0.0.1:{port} cannot be reached"):
        send_mail(MailServer("127.0.0.1", port, Protection.NONE, SENDER), TO, "Subject", "Text")


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(MailNotSent, match="cannot be reached"):
            send_mail(MailServer("127.0.0.1", silent.getsockname()[1], Protection.NONE, SENDER), TO, "Subject", "Text")


@pytest.mark.parametrize("to", ["a@example.com, b@example.com", "a@example.com\nBcc: b@example.com", "nobody", ""])
def test_an_address_that_is_not_one_address_gets_nothing(catcher: MailCatcher, to: str):
    with pytest.raises(MailNotSent, match="the address cannot be used"):
        send_mail(server(catcher), to, "Subject", "Text")
    assert catcher.messages == []

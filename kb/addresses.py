"""Addresses of this installation as others need them, for instance in a mail."""

from __future__ import annotations

from urllib.parse import urlencode

from kb.settings import Settings


def link_address(settings: Settings, token: str) -> str:
    """Where a one-time link leads. It holds the token: show it once, keep it nowhere."""
    return f"{settings.url}/link?{urlencode({'token': token})}"

"""Addresses that leave Baton: in mail, on paper, on a terminal."""

from __future__ import annotations

from urllib.parse import quote

from kb.settings import Settings


def link_address(settings: Settings, token: str) -> str:
    """The address of a one-time link. It holds the token: show it once, keep it nowhere."""
    return f"{settings.url}/link?token={quote(token, safe='')}"

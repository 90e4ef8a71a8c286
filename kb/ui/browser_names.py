"""What a browser calls itself, in words that its owner knows: "Firefox on Windows"."""

from __future__ import annotations

# The first that fits: most browsers claim to be the later ones as well.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox", "CriOS/": "Chrome",
             "Chrome/": "Chrome", "Safari/": "Safari"}  # fmt: skip
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "CrOS": "ChromeOS",
            "Mac OS X": "Mac", "Linux": "Linux"}  # fmt: skip


def browser_name(agent: str) -> str:
    """A short name for the browser with this user agent, as far as it can be told."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), "")
    return " on ".join(name for name in (browser, system) if name) or "Another browser"

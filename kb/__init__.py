"""Baton, the wiki: its rules, its store, its screens."""

VERSION = "0.1.0"  # as in pyproject.toml

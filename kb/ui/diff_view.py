"""Two texts and what changed between them, drawn by a small component: people's text travels as data, never as HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from kb.diff import Fold, Row, RowKind, diff_rows, fold
from kb.pages import PageText

_HERE = Path(__file__)
_COMPONENT = st.components.v2.component(
    "baton_diff",
    html='<div class="diff"></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def show_diff(old: PageText, new: PageText, key: str) -> None:
    """Show what changed from ``old`` to ``new``: words within lines, unchanged stretches folded."""
    parts = [
        {"name": name, "rows": _drawn(fold(rows))}
        for name, rows in (
            ("Title", diff_rows(old.title, new.title)),
            ("Tags", diff_rows("\n".join(old.tags), "\n".join(new.tags))),
            ("Also found by", diff_rows("\n".join(old.keywords), "\n".join(new.keywords))),
            ("Text", diff_rows(old.body, new.body)),
        )
        if any(row.kind is not RowKind.SAME for row in rows)
    ]
    if not parts:
        st.info("These two texts are the same.", icon=":material/check:")
        return
    version = hashlib.sha256(repr((old, new)).encode("utf-8", "replace")).hexdigest()
    _COMPONENT(key=key, data={"version": version, "parts": parts})


def _drawn(rows: Sequence[Row | Fold]) -> list[dict[str, Any]]:
    return [{"fold": _drawn(row.rows)} if isinstance(row, Fold) else _drawn_row(row) for row in rows]


def _drawn_row(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "number": row.new_number or row.old_number,
        "pieces": [[piece.text, piece.changed] for piece in row.pieces],
    }

"""Streamlit's log lines in Baton's log."""

from __future__ import annotations

import logging

import streamlit as st
import streamlit.logger
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kb import logs
from kb.settings import Settings


def set_up_logs(settings: Settings) -> None:
    """Write all lines of this process as the settings say, those of Streamlit included."""
    logs.configure(settings.log_format, settings.log_level, request_id_of_screen)
    # Each logger of Streamlit, present or future, is given a handler of its own by this function.
    streamlit.logger.setup_formatter = _leave_to_root
    streamlit.logger.update_formatter()


def _leave_to_root(logger: logging.Logger) -> None:
    logs.leave_to_root(logger)


def request_id_of_screen() -> str:
    """The id that the log has of the connection whose screen runs in this thread; "" in other threads."""
    if get_script_run_ctx(suppress_warning=True) is None or not runtime.exists():
        return ""
    return st.context.headers.get("x-request-id", "")

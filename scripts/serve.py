"""Serve the web application until Ctrl-C or SIGTERM: what scripts/start.sh runs inside the environment."""

from __future__ import annotations

import os
import runpy
import shutil
import socket
import subprocess
import sys

import _here
from index.embedder import ModelSpec, ModelUnavailable, token_counter
from index.onnx_embedder import export_of, installed
from kb.addresses import link_address
from kb.indexing import active_model, configured_model
from kb.locks import Busy, HeldLock
from kb.people import NewLink, setup_link
from kb.settings import Settings, SettingsError
from kb.store.db import Store, StoreError, use

MIN_FREE_MB = 200  # room for the database to grow while people work


class CannotStart(RuntimeError):
    """Baton cannot be served; the message says why and what to do."""


def main() -> None:
    try:
        settings = Settings.from_env()
        in_use, link = prepare(settings)
    except (Busy, CannotStart, ModelUnavailable, SettingsError, StoreError) as error:
        print(f"Baton: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"Baton: open {settings.url} (Ctrl-C stops)", flush=True)
    if link:
        print(
            "Baton: nobody can sign in yet. Open this link within 24 hours to become the first administrator:\n"
            f"  {link_address(settings, link.token)}",
            flush=True,
        )
    # The same process goes on as the server: what it has imported stays, and signals reach it.
    os.chdir(_here.ROOT)
    os.environ["BATON_DATA"] = str(settings.data)
    sys.argv = [
        "streamlit", "run", "app.py",
        f"--server.address={settings.host}", f"--server.port={settings.port}", "--logger.level=warning",
        "--logger.hideWelcomeMessage=true",  # the address is told above
    ]  # fmt: skip
    with in_use:
        runpy.run_module("streamlit", run_name="__main__")


def prepare(settings: Settings) -> tuple[HeldLock, NewLink | None]:
    """Make or migrate the database, and make sure that the server can start.

    :return: what keeps a restore away until the server has ended, and the link for the first administrator; None when
        there is one.
    :raises Busy: while a restore runs.
    :raises CannotStart: when the port is taken, the disk is full, or the model of the index is gone.
    :raises ModelUnavailable: when the configured model is not there.
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CannotStart(
                f"port {settings.port} on {settings.host} cannot be used ({error.strerror}): stop what listens there, "
                "or set BATON_PORT to another port."
            ) from error
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"the data folder {settings.data} cannot be made ({error.strerror}): set BATON_DATA to another one."
        ) from error
    free_mb = shutil.disk_usage(settings.data).free // 2**20
    if free_mb < MIN_FREE_MB:
        raise CannotStart(
            f"only {free_mb} MB are free in {settings.data}: free at least {MIN_FREE_MB} MB, or set BATON_DATA."
        )
    in_use = use(settings.database)
    store = Store.open(settings.database)
    export_model(check_model(store, settings), settings)
    link = setup_link(store)
    store.close()
    return in_use, link


def check_model(store: Store, settings: Settings) -> ModelSpec:
    """Make sure that the passages of a page can be sized: nothing can be saved without.

    The model itself may be missing: search by words does without, and says so.

    :return: the model of the index.
    """
    model = active_model(store, settings)
    try:
        token_counter(model.name)
    except ModelUnavailable as error:
        if model == configured_model(settings):
            raise
        raise CannotStart(
            f"{error} The index was made with it, and the settings name {settings.model!r} now: bring the folder back, "
            "or run scripts/rebuild_index.py with these settings."
        ) from error
    return model


def export_model(model: ModelSpec, settings: Settings) -> None:
    """Write the model down for ONNX Runtime where that is wanted and was not done yet; say so where it cannot be.

    In a process of its own, whose memory is free again before anybody searches.
    """
    if settings.exports is None:
        return
    export = export_of(model, settings.exports)
    if export and export.is_dir() and installed():
        return
    print("Baton: writing the model down for ONNX Runtime, about 15 seconds...", flush=True)
    ended = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", "index.onnx_export", model.to_json(), str(settings.exports)],
        cwd=_here.ROOT,
        env=dict(os.environ, PYTHONPATH=str(_here.ROOT)),
        check=False,
    )
    if ended.returncode not in (0, 1):  # with 1 it has said why
        print(f"Baton: that ended with status {ended.returncode}; searches use torch.", file=sys.stderr)


if __name__ == "__main__":
    main()

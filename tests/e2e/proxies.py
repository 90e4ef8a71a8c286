"""nginx and Caddy in front of the application, with the files that docs/ gives to administrators."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.server import ROOT, free_port

HOST = "wiki.example.com"  # as in the files of docs/
START_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy. ``authority`` is the certificate that signed its own; ``logs`` are all that it writes."""

    https_port: int
    http_port: int
    authority: Path
    logs: tuple[Path, ...]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    def logged(self) -> str:
        """Everything that it has written."""
        return "\n".join(log.read_text(encoding="utf-8") for log in self.logs)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the test puts in place of an installation's own."""

    folder: Path
    certificate: Path
    key: Path
    application_port: int
    https_port: int
    http_port: int


@contextmanager
def proxy(name: str, application_port: int, folder: Path) -> Iterator[Proxy]:
    """The application behind "nginx" or "caddy"."""
    authority = trustme.CA()
    server = authority.issue_cert("localhost")
    place = _Place(folder, folder / "own.pem", folder / "own.key", application_port, free_port(), free_port())
    authority.cert_pem.write_to_path(folder / "authority.pem")
    server.private_key_pem.write_to_path(place.key)
    for position, blob in enumerate(server.cert_chain_pems):
        blob.write_to_path(place.certificate, append=position > 0)
    command, logs = _COMMANDS[name](place)
    with logs[0].open("wb") as output:
        running = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        )
    try:
        _wait_for(place.https_port, running, logs[0])
        yield Proxy(place.https_port, place.http_port, folder / "authority.pem", logs)
    finally:
        running.terminate()
        running.wait(START_WITHIN_S)


def _nginx(place: _Place) -> tuple[list[str], tuple[Path, ...]]:
    given = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
    given = "".join(line for line in given.splitlines(keepends=True) if "listen [::]" not in line)
    own = _replaced(
        given,
        {
            "listen 80;": f"listen 127.0.0.1:{place.http_port};",
            "listen 443 ssl": f"listen 127.0.0.1:{place.https_port} ssl",
            "/etc/ssl/certs/wiki.example.com.pem": str(place.certificate),
            "/etc/ssl/private/wiki.example.com.key": str(place.key),
            "/var/log/nginx/": f"{place.folder}/",
            "127.0.0.1:8501": f"127.0.0.1:{place.application_port}",
            HOST: "localhost",
        },
    )
    (place.folder / "baton.conf").write_text(own, encoding="utf-8")
    # What an installation's nginx.conf holds around it; the rest keeps nginx inside the test's folder.
    temporary = "".join(f"{kind}_temp_path {place.folder}/{kind};\n" for kind in _TEMPORARY)
    (place.folder / "nginx.conf").write_text(
        f"daemon off;\nworker_processes 1;\npid {place.folder}/nginx.pid;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"events {{}}\nhttp {{\n{temporary}access_log off;\ninclude {place.folder}/baton.conf;\n}}\n",
        encoding="utf-8",
    )
    command = ["nginx", "-e", "stderr", "-p", str(place.folder), "-c", str(place.folder / "nginx.conf")]
    return command, (place.folder / "output.log", place.folder / "baton.log", place.folder / "baton-error.log")


_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _caddy(place: _Place) -> tuple[list[str], tuple[Path, ...]]:
    own = _replaced(
        (ROOT / "docs" / "Caddyfile").read_text(encoding="utf-8"),
        {
            "\n{\n": f"\n{{\n\tadmin off\n\thttp_port {place.http_port}\n\thttps_port {place.https_port}\n",
            f"\n{HOST} {{": f"\nlocalhost {{\n\ttls {place.certificate} {place.key}\n",
            "127.0.0.1:8501": f"127.0.0.1:{place.application_port}",
        },
    )
    (place.folder / "Caddyfile").write_text(own, encoding="utf-8")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(place.folder / "Caddyfile")]
    return command, (place.folder / "output.log",)


_COMMANDS: dict[str, Callable[[_Place], tuple[list[str], tuple[Path, ...]]]] = {"nginx": _nginx, "caddy": _caddy}


def _replaced(text: str, by: dict[str, str]) -> str:
    for old, new in by.items():
        assert old in text, f"the file of docs/ no longer has {old!r}"
        text = text.replace(old, new)
    return text


def _wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while True:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def installed(name: str) -> bool:
    """Whether this machine has the proxy. Debian keeps nginx where only root looks for programs."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None

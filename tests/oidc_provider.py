"""PyPI's oidc-provider-mock on this machine, with a hand on what it answers: for forged tokens and for looking on."""

from __future__ import annotations

import io
import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs

import httpx2
import oidc_provider_mock
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import User
from oidc_provider_mock._storage import storage
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

Claims = dict[str, Any]
# The provider speaks plain HTTP; to read the certificates of all authorities takes longer than to ask it.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
logging.getLogger("werkzeug").setLevel(logging.ERROR)  # each request, with its query


@dataclass
class Provider:
    """The running provider. ``forge`` makes the ID token of the claims that the provider would have signed."""

    app: Any
    key: RSAKey
    url: str = ""
    forge: Callable[[Claims], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)  # told instead of its own
    userinfo: dict[str, Any] | None = None
    token_requests: list[dict[str, str]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def knows(self, subject: str, **claims: object) -> None:
        """Make or change an account of the provider's."""
        httpx2.put(f"{self.url}/users/{subject}", json=claims, verify=NO_AUTHORITIES).raise_for_status()

    def sign(self, claims: Claims) -> str:
        """An ID token as the provider itself makes one."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = Response.from_app(self.app, {**environ, "wsgi.input": io.BytesIO(sent)})
        path = environ["PATH_INFO"]
        if path == "/oauth2/token":
            self.token_requests.append({name: values[0] for name, values in parse_qs(sent.decode()).items()})
            if answer.status_code == 200:
                content = json.loads(answer.get_data())
                if self.forge is not None:
                    content["id_token"] = self.forge(jwt.decode(content["id_token"], self.key).claims)
                self.answers.append(content)
                answer.set_data(json.dumps(content))
        elif path == "/userinfo" and self.userinfo is not None:
            answer.set_data(json.dumps(self.userinfo))
        elif path == "/.well-known/openid-configuration":
            answer.set_data(json.dumps(json.loads(answer.get_data()) | self.metadata))
        return cast(Iterable[bytes], answer(environ, start_response))


@contextmanager
def provider_served(**options: Any) -> Iterator[Provider]:
    """The provider on a free port of this machine."""
    app = oidc_provider_mock.app(**options)
    with app.test_request_context():
        app.preprocess_request()
        key = RSAKey.import_key(storage.jwk.as_dict(is_private=True))
    provider = Provider(app, key)
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


__all__ = ["NO_AUTHORITIES", "Claims", "Provider", "User", "provider_served"]

"""The company's sign-in: OpenID Connect, authorization code flow with PKCE. Nothing is believed that is not checked.

The errors say for the log what happened, in words of the program's own: what a provider sends may be personal.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from kb.oidc_accounts import Identity
from kb.settings import LOOPBACK, Oidc

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
TIMEOUT_S = 5.0  # for each of the requests; somebody waits
METADATA_LIFE_S = 3600.0  # its addresses hardly ever change; its keys are asked for at each sign-in
LEEWAY_S = 60  # by which the clocks may differ
MAX_SUBJECT = 255  # characters; OpenID Connect Core 1.0, section 2
# Signatures with a key that only the provider has. Not HS256, whose key the client knows too, and never "none".
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


class ProviderFailed(Exception):
    """The provider cannot be reached, or does not answer as OpenID Connect wants."""


class CodeRefused(Exception):
    """The provider does not take this code: it was used, or is too old."""


class TokenRefused(Exception):
    """The ID token is not one of this provider, for Baton, for this sign-in, now."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in under way, known to the browser that began it and to nobody else."""

    state: str  # comes back with the browser: RFC 6749, 10.12
    nonce: str  # comes back in the ID token: OpenID Connect Core 1.0, 3.1.2.1
    verifier: str  # shows that who redeems the code is who asked for it: RFC 7636
    next: str  # the address that was wanted


class Provider:
    """One provider and Baton's registration with it."""

    def __init__(self, oidc: Oidc, redirect_uri: str) -> None:
        self._oidc = oidc
        self._redirect_uri = redirect_uri
        self._metadata: dict[str, Any] = {}
        self._read_at = 0.0
        self._tls = httpx2.create_ssl_context()  # reads all the certificates of this machine: once

    async def sign_in_address(self, attempt: Attempt) -> str:
        """Where the browser goes to sign in.

        :raises ProviderFailed: when the provider does not tell.
        """
        metadata = await self._read_metadata()
        async with self._client(metadata) as client:
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(address)

    async def identity(self, code: str, attempt: Attempt) -> Identity:
        """Who has signed in, for the code that the browser brought back.

        :raises CodeRefused: when the provider does not take the code.
        :raises TokenRefused: when what it gives for it cannot be trusted.
        :raises ProviderFailed: when it gives nothing.
        """
        metadata = await self._read_metadata()
        async with self._client(metadata) as client:
            try:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=self._redirect_uri,
                )
            except OAuthError as error:
                if error.error == "invalid_grant":
                    raise CodeRefused("the provider does not take the code") from None
                if error.error in ("invalid_client", "unauthorized_client"):
                    raise ProviderFailed(
                        "the provider does not take BATON_OIDC_CLIENT_ID and BATON_OIDC_CLIENT_SECRET: compare them "
                        "with what it shows"
                    ) from None
                raise ProviderFailed("the provider gives no token for the code") from None
            except (httpx2.HTTPError, ValueError) as error:
                raise ProviderFailed("the provider's token endpoint cannot be reached") from error
        claims = await self._checked(metadata, token, attempt.nonce)
        about = claims
        if not claims.get("email") and _as_safe(_text(metadata, "userinfo_endpoint"), self._oidc.url):
            about = await _get(
                self._tls, metadata["userinfo_endpoint"], _text(token, "access_token")
            )  # the ID token is a small one
            if about.get("sub") != claims["sub"]:
                raise TokenRefused("userinfo is about somebody else")
        said = about.get("email_verified")
        trusted = self._oidc.email == "trusted" and said is None
        return Identity(
            issuer=metadata["issuer"],
            subject=claims["sub"],
            name=_text(about, "name") or _text(claims, "name") or _text(about, "preferred_username"),
            email=_text(about, "email"),
            email_verified=trusted or said is True or said == "true",
        )

    async def _checked(self, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token: OpenID Connect Core 1.0, 3.1.3.7."""
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise TokenRefused("there is no ID token")
        keys = await _get(self._tls, metadata["jwks_uri"])
        try:
            signing = [key for key in keys["keys"] if key.get("kty") != "oct" and key.get("use") != "enc"]
            registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
            read = jwt.decode(raw, KeySet.import_key_set({"keys": signing}), registry=registry)
            wanted = {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._oidc.client_id},
                "sub": {"essential": True},
            }
            known = {"nonce": nonce, "client_id": self._oidc.client_id, "access_token": token.get("access_token")}
            claims = CodeIDToken(read.claims, read.header, wanted, known)
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TokenRefused(f"the ID token does not stand the check: {type(error).__name__}") from None
        if len(claims["sub"]) > MAX_SUBJECT:
            raise TokenRefused("the subject is too long")
        return dict(claims)

    async def _read_metadata(self) -> Mapping[str, Any]:
        if self._metadata and time.monotonic() - self._read_at < METADATA_LIFE_S:
            return self._metadata
        url = self._oidc.url
        by_issuer = not url.endswith(WELL_KNOWN)
        metadata = await _get(self._tls, url.rstrip("/") + WELL_KNOWN if by_issuer else url)
        for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _as_safe(_text(metadata, name), url):
                raise ProviderFailed(f"the provider's metadata has no https:// address for {name}")
        if by_issuer and metadata["issuer"].rstrip("/") != url.rstrip("/"):
            raise ProviderFailed("the provider's metadata is of another issuer than BATON_OIDC_URL")
        self._metadata, self._read_at = metadata, time.monotonic()
        return metadata

    def _client(self, metadata: Mapping[str, Any]) -> AsyncOAuth2Client:
        basic, post = "client_secret_basic", "client_secret_post"
        methods = metadata.get("token_endpoint_auth_methods_supported", [basic])  # its default: Discovery 1.0, 3
        return AsyncOAuth2Client(
            client_id=self._oidc.client_id,
            client_secret=self._oidc.client_secret,
            token_endpoint_auth_method=post if post in methods and basic not in methods else basic,
            redirect_uri=self._redirect_uri,
            scope=SCOPE,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            verify=self._tls,
        )


async def _get(tls: ssl.SSLContext, url: str, bearer: str = "") -> dict[str, Any]:
    """A JSON object of the provider's."""
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT_S, verify=tls) as client:
            answer = await client.get(url, headers=headers)
        answer.raise_for_status()
        content = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise ProviderFailed("the provider cannot be reached or answers with an error") from error
    if not isinstance(content, dict):
        raise ProviderFailed("the provider answers with something else than it should")
    return content


def _as_safe(address: str, than: str) -> bool:
    """Whether ``address`` is protected on the way, or stays on this machine as ``than`` does."""
    here, there = urlsplit(address), urlsplit(than)
    return here.scheme == "https" or (here.scheme == there.scheme == "http" and here.hostname in LOOPBACK)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""

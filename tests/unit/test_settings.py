from pathlib import Path

import pytest

from kb.mail_server import MailServer, Protection
from kb.settings import DEFAULT_DATA, Encoder, LogFormat, Oidc, Settings, SettingsError


def test_defaults_listen_on_loopback_and_keep_data_beside_the_application():
    assert Settings.from_env({}) == Settings(data=DEFAULT_DATA, host="127.0.0.1", port=8501, model="all-MiniLM-L6-v2")


def test_every_variable_is_read():
    env = {
        "BATON_DATA": "/srv/baton",
        "BATON_HOST": "localhost",
        "BATON_PORT": "9000",
        "BATON_URL": "https://wiki.example.com",
        "BATON_MODEL": "/models/e5",
        "BATON_ENCODER": "ONNX",
        "BATON_QUERY_PROMPT": "query: ",
        "BATON_DOCUMENT_PROMPT": "passage: ",
        "BATON_SMTP_URL": "smtp://mail.example.com?from=baton@example.com",
        "BATON_LOG": "Text",
        "BATON_LOG_LEVEL": "DEBUG",
    }
    assert Settings.from_env(env) == Settings(
        data=Path("/srv/baton"),
        host="localhost",
        port=9000,
        public_url="https://wiki.example.com",
        model="/models/e5",
        encoder=Encoder.ONNX,
        query_prompt="query: ",
        document_prompt="passage: ",
        mail_server=MailServer("mail.example.com", 25, Protection.NONE, "baton@example.com"),
        log_format=LogFormat.TEXT,
        log_level="debug",
    )


def test_the_log_is_json_from_info_on_unless_asked_otherwise():
    found = Settings.from_env({})
    assert (found.log_format, found.log_level) == (LogFormat.JSON, "info")


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("BATON_LOG", "xml", "set it to json or text"),
        ("BATON_ENCODER", "tpu", "set it to torch or onnx"),
        ("BATON_LOG_LEVEL", "loud", "set it to debug, info, warning or error"),
    ],
)
def test_a_log_setting_that_is_none_is_refused_by_name(name: str, value: str, remedy: str):
    with pytest.raises(SettingsError, match=f"{name} is '{value}': {remedy}"):
        Settings.from_env({name: value})


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８５０１"])
def test_a_port_that_is_none_is_refused_by_name(port: str):
    with pytest.raises(SettingsError, match="BATON_PORT"):
        Settings.from_env({"BATON_PORT": port})


def test_no_address_is_served_that_others_can_reach_without_tls():
    open_to_all = {"BATON_HOST": "0.0.0.0"}  # noqa: S104  that is the point
    with pytest.raises(SettingsError, match="BATON_HOST"):
        Settings.from_env(open_to_all)
    assert Settings.from_env({**open_to_all, "BATON_URL": "https://wiki.example.com"}).secure


@pytest.mark.parametrize(
    "url",
    [
        "wiki.example.com",
        "ftp://wiki.example.com",
        "https://",
        "https://a/b",
        "https://a?x=1",
        "https://me@a",
        "https://a:b",
        "http://[",
    ],
)
def test_a_public_address_that_is_none_is_refused_by_name(url: str):
    with pytest.raises(SettingsError, match="BATON_URL"):
        Settings.from_env({"BATON_URL": url})


@pytest.mark.parametrize(
    ("env", "url", "secure"),
    [
        ({}, "http://127.0.0.1:8501", False),
        ({"BATON_HOST": "::1", "BATON_PORT": "9000"}, "http://[::1]:9000", False),
        ({"BATON_URL": "https://Wiki.example.com/"}, "https://wiki.example.com", True),
    ],
)
def test_people_reach_baton_where_it_listens_or_at_its_public_address(env: dict[str, str], url: str, secure: bool):
    settings = Settings.from_env(env)
    assert (settings.url, settings.secure) == (url, secure)


COMPANY = {
    "BATON_OIDC_URL": "https://sso.example.com/realms/company",
    "BATON_OIDC_CLIENT_ID": "baton",
    "BATON_OIDC_CLIENT_SECRET": "nobody-may-read-this",
}


def test_company_accounts_are_off_unless_configured():
    assert Settings.from_env({"BATON_OIDC_URL": "", "BATON_OIDC_NAME": "Contoso"}).oidc is None


def test_company_accounts_have_defaults_that_give_little():
    assert Settings.from_env(COMPANY).oidc == Oidc(
        url="https://sso.example.com/realms/company",
        client_id="baton",
        client_secret="nobody-may-read-this",
        name="your company account",
        role="reader",
        email="verified",
    )
    more = {"BATON_OIDC_NAME": "Contoso", "BATON_OIDC_ROLE": "None", "BATON_OIDC_EMAIL": "trusted"}
    found = Settings.from_env({**COMPANY, **more}).oidc
    assert found is not None
    assert (found.name, found.role, found.email) == ("Contoso", "none", "trusted")


def test_the_secret_is_never_printed():
    settings = Settings.from_env(COMPANY)
    assert "nobody-may-read-this" not in f"{settings} {settings.oidc!r}"
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({**COMPANY, "BATON_OIDC_URL": "", "BATON_OIDC_CLIENT_ID": ""})
    assert str(raised.value) == (
        "BATON_OIDC_URL and BATON_OIDC_CLIENT_ID are not set, though BATON_OIDC_CLIENT_SECRET is: set all three to "
        "sign in with company accounts, or none."
    )


@pytest.mark.parametrize("name", COMPANY)
def test_half_a_registration_is_refused_by_name(name: str):
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        Settings.from_env({**COMPANY, name: ""})


@pytest.mark.parametrize(
    "url",
    ["sso.example.com", "http://sso.example.com", "https://", "https://a?x=1", "https://me@a", "https://a#b",
     "http://localhost.evil.test"],
)  # fmt: skip
def test_a_provider_that_cannot_be_trusted_on_the_way_is_refused(url: str):
    with pytest.raises(SettingsError, match="BATON_OIDC_URL"):
        Settings.from_env({**COMPANY, "BATON_OIDC_URL": url})


def test_a_provider_on_this_machine_needs_no_tls():
    found = Settings.from_env({**COMPANY, "BATON_OIDC_URL": "http://127.0.0.1:8680"}).oidc
    assert found is not None
    assert found.url == "http://127.0.0.1:8680"


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("BATON_OIDC_ROLE", "administrator", "set it to none, reader or author"),
        ("BATON_OIDC_EMAIL", "yes", "set it to verified or trusted"),
    ],
)
def test_a_setting_of_company_accounts_that_is_none_is_refused_by_name(name: str, value: str, remedy: str):
    with pytest.raises(SettingsError, match=f"{name} is '{value}': {remedy}"):
        Settings.from_env({**COMPANY, name: value})

from pathlib import Path

import pytest

from kb.mail_server import MailServer, Protection
from kb.settings import DEFAULT_DATA, Settings, SettingsError


def test_defaults_listen_on_loopback_and_keep_data_beside_the_application():
    assert Settings.from_env({}) == Settings(data=DEFAULT_DATA, host="127.0.0.1", port=8501, model="all-MiniLM-L6-v2")


def test_every_variable_is_read():
    env = {
        "BATON_DATA": "/srv/baton",
        "BATON_HOST": "localhost",
        "BATON_PORT": "9000",
        "BATON_MODEL": "/models/e5",
        "BATON_QUERY_PROMPT": "query: ",
        "BATON_DOCUMENT_PROMPT": "passage: ",
        "BATON_URL": "https://baton.example.com/",
        "BATON_SMTP_URL": "smtp://mail.example.com?from=baton@example.com",
    }
    assert Settings.from_env(env) == Settings(
        Path("/srv/baton"),
        "localhost",
        9000,
        "/models/e5",
        query_prompt="query: ",
        document_prompt="passage: ",
        url="https://baton.example.com",
        mail_server=MailServer("mail.example.com", 25, Protection.NONE, "baton@example.com"),
    )


def test_without_a_url_people_reach_baton_where_it_listens():
    assert Settings.from_env({"BATON_PORT": "9000"}).url == "http://127.0.0.1:9000"
    assert Settings.from_env({"BATON_HOST": "::1"}).url == "http://[::1]:8501"


@pytest.mark.parametrize(
    "url",
    ["baton.example.com", "ftp://x.org", "https://x.org/wiki", "https://x.org?a", "https://x.org#a", "https://",
     "https://x.org:port", "https://x.org:0", "https://user@x.org", "https://x org"],
)  # fmt: skip
def test_a_url_is_scheme_and_host_only(url: str):
    with pytest.raises(SettingsError, match="BATON_URL"):
        Settings.from_env({"BATON_URL": url})


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８５０１"])
def test_a_port_that_is_none_is_refused_by_name(port: str):
    with pytest.raises(SettingsError, match="BATON_PORT"):
        Settings.from_env({"BATON_PORT": port})


def test_without_sign_in_no_address_is_served_that_others_can_reach():
    with pytest.raises(SettingsError, match="BATON_HOST"):
        Settings.from_env({"BATON_HOST": "0.0.0.0"})  # noqa: S104  that is the point

from pathlib import Path

import pytest

from kb.settings import DEFAULT_DATA, LogFormat, Settings, SettingsError


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
        "BATON_LOG": "Text",
        "BATON_LOG_LEVEL": "DEBUG",
    }
    assert Settings.from_env(env) == Settings(
        Path("/srv/baton"),
        "localhost",
        9000,
        "/models/e5",
        query_prompt="query: ",
        document_prompt="passage: ",
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


def test_without_sign_in_no_address_is_served_that_others_can_reach():
    with pytest.raises(SettingsError, match="BATON_HOST"):
        Settings.from_env({"BATON_HOST": "0.0.0.0"})  # noqa: S104  that is the point

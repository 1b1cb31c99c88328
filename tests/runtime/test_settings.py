import pytest

from app.runtime.settings import ConfigError, load_settings

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"


def test_previous_secret_keys_are_a_list() -> None:
    environ = {"SECRET_KEY": SECRET, "SECRET_KEY_PREVIOUS": f"{SECRET[::-1]}, {SECRET[5:]}a1b2c3"}
    assert load_settings(environ).secret_key_previous == (SECRET[::-1], f"{SECRET[5:]}a1b2c3")
    assert load_settings({"SECRET_KEY": SECRET}).secret_key_previous == ()


def test_a_short_previous_secret_key_is_refused_without_showing_it() -> None:
    environ = {"SECRET_KEY": SECRET, "SECRET_KEY_PREVIOUS": f"{SECRET},tooshort"}
    with pytest.raises(ConfigError, match="SECRET_KEY_PREVIOUS must") as raised:
        load_settings(environ)
    assert "tooshort" not in str(raised.value)

"""Settings: wrong ones are refused at start with the variable's name."""

from pathlib import Path

import pytest

from webapp.core.config import BadSetting, load_settings


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path / "data")})
    assert settings.on_loopback
    assert settings.database_url.startswith("sqlite:///")
    assert not settings.https


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = load_settings({"DATA_DIR": str(tmp_path)}).secret_key
    assert load_settings({"DATA_DIR": str(tmp_path)}).secret_key == first
    assert len(first) >= 48
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("WEB_CONCURRENCY", "-1"),
        ("KEPU_DEMO", "maybe"),
        ("DATABASE_URL", "mysql://x"),
        ("SECRET_KEY", "short"),
        ("BASE_URL", "kepu.example.cn"),
        ("BASE_URL", "https://kepu.example.cn/app"),
        ("MAIL_URL", "mail.example.cn:25"),
        ("SMS_URL", "http://sms.example.cn/send"),
        ("WECOM_URL", "http://127.0.0.1.example.cn/robot"),
        ("HOOK_SECRET", "short"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        load_settings({"DATA_DIR": str(tmp_path), name: value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_usual_postgresql_addresses_are_understood(tmp_path: Path, scheme: str) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "DATABASE_URL": f"{scheme}://u:p@db/kepu"})
    assert settings.database_url == "postgresql+psycopg://u:p@db/kepu"


def test_https_is_known_from_the_base_address(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "BASE_URL": "https://kepu.example.cn/"})
    assert settings.https
    assert settings.base_url == "https://kepu.example.cn"
    assert settings.uid_domain == "kepu.example.cn"

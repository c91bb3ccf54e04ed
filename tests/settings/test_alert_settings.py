import pytest

from shoplake.errors import SettingsError
from shoplake.settings.alert_settings import AlertSettings, Webhook, read_alert_settings, smtp_server
from shoplake.settings.settings_section import InvalidValueError, Section

MAIL = {"email": ["data@shop.example"], "from": "lake@shop.example"}


def read(**values):
    return read_alert_settings(Section(values, "alerts"))


def hook(**values):
    return read(webhooks={"ops": values})


def test_an_absent_section_sends_nothing():
    assert read() == AlertSettings((), "", (), 86400)


def test_all_settings_are_read():
    settings = read(**MAIL, reminder="3 days", webhooks={"ops": {"url": "https://a.example/x", "format": "slack"}})

    assert (settings.email, settings.sender, settings.reminder_s) == (
        ("data@shop.example",),
        "lake@shop.example",
        259200,
    )
    assert settings.webhooks == (Webhook("ops", "https://a.example/x", format="slack"),)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"email": ["nobody"], "from": "a@b"}, "'nobody' is no address"),
        ({"email": ["a@b"]}, "alerts.email needs a sender"),
        ({"emial": []}, "unknown setting 'alerts.emial'. Did you mean 'email'"),
        ({"reminder": "often"}, "alerts.reminder = 'often' is no duration"),
        ({"webhooks": [{}]}, "alerts.webhooks are tables with names of your choice"),
        ({"webhooks": {"ops": {}}}, "alerts.webhooks.ops needs url, or url_from"),
        ({"webhooks": {"ops": {"url": "ftp://a"}}}, "is no address that begins with https"),
        ({"webhooks": {"ops": {"url": "https://a", "format": "teems"}}}, "alerts.webhooks.ops.format = 'teems'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed(values, message):
    with pytest.raises(InvalidValueError, match=message):
        read(**values)


@pytest.mark.parametrize("url", ["https://hooks.slack.com/services/T0/B0/x", "https://ada:pw@a.example"])
def test_an_address_that_is_a_secret_is_not_in_the_file(url):
    with pytest.raises(InvalidValueError, match=r"url is a secret\. Put it into the environment"):
        hook(url=url)


def test_an_address_comes_from_the_environment(monkeypatch):
    [webhook] = hook(url_from="OPS_HOOK").webhooks
    with pytest.raises(SettingsError, match="The environment has no OPS_HOOK"):
        webhook.address()

    monkeypatch.setenv("OPS_HOOK", "https://hooks.slack.com/services/T0/B0/x")

    assert webhook.address() == "https://hooks.slack.com/services/T0/B0/x"


def test_the_mail_server_comes_from_the_environment_with_tls_by_default(monkeypatch):
    with pytest.raises(SettingsError, match="Set SHOPLAKE_SMTP_HOST"):
        smtp_server()
    monkeypatch.setenv("SHOPLAKE_SMTP_HOST", "mail.example")

    assert (smtp_server().port, smtp_server().security) == (587, "starttls")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("SECURITY", "ssl", "is none of starttls, tls, none"), ("PORT", "0", "SHOPLAKE_SMTP_PORT = '0' is no port")],
)
def test_a_mail_server_that_cannot_be_is_refused(monkeypatch, name, value, message):
    monkeypatch.setenv("SHOPLAKE_SMTP_HOST", "mail.example")
    monkeypatch.setenv(f"SHOPLAKE_SMTP_{name}", value)

    with pytest.raises(SettingsError, match=message):
        smtp_server()


def test_a_password_is_never_sent_without_tls(monkeypatch):
    for name, value in {"HOST": "mail.example", "SECURITY": "none", "PASSWORD": "canary"}.items():
        monkeypatch.setenv(f"SHOPLAKE_SMTP_{name}", value)

    with pytest.raises(SettingsError, match="is sent with TLS only") as error:
        smtp_server()
    assert "canary" not in str(error.value)

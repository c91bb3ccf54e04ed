import base64
import hashlib
import hmac
import json
import smtplib
import ssl
import urllib.error
from email import message_from_string

import pytest

from shoplake.quality.alerts.channels import EmailChannel, PartlyDeliveredError, WebhookChannel, open_channels
from shoplake.quality.alerts.message import Message
from shoplake.settings.alert_settings import AlertSettings, Webhook

from .servers import http_sink, mailbox

CONTENT = {"incident_id": "abc", "event": "opened", "kind": "stop", "summary": "silver.a is stopped: 3 < 4 & more."}
MESSAGE = Message("m1", "webhook:ops", "shoplake lake: 1 opened", json.dumps({"id": "m1", "incidents": [CONTENT]}))
MAIL = AlertSettings(("data@shop.example", "ops@shop.example"), "lake@shop.example")


def posted(format="json", status=200):
    with http_sink(status) as server:
        WebhookChannel(Webhook("ops", server.url, format=format)).send(MESSAGE)
    return server.received


@pytest.fixture
def to_mailbox(monkeypatch):
    def name(server, security="none"):
        monkeypatch.setenv("SHOPLAKE_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("SHOPLAKE_SMTP_PORT", str(server.server_address[1]))
        monkeypatch.setenv("SHOPLAKE_SMTP_SECURITY", security)

    return name


def test_a_webhook_gets_the_body_and_its_idempotency_key():
    [(headers, body)] = posted()

    assert (headers["webhook-id"], json.loads(body)["incidents"]) == ("m1", [CONTENT])
    assert "webhook-signature" not in headers


def test_a_webhook_is_signed_as_standard_webhooks_says(monkeypatch):
    monkeypatch.setenv("SHOPLAKE_WEBHOOK_SECRET", "whsec_" + base64.b64encode(b"key").decode())

    [(headers, body)] = posted()

    signed = b".".join([b"m1", headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(b"key", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_slack_gets_text_without_markup_of_its_own():
    [(_, body)] = posted("slack")

    assert json.loads(body) == {"text": "shoplake lake: 1 opened\n• opened: silver.a is stopped: 3 &lt; 4 &amp; more."}


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_other_answer_than_success_is_an_error_and_no_redirect_is_followed(status):
    with pytest.raises(urllib.error.HTTPError), http_sink(status) as server:
        WebhookChannel(Webhook("ops", server.url)).send(MESSAGE)

    assert len(server.received) == 1


def test_an_email_has_every_recipient_and_the_idempotency_key(to_mailbox):
    with mailbox() as server:
        to_mailbox(server)
        EmailChannel(MAIL).send(MESSAGE)

    mail = message_from_string(server.received[0])
    assert (mail["To"], mail["Message-ID"]) == ("data@shop.example, ops@shop.example", "<m1@shop.example>")
    assert "opened: silver.a is stopped" in mail.get_payload(decode=True).decode()


def test_a_refused_recipient_is_an_error(to_mailbox):
    with mailbox(refuses="@") as server:
        to_mailbox(server)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            EmailChannel(MAIL).send(MESSAGE)


def test_one_refused_recipient_among_several_is_an_error_and_the_others_have_the_message(to_mailbox):
    with mailbox(refuses="ops@") as server:
        to_mailbox(server)
        with pytest.raises(PartlyDeliveredError) as error:
            EmailChannel(MAIL).send(MESSAGE)

    assert list(error.value.recipients) == ["ops@shop.example"]
    assert len(server.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_nothing_is_sent_to_a_server_without_tls(to_mailbox, security):
    with mailbox() as server:
        to_mailbox(server, security)
        with pytest.raises((smtplib.SMTPException, ssl.SSLError)):
            EmailChannel(MAIL).send(MESSAGE)

    assert server.received == []


def test_the_settings_name_the_channels():
    settings = AlertSettings(("a@b",), "c@d", (Webhook("ops", "https://a"), Webhook("chat", "https://b")))

    assert [each.name for each in open_channels(settings)] == ["email", "webhook:ops", "webhook:chat"]
    assert open_channels(AlertSettings()) == []

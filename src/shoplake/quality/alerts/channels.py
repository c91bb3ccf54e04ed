"""Channels that deliver messages: e-mail by SMTP with TLS, and webhooks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import smtplib
import ssl
import time
import urllib.request
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Protocol

from shoplake.settings.alert_settings import smtp_server, webhook_secret

if TYPE_CHECKING:
    from shoplake.quality.alerts.message import Message
    from shoplake.settings.alert_settings import AlertSettings, SmtpServer, Webhook

TIMEOUT_S = 4.0
"""How long one step of a delivery may take; all channels of a run together have `delivery.DEADLINE_S`."""
SECRET_PREFIX = "whsec_"  # nosec B105  # what a secret begins with


class Channel(Protocol):
    """Delivers messages."""

    @property
    def name(self) -> str:
        """Its name in `ops.outbox`."""

    def send(self, message: Message) -> None:
        """Deliver a message. Raises an error where it may not have been delivered."""


class PartlyDeliveredError(smtplib.SMTPRecipientsRefused):
    """Some recipients of an e-mail are refused, and the others have it."""


class EmailChannel:
    """Sends e-mails through the mail server of the environment. `context` verifies its certificate."""

    name = "email"

    def __init__(self, settings: AlertSettings, context: ssl.SSLContext | None = None) -> None:
        self._settings, self._context = settings, context

    def send(self, message: Message) -> None:
        """Send an e-mail; its Message-ID is the message's id, so that a repeat can be recognised.

        Raises PartlyDeliveredError where some recipients are refused: sent again, the others would have it twice.
        """
        server = smtp_server()
        mail = EmailMessage()
        mail["Subject"], mail["From"] = message.subject, self._settings.sender
        mail["To"] = ", ".join(self._settings.email)
        mail["Date"] = formatdate(usegmt=True)
        mail["Message-ID"] = f"<{message.message_id}@{self._settings.sender.rpartition('@')[2]}>"
        mail.set_content(message.to_text())
        with self._connect(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            refused = connection.send_message(mail)
        if refused:
            raise PartlyDeliveredError(refused)

    def _connect(self, server: SmtpServer) -> smtplib.SMTP:
        context = self._context or ssl.create_default_context()
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
        return connection


class WebhookChannel:
    """Posts messages to an address, as JSON or as Slack takes them.

    Headers are those of the Standard Webhooks specification: `webhook-id` is the message's id; with a secret,
    `webhook-signature` is the HMAC-SHA256 of id, time and body. Redirects are not followed.
    """

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook
        self.name = f"webhook:{webhook.name}"

    def send(self, message: Message) -> None:
        """Post a message; any answer but 2xx is an error."""
        text = message.to_slack() if self._webhook.format == "slack" else message.body
        body = text.encode()
        at = str(int(time.time()))
        headers = {"content-type": "application/json", "webhook-id": message.message_id, "webhook-timestamp": at}
        if secret := webhook_secret():
            headers["webhook-signature"] = sign(secret, message.message_id, at, body)
        request = urllib.request.Request(self._webhook.address(), body, headers, method="POST")
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=TIMEOUT_S) as response:
            response.read(1024)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def sign(secret: str, id: str, at: str, body: bytes) -> str:
    """Return the signature of a body, as https://www.standardwebhooks.com says; `at` is in seconds since 1970."""
    key = secret.encode()
    if secret.startswith(SECRET_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            key = secret.encode()
    digest = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def open_channels(settings: AlertSettings) -> list[Channel]:
    """Return the channels that the settings name."""
    email: list[Channel] = [EmailChannel(settings)] if settings.email else []
    return [*email, *(WebhookChannel(each) for each in settings.webhooks)]

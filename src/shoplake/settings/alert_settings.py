"""The settings of the section `[alerts]`, and the secrets of its channels, which only the environment has."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shoplake.errors import SettingsError
from shoplake.settings.locations import is_http_address
from shoplake.settings.settings_section import InvalidValueError

if TYPE_CHECKING:
    from shoplake.settings.settings_section import Section

NAMES = ("email", "from", "reminder", "webhooks")
WEBHOOK = ("url", "url_from", "format")
SECRET_HOSTS = ("hooks.slack.com",)
"""Hosts of which the address itself is the secret."""
SECURITY = ("starttls", "tls", "none")
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
UNITS = {"hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Webhook:
    """An address that messages are posted to: `url`, or the environment variable `url_from` that has it."""

    name: str
    url: str = ""
    url_from: str = ""
    format: str = "json"

    def address(self) -> str:
        """Return the address. Raises SettingsError where the environment lacks it or it is no HTTP address."""
        url = self.url or os.environ.get(self.url_from, "")
        if not url:
            raise SettingsError(
                f"The environment has no {self.url_from}, the address of alerts.webhooks.{self.name}. Set it."
            )
        if not is_http_address(url):
            raise SettingsError(
                f"{self.url_from} in the environment is no address that begins with https:// or http://."
            )
        return url


@dataclass(frozen=True)
class AlertSettings:
    """Where messages about incidents go; nowhere by default.

    `reminder_s` is after how many seconds a message repeats that an incident is still open.
    """

    email: tuple[str, ...] = ()
    sender: str = ""
    webhooks: tuple[Webhook, ...] = ()
    reminder_s: int = 86400


@dataclass(frozen=True)
class SmtpServer:
    """A mail server: `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "starttls"


def read_alert_settings(section: Section) -> AlertSettings:
    """Return the settings of the section. Raises InvalidValueError."""
    section.check_names(NAMES)
    email = section.texts("email")
    for address in email:
        _check_address("email", address)
    sender = section.text("from") if "from" in section else ""
    if email and not sender:
        raise InvalidValueError('alerts.email needs a sender. Write one: from = "shoplake@shop.example"')
    if sender:
        _check_address("from", sender)
    webhooks = tuple(_webhook(name, each) for name, each in section.sections("webhooks", "ops"))
    return AlertSettings(email, sender, webhooks, _seconds(section))


def smtp_server() -> SmtpServer:
    """Return the mail server that the variables `SHOPLAKE_SMTP_…` of the environment name. Raises SettingsError."""
    values = {name: os.environ.get(f"SHOPLAKE_SMTP_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD")}
    security = os.environ.get("SHOPLAKE_SMTP_SECURITY", "starttls")
    if not values["HOST"]:
        raise SettingsError("alerts.email needs a mail server. Set SHOPLAKE_SMTP_HOST in the environment.")
    if security not in SECURITY:
        raise SettingsError(f"SHOPLAKE_SMTP_SECURITY = {security!r} is none of {', '.join(SECURITY)}.")
    port = values["PORT"] or str(SMTP_PORTS[security])
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise SettingsError(f"SHOPLAKE_SMTP_PORT = {port!r} is no port.")
    if security == "none" and values["PASSWORD"]:
        raise SettingsError("SHOPLAKE_SMTP_PASSWORD is sent with TLS only. Set SHOPLAKE_SMTP_SECURITY=starttls or tls.")
    return SmtpServer(values["HOST"], int(port), values["USER"], values["PASSWORD"], security)


def webhook_secret() -> str:
    """Return what webhooks are signed with, from `SHOPLAKE_WEBHOOK_SECRET`; empty without."""
    return os.environ.get("SHOPLAKE_WEBHOOK_SECRET", "")


def _webhook(name: str, section: Section) -> Webhook:
    section.check_names(WEBHOOK)
    label = f"alerts.webhooks.{name}"
    if ("url" in section) == ("url_from" in section):
        raise InvalidValueError(f"{label} needs url, or url_from: the environment variable that has it.")
    format = section.choice("format", ("json", "slack"), "json")
    if "url_from" in section:
        return Webhook(name, url_from=section.text("url_from"), format=format)
    url = section.text("url")
    if not is_http_address(url):
        raise InvalidValueError(f"{label}.url = {url!r} is no address that begins with https:// or http://.")
    if urlsplit(url).hostname in SECRET_HOSTS or "@" in urlsplit(url).netloc:
        raise InvalidValueError(f'{label}.url is a secret. Put it into the environment: url_from = "SHOPLAKE_SLACK"')
    return Webhook(name, url, format=format)


def _check_address(name: str, address: str) -> None:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
        raise InvalidValueError(f'alerts.{name} = {address!r} is no address. Write one such as "data@shop.example".')


def _seconds(section: Section) -> int:
    text = section.text("reminder", "24 hours")
    match = re.fullmatch(r"\s*([1-9]\d{0,5})\s*(hour|day)s?\s*", text)
    if match is None:
        raise InvalidValueError(f'alerts.reminder = {text!r} is no duration. Write one such as "24 hours" or "3 days".')
    return int(match[1]) * UNITS[match[2]]

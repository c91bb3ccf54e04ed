"""What to do about a message that a channel did not deliver."""

from __future__ import annotations

import smtplib
import socket
import ssl
from urllib.error import HTTPError, URLError

from shoplake.errors import ShoplakeError
from shoplake.quality.alerts.channels import PartlyDeliveredError

LOGIN = "SHOPLAKE_SMTP_USER and SHOPLAKE_SMTP_PASSWORD"
TLS = "SHOPLAKE_SMTP_SECURITY and SHOPLAKE_SMTP_PORT"
REDIRECTS = range(300, 400)
ADVICE: tuple[tuple[type[BaseException], str], ...] = (
    (smtplib.SMTPAuthenticationError, f"The mail server refuses the login. Check {LOGIN}."),
    (smtplib.SMTPSenderRefused, "The mail server refuses the sender. Check from in [alerts]."),
    (
        smtplib.SMTPNotSupportedError,
        f"The mail server does not offer what is asked for: TLS, the login, or letters beyond ASCII. Check {TLS}.",
    ),
    (UnicodeEncodeError, f"A login of SMTP has ASCII alone. Check {LOGIN}."),
    (ssl.SSLCertVerificationError, "The server's certificate is not trusted, or of another name. Check the host."),
    (ssl.SSLError, f"The server speaks no TLS there. Check {TLS}, or whether the address begins with https://."),
    (smtplib.SMTPServerDisconnected, f"The mail server ended the connection. Check {TLS}."),
    (socket.gaierror, "There is no host of that name. Check the address."),
    (ConnectionRefusedError, "Nothing listens at that host and port. Check the address."),
    (TimeoutError, "No answer in time. Check the address, and whether a firewall is in between."),
)
"""Errors and what to do about them, the more special ones first."""


def advice(error: Exception) -> str:
    """Return a sentence or two about what is wrong and where to look; empty for an error that is not known.

    It names settings and addresses of recipients, and no secret: an address of a webhook may be one.
    """
    if isinstance(error, ShoplakeError):
        return str(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        refused = ", ".join(sorted(error.recipients))
        others = " All others have the message." if isinstance(error, PartlyDeliveredError) else ""
        return f"The mail server refuses {refused}.{others} Check email in [alerts]."
    if isinstance(error, HTTPError):
        more = "Redirects are not followed: write the address that it names." if error.code in REDIRECTS else ""
        return f"The address answers {error.code}. {more or 'Check it, and what the service expects.'}"
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        return advice(error.reason)
    return next((text for kind, text in ADVICE if isinstance(error, kind)), "")

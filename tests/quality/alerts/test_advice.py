import smtplib
import socket
import ssl
from email.message import Message
from urllib.error import HTTPError, URLError

import pytest

from shoplake.errors import SettingsError
from shoplake.quality.alerts.advice import ADVICE, advice
from shoplake.quality.alerts.channels import PartlyDeliveredError

REFUSED = {"b@x": (550, b"no"), "a@x": (550, b"no")}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SettingsError("Set SHOPLAKE_SLACK."), "Set SHOPLAKE_SLACK."),
        (
            smtplib.SMTPAuthenticationError(535, b"no"),
            "The mail server refuses the login. Check SHOPLAKE_SMTP_USER and",
        ),
        (smtplib.SMTPRecipientsRefused(REFUSED), "The mail server refuses a@x, b@x. Check email in [alerts]."),
        (PartlyDeliveredError(REFUSED), "The mail server refuses a@x, b@x. All others have the message. Check email"),
        (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), "A login of SMTP has ASCII alone."),
        (URLError(socket.gaierror(-2, "no")), "There is no host of that name."),
        (URLError(ConnectionRefusedError()), "Nothing listens at that host and port."),
        (ssl.SSLCertVerificationError(), "The server's certificate is not trusted"),
        (ssl.SSLError(), "The server speaks no TLS there."),
        (TimeoutError(), "No answer in time."),
    ],
)
def test_an_error_says_where_to_look(error, said):
    assert advice(error).startswith(said)


@pytest.mark.parametrize(("code", "more"), [(302, "Redirects are not followed"), (404, "Check it, and what")])
def test_an_answer_is_named_by_its_number_and_the_secret_address_is_not(code, more):
    text = advice(HTTPError("https://hooks.example/SECRET", code, "no", Message(), None))

    assert text.startswith(f"The address answers {code}. {more}")
    assert "SECRET" not in text


def test_an_unknown_error_has_no_advice_and_a_more_special_one_comes_first():
    kinds = [kind for kind, _ in ADVICE]

    assert advice(ValueError("secret")) == ""
    assert [b for n, a in enumerate(kinds) for b in kinds[n + 1 :] if issubclass(b, a)] == []

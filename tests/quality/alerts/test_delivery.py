import smtplib
import socket
import threading
from urllib.error import HTTPError

import pytest

from shoplake.quality.alerts.channels import WebhookChannel
from shoplake.quality.alerts.delivery import DEADLINE_S, deliver
from shoplake.quality.alerts.message import Message
from shoplake.settings.alert_settings import Webhook

from .servers import http_sink


class Recorded:
    name = "good"

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message.message_id)


class Failing:
    name = "bad"
    tried = 0

    def send(self, message):
        self.tried += 1
        raise ConnectionRefusedError


class Hanging:
    name, has_ended = "hangs", False

    def __init__(self):
        self.released = threading.Event()

    def send(self, message):
        self.released.wait(60)
        self.has_ended = True


def messages(*ids):
    return [Message(id, "", "", "{}") for id in ids]


def named(outcomes):
    """The class of each error."""
    return {id: error and type(error).__name__ for id, error in outcomes.items()}


def test_a_channel_that_hangs_delays_the_others_by_nothing_and_the_run_by_its_deadline():
    hanging, good = Hanging(), Recorded()

    outcomes = deliver({"hangs": messages("h"), "good": messages("g")}, {"hangs": hanging, "good": good}, 1)

    assert named(outcomes) == {"h": "TimeoutError", "g": None}
    assert (good.sent, hanging.has_ended) == (["g"], False)
    hanging.released.set()


def test_the_deadline_leaves_time_to_record_within_five_seconds():
    assert DEADLINE_S < 5


def test_the_first_error_of_a_channel_is_that_of_its_other_messages_which_are_not_tried():
    failing = Failing()

    outcomes = deliver({"bad": messages("a", "b")}, {"bad": failing}, 5)

    assert (named(outcomes), failing.tried) == (dict.fromkeys("ab", "ConnectionRefusedError"), 1)


@pytest.mark.parametrize(
    "error", [HTTPError("", 422, "", {}, None), smtplib.SMTPDataError(554, b"spam")], ids=["webhook", "email"]
)
def test_a_message_that_a_server_refuses_does_not_stop_those_behind_it(error):
    class Refusing(Recorded):
        def send(self, message):
            if message.message_id == "a":
                raise error
            super().send(message)

    outcomes = deliver({"good": messages("a", "b")}, {"good": (channel := Refusing())})

    assert (named(outcomes), channel.sent) == ({"a": type(error).__name__, "b": None}, ["b"])


def test_a_server_that_refuses_connections_is_an_error_of_its_channel():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    channel = WebhookChannel(Webhook("ops", f"http://127.0.0.1:{port}"))

    assert named(deliver({"ops": messages("a")}, {"ops": channel}, 5)) == {"a": "URLError"}


def test_a_server_that_accepts_and_never_answers_times_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        channel = WebhookChannel(Webhook("ops", f"http://127.0.0.1:{server.getsockname()[1]}"))

        assert named(deliver({"ops": messages("a")}, {"ops": channel}, 0.2)) == {"a": "TimeoutError"}


def test_a_slow_server_that_answers_in_time_has_the_message():
    with http_sink(delay_s=0.1) as server:
        outcomes = deliver({"ops": messages("a")}, {"ops": WebhookChannel(Webhook("ops", server.url))}, 60)

    assert (outcomes, len(server.received)) == ({"a": None}, 1)

from __future__ import annotations

import base64
import socket
from threading import Thread

from shoplake.operations.observe.http_sender import HttpSender

from .http_server import server

DOCUMENTS = [{"number": number} for number in range(20)]


def send_all(sender):
    for each in DOCUMENTS:
        sender.send(each)


def test_documents_arrive_in_their_order_with_the_headers():
    with server() as (url, received):
        sender = HttpSender(url, {"Authorization": "canary"})
        send_all(sender)
        sender.close()

    assert received == [("canary", each) for each in DOCUMENTS] and sender.problem == ""


def test_a_slow_server_delays_no_document_and_the_end_by_no_more_than_the_time_of_one():
    """The server has each of 20 documents for 0.3 seconds: they are not all there before that is over."""
    with server(delay_s=0.3) as (url, received):
        sender = HttpSender(url, timeout_s=0.5)
        send_all(sender)
        sent = len(received)
        sender.close()
        closed = len(received)

    assert sent <= closed < len(DOCUMENTS) and sender.problem


def test_a_sender_that_sent_nothing_has_nothing_to_wait_for():
    sender = HttpSender("http://127.0.0.1:9/")
    sender.close()

    assert sender.problem == ""


def test_user_and_password_of_the_address_are_sent_as_basic_authentication():
    with server() as (url, received):
        sender = HttpSender(url.replace("://", "://ann:p%40ss@"))
        sender.send(DOCUMENTS[0])
        sender.close()

    encoded = base64.b64encode(b"ann:p@ss").decode()
    assert received == [(f"Basic {encoded}", DOCUMENTS[0])] and sender.problem == ""


def test_a_server_that_speaks_no_http_is_a_problem():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = Thread(target=_answer_once, args=(listener,))
        answering.start()
        sender = HttpSender(f"http://127.0.0.1:{listener.getsockname()[1]}/v1/traces")
        sender.send(DOCUMENTS[0])
        sender.close()
        answering.join()

    assert sender.problem


def _answer_once(listener):
    """Answer as a collector that speaks gRPC alone."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"\x00\x00\x06\x04\x00\r\n")

import socket

import pytest

from shoplake.serve.address import AddressError, find_address


@pytest.fixture
def taken():
    """A port at which another server of shared ports listens."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_host_is_found_by_its_name():
    assert find_address("localhost", free_port()) in ("127.0.0.1", "::1")
    assert find_address("127.0.0.1", free_port()) == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_is_not_shared_with_another_server(taken, host):
    with pytest.raises(AddressError, match=rf"listens at port {taken} of {host} already.*--port PORT"):
        find_address(host, taken)


@pytest.mark.parametrize(
    ("host", "message"), [("999.1.1.1", "'999.1.1.1' is unknown"), ("192.0.2.1", "cannot listen at port")]
)
def test_a_host_that_is_not_of_this_machine_is_named(host, message):
    with pytest.raises(AddressError, match=message):
        find_address(host, free_port())

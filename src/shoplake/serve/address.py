"""The address that a server listens at."""

import errno
import socket

from shoplake.errors import ShoplakeError


class AddressError(ShoplakeError):
    """The server cannot listen at its address."""


def find_address(host: str, port: int) -> str:
    """Return the IP address of a host of this machine at whose port nobody listens.

    Workers share their port, and the workers of another server would share it too: each lake would then answer some of
    the requests for the other one. Raises AddressError.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise AddressError(f"The host '{host}' is unknown. Name one of this machine: --host 127.0.0.1") from error
    family, kind, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have ended are not in the way
        try:
            probe.bind(address)
        except OSError as error:
            raise AddressError(_explain(error, host, port)) from error
    return str(address[0])


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Something listens at port {port} of {host} already, perhaps another shoplake serve. "
            "End it, or choose another port: shoplake serve --port PORT"
        )
    return f"The server cannot listen at port {port} of {host}: {error.strerror}. Choose others: --host, --port"

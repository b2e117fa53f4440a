"""Ports that are free and stay ours while nothing listens there yet, or for a while."""

import socket

HOST = "127.0.0.1"


class ReservedPorts:
    """
    Free loopback ports, held by sockets that are bound and never listen.

    A server with SO_REUSEADDR (all of ours, and Docker) may bind and listen beside such a socket; no other process gets
    the port. Otherwise an outgoing connection could take the port of a server that is down at the moment.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def take(self) -> int:
        """One more port."""
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        self._sockets.append(holder)
        port: int = holder.getsockname()[1]
        return port

    def release(self) -> None:
        """Give all of them back."""
        while self._sockets:
            self._sockets.pop().close()

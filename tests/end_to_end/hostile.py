"""What the tests of hostile peers share: requests as raw bytes, and waiting for a condition."""
import contextlib
import os
import socket
import time

__all__ = ["SOON", "descriptors", "ended_by_peer", "listens", "post", "until"]

SOON = 6  # seconds: what must happen by a time-out of one happens within these


def post(fields, path="http://good.test/", method="POST"):
    return (f"{method} {path} HTTP/1.1\r\nHost: good.test\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n").encode()


def until(condition, seconds=SOON):
    """Whether it holds in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def descriptors(proxy):
    return len(os.listdir(f"/proc/{proxy.process.pid}/fd"))


def listens(proxy):
    with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", proxy.port)):
        return True
    return False


def ended_by_peer(port):
    """Whether somebody who is connected to that port has got the other's end, and has not closed yet."""
    close_wait = "08"
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(row[2] == f"0100007F:{port:04X}" and row[3] == close_wait for row in map(str.split, table))

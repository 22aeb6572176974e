"""WebSocket frames by hand (RFC 6455 5.2), and a server that echoes messages."""
import base64
import hashlib

import servers

ECHO_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # the example of RFC 6455 1.3


def frame(payload, kind=1, mask=False):
    size = len(payload)
    length = bytes([size | mask << 7]) if size < 126 else bytes([126 | mask << 7]) + size.to_bytes(2, "big")
    return bytes([0x80 | kind]) + length + (bytes(4) if mask else b"") + payload


def take_frames(data):
    """Takes the whole masked frames (with a mask of zeros) off the front of a bytearray: kind and payload of each."""
    frames = []
    while len(data) >= 4:
        size, at = data[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        if len(data) < at + 4 + size:
            break
        frames.append((data[0] & 0x0F, bytes(data[at + 4:at + 4 + size])))
        del data[:at + 4 + size]
    return frames


def echoing(connection):
    """Accepts one upgrade, and sends each masked frame back without its mask."""
    head = servers.Requests(connection).head()
    key = next(line.split(b":")[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    data = bytearray()
    while more := connection.recv(65536):
        data += more
        for kind, payload in take_frames(data):
            connection.sendall(frame(payload, kind))

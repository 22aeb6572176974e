"""Servers and clients that stall, reset, half-close, trickle, lie about lengths and talk nonsense. What each connection does is drawn from a
seed; each request has a path of its own, by which it is found again in the log."""
import asyncio
import contextlib
import random
import re
import socket
import ssl
import struct

from processes import PATIENCE

BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
TRICKLE = 1    # seconds between two bytes
LONGEST = 4    # seconds that a peer stalls or goes on trickling
SOME = 40_000  # bytes, more than one block or record


class Peer:
    """One end of a connection, and the ways in which it goes wrong."""

    def __init__(self, reader, writer, chance):
        self.reader, self.writer, self.chance = reader, writer, chance
        self.socket = writer.get_extra_info("socket")

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def send_in_pieces(self, data):
        while data:
            size = self.chance.randint(1, 2000)
            await self.send(data[:size])
            data = data[size:]
            await asyncio.sleep(0)

    async def trickle(self, data):
        for at in range(min(len(data), int(LONGEST / TRICKLE))):
            await self.send(data[at:at + 1])
            await asyncio.sleep(TRICKLE)

    async def stall(self):
        await asyncio.sleep(self.chance.uniform(0, LONGEST))

    def reset(self):
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def half_close(self):
        """FIN; under TLS without a close_notify."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    async def leave(self):
        """One of the ways to go."""
        how = self.chance.choice([self.reset, self.half_close, self.writer.close, self.stall])
        if (waiting := how()) is not None:
            await waiting

    async def drain(self):
        while await self.reader.read(65536):
            pass


class Server:
    """Serves one host badly; knows the paths of all requests whose heads reached it."""

    def __init__(self, seed, context=None):
        self._seed, self._context, self._count = seed, context, 0
        self._serving = set()
        self.seen = set()
        self.port = 0

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._count += 1
        self._serving.add(asyncio.current_task())
        peer = Peer(reader, writer, random.Random(f"{self._seed} server {self._count}"))
        try:
            async with asyncio.timeout(LONGEST * 4):
                await self._misbehave(peer)
        except BROKEN:
            pass
        finally:
            peer.reset()
            self._serving.discard(asyncio.current_task())

    async def _misbehave(self, peer):
        if peer.chance.random() < 0.1:  # before anything is said
            await peer.leave()
            return
        if self._context:
            if peer.chance.random() < 0.1:
                await peer.send(peer.chance.choice([b"SSH-2.0-chaos\r\n", b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x03\x40\x00\x02", b"\0" * 100]))
                await peer.leave()
                return
            await peer.writer.start_tls(self._context)
        while True:
            head = await peer.reader.readuntil(b"\r\n\r\n")
            self.seen.add(head.split(b" ")[1].decode().rsplit("/", 1)[1])
            if peer.chance.random() < 0.7 and (length := re.search(rb"(?i)\r\ncontent-length: (\d+)", head)):
                await peer.reader.readexactly(int(length[1]))
            if not await self._answer(peer):
                return

    async def _answer(self, peer):
        """Whether it was a proper answer, after which another request may come."""
        ok, body = b"HTTP/1.1 200 OK\r\n", b"x" * peer.chance.choice([0, 5, SOME, 20 * SOME])
        whole = ok + b"Content-Length: %d\r\n\r\n" % len(body) + body
        match peer.chance.randint(0, 17):
            case 0 | 1 | 2 | 3:
                await peer.send_in_pieces(whole)
                return True
            case 4:
                await peer.send(ok + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (len(body) + 1) + body + b"y\r\n0\r\nTrailer: z\r\n\r\n")
                return True
            case 5:
                await peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" * peer.chance.choice([1, 3, 100]) + whole)
                return True
            case 6:
                await peer.trickle(whole)
            case 7:
                await peer.send(whole[:len(whole) // 2])
            case 8:
                await peer.send(ok + b"\r\n" + body)  # until close
                peer.half_close()
                return False
            case 9:
                await peer.send(ok + b"Content-Length: %d\r\n\r\n" % (len(body) + 7) + body)
            case 10:
                await peer.send(whole + b"more than was announced")
            case 11:
                await peer.send(ok + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n")
            case 12:
                await peer.send(ok + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef")
            case 13:
                await peer.send(peer.chance.randbytes(1000))
            case 14:
                await peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
            case 15:
                await peer.send(ok + b"X: " + b"y" * 80_000)
            case 16:
                await peer.stall()
            case 17:
                peer.half_close()
                await peer.drain()
        await peer.leave()
        return False


class Clients:
    """`at_once` of them, each followed by another, until they are cancelled. `ports` are the proxy's listeners: forward, reverse."""

    def __init__(self, seed, ports, ca_file, at_once):
        self._seed, self._ports, self._at_once = seed, ports, at_once
        self._trusting = ssl.create_default_context(cafile=ca_file)
        self.begun = 0
        self.stuck = []        # those that neither got what they waited for nor were let go
        self.answered = set()  # the paths of well-formed requests that got a response

    async def run(self):
        await asyncio.gather(*(self._one_after_the_other() for _ in range(self._at_once)))

    async def _one_after_the_other(self):
        while True:
            self.begun += 1
            await self._misbehave(self.begun)

    async def _misbehave(self, number):
        chance = random.Random(f"{self._seed} client {number}")
        way = chance.choice(["absolute", "gateway", "connect", "socks", "reverse", "https"])
        host = "plain.test" if way == "absolute" else chance.choice(["good.test", "good.test", "bad.test"])
        peer = None
        try:
            async with asyncio.timeout(PATIENCE):
                peer = Peer(*await asyncio.open_connection("127.0.0.1", self._ports[way == "reverse"]), chance)
                await self._talk(peer, way, host, number)
        except TimeoutError:
            self.stuck.append(number)
        except BROKEN:
            pass
        finally:
            if peer:
                peer.reset()

    async def _talk(self, peer, way, host, number):
        if peer.chance.random() < 0.05:
            await peer.leave()
            return
        if way in ("connect", "socks") and not await self._open_tunnel(peer, way, host):
            return
        base = {"absolute": f"http://{host}", "https": f"https://{host}", "gateway": f"/https://{host}"}.get(way, "")
        own = way in ("gateway", "reverse")
        await self._ask(peer, base, f"127.0.0.1:{self._ports[way == 'reverse']}" if own else host, number)

    async def _open_tunnel(self, peer, way, host):
        if way == "connect":
            opening = f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode()
        else:
            opening = b"\x05\x01\x00\x05\x01\x00\x03" + bytes([len(host)]) + host.encode() + (443).to_bytes(2)
        if peer.chance.random() < 0.1:
            await peer.send(opening[:peer.chance.randint(1, len(opening))])
            await peer.leave()
            return False
        await peer.send(opening)
        if way == "connect":
            await peer.reader.readuntil(b"\r\n\r\n")
        else:
            await peer.reader.readexactly(12)
        match peer.chance.randint(0, 9):
            case 0:
                await peer.leave()
                return False
            case 1:
                await peer.send(b"\x16\x03\x01\x02\x00\x01\x00" + peer.chance.randbytes(peer.chance.randint(0, 600)))
                await peer.leave()
                return False
            case 2:
                await peer.send(peer.chance.randbytes(100))
                await peer.stall()
                return False
        context = self._trusting if peer.chance.random() < 0.9 else ssl.create_default_context()
        await peer.writer.start_tls(context, server_hostname=host)
        return True

    async def _ask(self, peer, base, host, number):
        def head(method, fields="", part=""):
            return f"{method} {base}/{number}{part} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode()

        get, size = head("GET"), peer.chance.choice([1, 5, SOME, 10 * SOME])
        post, body = head("POST", f"Content-Length: {size}\r\n"), b"b" * size
        chunked = head("POST", "Transfer-Encoding: chunked\r\n")
        match peer.chance.randint(0, 15):
            case 0 | 1:
                await peer.send_in_pieces(get)
            case 2:
                await peer.send_in_pieces(post + body)
            case 3:
                await peer.send(chunked + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n")
            case 4:
                await peer.send(get + head("GET", part="b") + head("GET", part="c"))
            case 5:
                await peer.send(get)
                peer.half_close()
            case 6:
                await peer.send(head("GET", "Connection: Upgrade\r\nUpgrade: x\r\n"))
                await peer.send(b"not HTTP any more")
            case 7:
                await peer.send(post + body + b"more than was announced")
            case 8:
                await peer.send(get)
                await peer.stall()  # without reading
            case 9:
                await peer.send(chunked + b"5\r\nabcdefgh\r\n0\r\n\r\n")
            case 10:
                await peer.send(head("POST", "Content-Length: 5\r\nExpect: 100-continue\r\n"))
            case 11:
                await peer.trickle(post)
                return
            case 12:
                await peer.send(get[:peer.chance.randint(1, len(get) - 1)])
                return await peer.leave()
            case 13:
                await peer.send(post + body[:size // 2])
                return await peer.leave()
            case 14:
                await peer.send(post + body)
                return await peer.leave()
            case 15:
                await peer.send(peer.chance.choice([b"\0" * 50, b"GET \r\n\r\n", b"X" * 70_000, head("GET", "Content-Length: 1\r\nContent-Length: 2\r\n")]))
                return await peer.drain()
        await self._listen(peer, str(number))

    async def _listen(self, peer, path):
        while True:
            head = await peer.reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 "):
                raise AssertionError(f"no response: {head[:100]!r}")
            if not head.startswith(b"HTTP/1.1 1"):
                break
        self.answered.add(path)
        if peer.chance.random() < 0.3:
            return await peer.leave()
        await peer.drain()

"""Time-outs and limits: nobody holds a connection without using it, nobody takes all of them, and memory stays bounded."""
import contextlib
import os
import resource
import socket
import threading
import time
import unittest

from harness import SANITIZED, Case, main, servers
from hostile import descriptors, until
from over_http2 import over_http2
from processes import WHYTLS, run

SOON = 10  # seconds: what a time-out of one second ends happens within these
MEGABYTE = 1 << 20
IDLE = ("--idle-timeout", "1")


def trickle(send, data, pause=0.1):
    """A byte at a time until the other side has had enough."""
    with contextlib.suppress(OSError):
        while True:
            send(data)
            time.sleep(pause)


class Idle(Case):
    def ends(self, client):
        """Within its time-out, neither at once nor much later."""
        client.socket.settimeout(SOON)
        started = time.monotonic()
        client.until_close()
        self.assertGreater(time.monotonic() - started, 0.5)

    def test_a_pause_of_the_clients_upload_is_not_the_servers_silence(self):
        def handler(connection):
            requests = servers.Requests(connection)
            requests.head()
            connection.sendall(servers.ok(requests.body(2)))

        client = self.client(self.proxy("--response-timeout", "0.5", hosts={"good.test:80": self.server(handler)}))
        client.send(b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 2\r\n\r\na")
        time.sleep(1)
        client.send(b"b")
        response = client.receive()
        self.assertEqual((response.status, response.body), (200, b"ab"))

    def test_a_server_that_never_says_100_is_given_up_for_its_own_silence(self):
        client = self.client(self.proxy("--response-timeout", "0.5", hosts={"good.test:80": self.server(servers.silent)}))
        client.send(b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(client.receive().status, 504)

    def test_a_client_that_waits_for_100_is_told_of_the_servers_silence_not_of_its_own(self):
        """However short the client's own time-out is: 504 and not 408."""
        server = self.server(servers.silent)
        client = self.client(self.proxy("--idle-timeout", "0.3", "--response-timeout", "1", hosts={"good.test:80": server}))
        client.send(b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(client.receive().status, 504)

    def told(self, proxy, **expected):
        """The one request's line, which says like stderr that whytls ended it."""
        proxy.stderr.wait_for(r"ended by whytls after 1 s without a byte from either side; --idle-timeout 1")
        proxy.stop()
        line, = (line for line in proxy.log() if line["event"] == "request")
        expected |= {"ended_by": "idle_timeout", "idle_seconds": 1}
        self.assertEqual({name: line.get(name) for name in {*expected, "code"}}, {"code": None} | expected)
        return line

    def shouting(self, connection):
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                connection.sendall(data.upper())

    def test_a_client_that_says_nothing_is_let_go(self):
        self.ends(self.client(self.proxy(*IDLE)))

    def test_a_client_that_says_nothing_more_is_let_go(self):
        client = self.client(self.proxy(*IDLE, hosts={"good.test:80": self.server(servers.answering(servers.ok()))}))
        self.assertEqual(client.get("http://good.test/").status, 200)
        self.ends(client)

    def test_a_head_that_trickles_has_to_be_there_in_time(self):
        client = self.client(self.proxy(*IDLE))
        client.send(b"GET http://good.test/ HTTP/1.1\r\n")
        sending = threading.Thread(target=trickle, args=(client.send, b"a"), daemon=True)
        sending.start()
        self.ends(client)
        client.close()
        sending.join(SOON)

    def test_a_clients_body_that_stops_ends_its_connection(self):
        proxy = self.proxy(*IDLE, hosts={"good.test:80": self.server(servers.drain)})
        client = self.client(proxy)
        client.send(b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 100\r\n\r\nhalf")
        self.assertEqual(client.receive().status, 408)
        self.assert_ended(client)
        proxy.stderr.wait_for(r"the client stopped in the middle of its request: no byte of the body came for 1 s")

    def test_a_response_that_stops_is_cut_off_and_one_that_trickles_is_not(self):
        go_on = threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            for _ in range(12):
                connection.sendall(b"x")
                time.sleep(0.15)
            go_on.wait(60)

        proxy = self.proxy(*IDLE, hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        self.addCleanup(go_on.set)
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        client.receive_head()
        self.assertEqual(client.exactly(12), b"x" * 12)
        self.ends(client)
        self.told(proxy, status=200, code="upstream_timeout")

    def test_a_tunnel_without_a_byte_either_way_ends_and_one_in_use_lives(self):
        proxy = self.proxy(*IDLE, "--passthrough", "*", hosts={"good.test:443": self.server(self.shouting)})
        client = self.client(proxy).connect("good.test:443")
        for _ in range(10):
            client.send(b"a")
            self.assertEqual(client.exactly(1), b"A")
            time.sleep(0.15)
        self.ends(client)
        self.assertEqual(self.told(proxy, status=200)["method"], "CONNECT")

    def test_what_is_no_http_inside_an_intercepted_tunnel_ends_so_too(self):
        proxy = self.proxy(*IDLE, hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), self.shouting)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"\x10\x0e\x00\x04MQTT\x04")
        client.exactly(9)
        self.ends(client)

    def test_a_websocket_without_a_frame_either_way_ends(self):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            self.shouting(connection)

        proxy = self.proxy(*IDLE, hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 101)
        client.send(b"a")
        self.assertEqual(client.exactly(1), b"A")
        self.ends(client)
        line = self.told(proxy, status=101)
        self.assertEqual(line["websocket"]["close"], {"by": "whytls", "connection": "idle_timeout"})
        self.assertIn("101 idle time-out", run(WHYTLS, "log", proxy.log_file).stdout)

    def test_a_client_that_reads_nothing_is_let_go(self):
        gone = threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            with contextlib.suppress(OSError):
                while True:
                    connection.sendall(bytes(MEGABYTE))
            gone.set()

        client = self.client(self.proxy(*IDLE, hosts={"good.test:80": self.server(handler)}))
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertTrue(gone.wait(SOON), "the server is held for ever")

    def test_a_client_that_reads_no_interim_heads_is_let_go(self):
        gone = threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            with contextlib.suppress(OSError):
                for _ in range(60):
                    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nX: " + b"x" * 900_000 + b"\r\n\r\n")
                servers.drain(connection)
            gone.set()

        client = self.client(self.proxy(*IDLE, "--max-header", "1M", hosts={"good.test:80": self.server(handler)}))
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertTrue(gone.wait(SOON), "the server is held for ever")

    def test_a_client_that_reads_none_of_our_own_answers_is_let_go(self):
        proxy = self.proxy(*IDLE)
        open_before = descriptors(proxy)
        client = self.client(proxy)
        client.socket.settimeout(0.5)
        with contextlib.suppress(OSError):
            while True:
                client.send(b"GET http://why.tls/ HTTP/1.1\r\nHost: why.tls\r\n\r\n" * 100)
        self.assertTrue(until(lambda: descriptors(proxy) <= open_before, SOON), "its connection stays open")


class Heads(Case):
    def get(self, proxy, field):
        return self.client(proxy).request(f"GET http://good.test/ HTTP/1.1\nHost: good.test\nX: {field}")

    def test_max_header_bounds_requests_and_responses(self):
        long = self.server(servers.answering(servers.ok(fields=b"X: " + b"x" * 3000 + b"\r\n")))
        hosts = {"good.test:80": self.server(servers.answering(servers.ok())), "long.test:80": long}
        small, standard = self.proxy("--max-header", "2K", hosts=hosts), self.proxy(hosts=hosts)
        self.assertEqual(self.get(small, "x" * 1000).status, 200)
        self.assertEqual(self.get(small, "x" * 3000).status, 431)
        self.assertEqual(self.client(small).get("http://long.test/").status, 502)
        self.assertEqual(self.get(standard, "x" * 3000).status, 200)
        self.assertEqual(self.client(standard).get("http://long.test/").status, 200)


class ManyConnections(Case):
    def test_a_client_with_too_many_connections_is_told_and_has_its_place_back_when_some_end(self):
        proxy = self.proxy("--max-connections-per-client", "2", "--workers", "2",
                           hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        first, second = self.client(proxy), self.client(proxy)
        for client in (first, second):
            self.assertEqual(client.get("http://good.test/").status, 200)
        for _ in range(2):
            third = self.client(proxy)
            third.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
            refused = third.receive()
            self.assertEqual((refused.status, refused["Connection"]), (503, "close"))
            self.assertIn("127.0.0.1 has more than 2 connections open", refused.text)
            self.assertIn("whytls; ", refused["Proxy-Status"])
            third.close()
        first.close()
        second.close()

        def served():
            client = self.client(proxy)
            try:
                return client.get("http://good.test/").status == 200
            except (EOFError, OSError):  # far above the limit a connection is closed without a word
                return False
            finally:
                client.close()

        deadline = time.monotonic() + SOON
        while not served():
            self.assertLess(time.monotonic(), deadline, "places are not given back")
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("--max-connections-per-client"), 1, "told once in ten seconds")
        self.assertEqual([line["what"] for line in proxy.log() if line["event"] == "proxy"], ["started", "connections refused", "stopped"])

    @unittest.skipIf(SANITIZED, "the sanitizer itself needs descriptors")
    def test_clients_wait_while_descriptors_are_out_and_are_served_when_some_are_free(self):
        proxy = self.proxy("--workers", "1", hosts={"good.test:80": self.server(servers.answering(servers.ok()))})
        limit = len(os.listdir(f"/proc/{proxy.process.pid}/fd")) + 24
        resource.prlimit(proxy.process.pid, resource.RLIMIT_NOFILE, (limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        idle = [self.client(proxy) for _ in range(limit)]
        waiting = [self.client(proxy) for _ in range(20)]
        for client in waiting:
            client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\nConnection: close\r\n\r\n")
        proxy.stderr.wait_for("file descriptors run out: new clients wait until some connections end")
        before = processor_time(proxy)
        waiting[-1].socket.settimeout(1)
        with self.assertRaises(TimeoutError):
            waiting[-1].receive_head()
        self.assertLess(processor_time(proxy) - before, 0.3, "it spins")
        for client in idle:
            client.close()
        for client in waiting:
            client.socket.settimeout(SOON)
            self.assertEqual(client.receive().status, 200, "a client that waited was dropped")


def processor_time(proxy):
    """Seconds that it has used, in all its threads."""
    with open(f"/proc/{proxy.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Memory(Case):
    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is not the proxy's")
    def test_a_stalled_connection_of_any_kind_holds_little(self):
        """Heads that do not end, responses and tunnels that nobody reads, in the clear and under TLS: 40 of each."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"

        def flood(first=b""):
            def handler(connection):
                if first:
                    servers.Requests(connection).head()
                with contextlib.suppress(OSError):
                    connection.sendall(first)
                    while True:
                        connection.sendall(bytes(MEGABYTE))
            return handler

        hosts = {"plain.test:80": self.server(flood(head)), "tls.test:443": self.tls_server(self.pki.leaf("tls.test"), flood(head)),
                 "raw.test:443": self.server(flood()), "head.test:80": self.server(flood(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60_000))}
        proxy = self.proxy("--passthrough", "raw.test", hosts=hosts)
        before, count = proxy.peak_memory(), 40
        for _ in range(count):
            self.client(proxy).send(b"GET http://plain.test/ HTTP/1.1\r\nHost: plain.test\r\n\r\n")
            self.client(proxy).send(b"GET http://plain.test/ HTTP/1.1\r\nHost: plain.test\r\nX: " + b"x" * 60_000)
            self.client(proxy).send(b"GET http://head.test/ HTTP/1.1\r\nHost: head.test\r\n\r\n")
            self.client(proxy).send(b"CONNECT raw.test:443 HTTP/1.1\r\nHost: raw.test\r\n\r\n")
            self.tls_client(proxy, "tls.test").send(b"GET / HTTP/1.1\r\nHost: tls.test\r\n\r\n")
        time.sleep(2)  # until all pipes are full
        each = (proxy.peak_memory() - before) / (5 * count)
        print(f"a stalled connection holds {each / 1024:.0f} kB on average")
        self.assertLess(each, 512 * 1024)


HeadsOverHttp2 = over_http2(Heads)
# Not over HTTP/2: what ends before its first request, protocols that are not HTTP, and what is asked for in bytes that are not waited for.
IdleOverHttp2 = over_http2(
    Idle, "test_a_client_that_reads_none_of_our_own_answers_is_let_go", "test_a_client_that_says_nothing_is_let_go",
    "test_a_head_that_trickles_has_to_be_there_in_time",
    "test_a_response_that_stops_is_cut_off_and_one_that_trickles_is_not", "test_a_tunnel_without_a_byte_either_way_ends_and_one_in_use_lives",
    "test_a_websocket_without_a_frame_either_way_ends", "test_what_is_no_http_inside_an_intercepted_tunnel_ends_so_too")


if __name__ == "__main__":
    main()

"""Signals: what runs may finish, what waits is let go, and a second signal waits for nothing."""
import fcntl
import os
import signal
import socket
import termios
import threading
import time

from harness import PATIENCE, Case, main, servers
from over_http2 import over_http2


class Stopping(Case):
    def slow_download(self):
        """A response that stands half-way until `go` is set: the proxy, the client that has the first half, and `go`."""
        go = threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            go.wait(60)
            connection.sendall(b"67890")

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        self.addCleanup(go.set)
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        client.receive_head()
        self.assertEqual(client.exactly(5), b"12345")
        return proxy, client, go

    def wait_until_there(self, path, text=""):
        """Returns once the file is there and holds the text."""
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(path) or text not in self.read(path):
            self.assertLess(time.monotonic(), deadline, f"{path} did not come, or without {text!r}")
            time.sleep(0.01)

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def wait_until_refusing(self, proxy):
        """Returns once the proxy takes no more connections, which is how it shows that a signal has arrived."""
        while True:
            try:
                socket.create_connection(("127.0.0.1", proxy.port), 5).close()
            except OSError:
                return

    def stop_at_once(self, proxy):
        proxy.process.send(signal.SIGTERM)
        self.wait_until_refusing(proxy)
        proxy.process.send(signal.SIGTERM)
        self.assertEqual(proxy.process.wait(), 0)

    def test_a_response_under_way_may_finish(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            proxy, client, go = self.slow_download()
            proxy.process.send(number)
            self.wait_until_refusing(proxy)
            go.set()
            self.assertEqual(client.exactly(5), b"67890")
            self.assert_ended(client)
            self.assertEqual(proxy.process.wait(), 0)
            self.assertEqual([line["status"] for line in proxy.log() if line["event"] == "request"], [200])

    def test_a_hang_up_is_a_daemons_sign_to_open_its_log_again(self):
        server = self.server(servers.answering(servers.ok()))
        proxy = self.proxy(hosts={"plain.test:80": server}, start_new_session=True)
        self.client(proxy).get("http://plain.test/1")
        self.wait_until_there(proxy.log_file, "http://plain.test/1")  # a line follows the end of its response
        moved = proxy.log_file + ".moved"
        os.rename(proxy.log_file, moved)
        proxy.process.send(signal.SIGHUP)
        self.wait_until_there(proxy.log_file)
        self.client(proxy).get("http://plain.test/2")
        proxy.stop()
        self.assertEqual([line["url"] for line in proxy.log() if line["event"] == "request"], ["http://plain.test/2"])
        self.assertIn("http://plain.test/1", self.read(moved))

    def test_the_end_of_its_terminal_ends_it_as_a_signal_to_stop_does(self):
        server = self.server(servers.answering(servers.ok()))
        terminal, inside = os.openpty()
        proxy = self.proxy(hosts={"plain.test:80": server}, start_new_session=True,
                           preexec_fn=lambda: fcntl.ioctl(inside, termios.TIOCSCTTY, 0))
        os.close(inside)
        self.client(proxy).get("http://plain.test/")
        os.close(terminal)
        self.assertEqual(proxy.process.wait(), 0)
        self.assertEqual([line.get("url") or line["what"] for line in proxy.log() if line["event"] != "upstream_handshake"][-2:],
                         ["http://plain.test/", "stopped"])

    def test_a_second_signal_stops_at_once(self):
        proxy, client, go = self.slow_download()
        proxy.process.send(signal.SIGTERM)
        self.wait_until_refusing(proxy)
        self.assertTrue(proxy.process.running)
        proxy.process.send(signal.SIGTERM)
        self.assertEqual(proxy.process.wait(4), 0)  # less than the five seconds that the response would have had
        self.assertFalse(go.is_set())
        self.assertEqual(client.until_close(), b"")

    def test_what_the_stop_itself_cuts_off_is_no_fault_of_client_or_server(self):
        proxy, client, _ = self.slow_download()
        self.stop_at_once(proxy)
        line = next(line for line in proxy.log() if line["event"] == "request")
        self.assertEqual((line["ended_by"], line.get("code")), ("stop", None))

        reached = threading.Event()

        def silent(connection):
            connection.recv(65536)
            reached.set()
            servers.drain(connection)

        proxy = self.proxy(hosts={"good.test:443": self.server(silent)})
        client = self.client(proxy)
        client.send(f"GET /https://good.test/ HTTP/1.1\r\nHost: localhost:{proxy.port}\r\n\r\n".encode())
        self.assertTrue(reached.wait(PATIENCE))
        self.stop_at_once(proxy)
        self.assertEqual([line.get("code") for line in proxy.log()], [None] * len(proxy.log()), proxy.log())
        self.assertNotIn("closed the connection", proxy.stderr.text)

    def test_idle_connections_do_not_delay_the_end(self):
        ways = {"before a request": self.client, "inside a tunnel, before a request": lambda proxy: self.tls_client(proxy, "good.test"),
                "inside a tunnel, between requests": lambda proxy: self.tls_client(proxy, "good.test").get("/"),
                "before a handshake": lambda proxy: self.client(proxy).connect("good.test:443")}
        for where, connect in ways.items():
            with self.subTest(where):
                proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
                connect(proxy)
                proxy.process.send(signal.SIGTERM)
                self.assertEqual(proxy.process.wait(4), 0)

    def switched(self):
        """An open WebSocket over which one message has passed each way: the proxy and the client."""
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi")
            servers.drain(connection)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET /socket HTTP/1.1\r\nHost: good.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        self.assertEqual((client.receive_head()[0], client.exactly(4)), (101, b"\x81\x02hi"))
        return proxy, client

    def streaming(self):
        """An open stream of server-sent events, of which one has passed."""
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
            servers.drain(connection)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"), handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET /events HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertEqual((client.receive_head()[0], client.exactly(9)), (200, b"data: 1\n\n"))
        return proxy, client

    def test_what_never_ends_by_itself_has_five_seconds_and_is_told_in_the_log(self):
        websocket, stream = self.switched(), self.streaming()
        began = time.monotonic()
        for proxy, _ in (websocket, stream):
            proxy.process.send(signal.SIGTERM)
        for proxy, client in (websocket, stream):
            self.assertEqual(proxy.process.wait(20), 0)
            self.assertEqual(client.until_close(), b"")
        self.assertGreaterEqual(time.monotonic() - began, 4.5)
        [line] = [line for line in websocket[0].log() if line["event"] == "request"]
        self.assertEqual((line["status"], line["url"], line["websocket"]["received"]["messages"]), (101, "https://good.test/socket", 1))
        self.assertEqual(line["websocket"]["close"], {"by": "none", "connection": "broken"})
        [line] = [line for line in stream[0].log() if line["event"] == "request"]
        self.assertEqual((line["status"], line["url"], line["response_bytes"]), (200, "https://good.test/events", 9))

    def test_a_response_that_never_ends_is_cut_after_five_seconds(self):
        proxy, client, _ = self.slow_download()
        proxy.process.send(signal.SIGTERM)
        self.assertEqual(proxy.process.wait(20), 0)
        self.assertEqual(client.until_close(), b"")


# Not over HTTP/2: signals that are about no connection, a WebSocket, and the five seconds again.
StoppingOverHttp2 = over_http2(
    Stopping, "test_a_hang_up_is_a_daemons_sign_to_open_its_log_again", "test_the_end_of_its_terminal_ends_it_as_a_signal_to_stop_does",
    "test_what_never_ends_by_itself_has_five_seconds_and_is_told_in_the_log", "test_a_response_that_never_ends_is_cut_after_five_seconds")


if __name__ == "__main__":
    main()

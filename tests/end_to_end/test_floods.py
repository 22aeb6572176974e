"""Peers that say nothing in millions of TLS records, or very little in many: nobody else waits for them."""
import contextlib
import os
import socket
import ssl
import subprocess
import tempfile
import threading

from harness import PATIENCE, SANITIZED, Case, Client, main, servers
from processes import BUILD

LONGEST_WAIT = 0.05 * (20 if SANITIZED else 1)  # seconds of the proxy's own work
RECORDS = 3_000_000


def work(proxy):
    """Seconds that the proxy's threads have run, however busy the machine is."""
    total, tasks = 0, f"/proc/{proxy.process.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def keep_secrets(directory):
    """A function that has a context write its secrets, and the file."""
    file = os.path.join(tempfile.mkdtemp(dir=directory), "keys")

    def configure(context):
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.keylog_filename = file
        if context.protocol == ssl.PROTOCOL_TLS_SERVER:
            context.num_tickets = 0

    return configure, file


class Floods(Case):
    def flood(self, connection, keys, label, kind, sequence):
        """Goes on with a TLS connection; the running flood."""
        with open(keys, encoding="ascii") as file:
            secret = next(line.split()[2] for line in file if line.startswith(label))
        with socket.socket(fileno=os.dup(connection.fileno())) as raw:
            raw.setblocking(True)
            flood = subprocess.Popen([os.path.join(BUILD, "whytls-flood"), str(raw.fileno()), secret, str(sequence), str(RECORDS), kind],
                                     pass_fds=[raw.fileno()], stdout=subprocess.PIPE, text=True)

        def end():
            flood.kill()
            flood.wait(PATIENCE)
            flood.stdout.close()

        self.addCleanup(end)
        return flood

    def flooding_server(self, kind, response):
        """Answers the first request with `response` and floods; the server and an event that says so."""
        configure, keys = keep_secrets(self.directory)
        flooded, over = threading.Event(), threading.Event()
        first = threading.Lock()

        def handler(connection):
            requests = servers.Requests(connection)
            while requests.head():
                connection.sendall(response)
                if first.acquire(blocking=False):
                    flood = self.flood(connection._connection, keys, "SERVER_TRAFFIC_SECRET_0", kind, 1)
                    flood.stdout.readline()  # the kernel takes no more, or the proxy is done with this connection
                    flooded.set()
                    over.wait(PATIENCE)
                    return

        server = self.tls_server(self.pki.leaf("good.test"), handler, configure)
        self.addCleanup(over.set)
        return server, flooded

    def longest_wait(self, proxy, times=20):
        longest = 0
        for _ in range(times):
            with contextlib.closing(Client(proxy)) as other:
                before = work(proxy)
                self.assertEqual(other.get("/proxy.pac", host=f"127.0.0.1:{proxy.port}").status, 200)
                longest = max(longest, work(proxy) - before)
        return longest

    def assert_others_are_served(self, proxy):
        self.assertLess(self.longest_wait(proxy), LONGEST_WAIT)

    def test_what_a_server_says_between_two_responses_ends_the_reuse_of_its_connection(self):
        for kind in ("update", "empty"):
            with self.subTest(kind):
                server, flooded = self.flooding_server(kind, servers.ok())
                proxy = self.proxy("--workers", "1", hosts={"good.test:443": server})
                client = self.tls_client(proxy, "good.test")
                self.assertEqual(client.get("/1", "good.test").body, b"hello")
                self.assertTrue(flooded.wait(PATIENCE))
                before = work(proxy)
                self.assertEqual(client.get("/2", "good.test").body, b"hello")
                self.assertLess(work(proxy) - before, LONGEST_WAIT)
                self.assertEqual(server.connections, 2)

    def test_a_response_that_does_not_come_for_records_without_content_lets_others_be_served(self):
        for kind in ("update", "asking", "empty"):
            with self.subTest(kind):
                server, flooded = self.flooding_server(kind, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
                proxy = self.proxy("--workers", "1", hosts={"good.test:443": server})
                clients = [self.tls_client(proxy, "good.test")]
                clients[0].send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
                clients[0].receive_head()
                flooded.wait(1)
                self.assert_others_are_served(proxy)

    def test_a_body_in_records_of_one_byte_lets_others_be_served(self):
        server, flooded = self.flooding_server("byte", b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n")
        proxy = self.proxy("--workers", "1", hosts={"good.test:443": server})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        client.receive_head()
        # To decrypt millions of records is more than this process could do beside all else.
        undeciphered = socket.socket(fileno=os.dup(client.socket.fileno()))
        self.addCleanup(undeciphered.close)
        undeciphered.setblocking(True)
        reading = threading.Thread(target=servers.drain, args=(undeciphered,), daemon=True)
        reading.start()
        flooded.wait(1)
        self.assert_others_are_served(proxy)
        proxy.stop()
        reading.join(PATIENCE)

    def test_a_client_that_floods_lets_others_be_served(self):
        proxy = self.proxy("--workers", "1", hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        for kind, said in (("update", b""), ("empty", b""), ("update", b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 9\r\n\r\n"),
                           ("byte", b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 3000000\r\n\r\n")):
            with self.subTest(kind, said=said[:4]):
                configure, keys = keep_secrets(self.directory)
                client = self.client(proxy).connect("good.test:443").start_tls("good.test", configure=configure)
                if said:
                    client.send(said)
                self.flood(client.socket, keys, "CLIENT_TRAFFIC_SECRET_0", kind, 1 if said else 0)
                self.assert_others_are_served(proxy)

    def test_a_flood_inside_a_tunnel_of_another_protocol_lets_others_be_served(self):
        server, flooded = self.flooding_server("update", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
        proxy = self.proxy("--workers", "1", hosts={"good.test:443": server})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 101)
        flooded.wait(1)
        self.assert_others_are_served(proxy)

    def test_many_requests_at_once_let_others_be_served(self):
        proxy = self.proxy("--workers", "1")
        client = self.client(proxy)
        one = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

        def send():
            with contextlib.suppress(OSError):
                client.send(one * 50_000)

        def read():
            with contextlib.suppress(OSError):
                while client.socket.recv(1 << 20):
                    pass

        threads = [threading.Thread(target=each, daemon=True) for each in (send, read)]
        for thread in threads:
            thread.start()
        self.assert_others_are_served(proxy)
        client.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(PATIENCE)

    def test_small_chunks_let_others_be_served(self):
        def handler(connection):
            servers.Requests(connection).head()
            with contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while True:
                    connection.sendall(b"1\r\nx\r\n" * 100_000)

        proxy = self.proxy("--workers", "1", hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")

        def read():
            with contextlib.suppress(OSError):
                while client.socket.recv(1 << 20):
                    pass

        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        self.assert_others_are_served(proxy)
        client.socket.shutdown(socket.SHUT_RDWR)
        reading.join(PATIENCE)


if __name__ == "__main__":
    main()

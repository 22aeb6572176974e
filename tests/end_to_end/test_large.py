"""Large bodies pass whole, in constant memory."""
import hashlib
import os
import threading
import unittest

from harness import SANITIZED, Case, main, servers

MEGABYTE = 1 << 20


class Large(Case):
    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is not the proxy's")
    def test_a_download_of_1_gb_holds_memory_flat(self):
        server = self.started(servers.Nginx(os.path.join(self.directory, "nginx"), "location / { }", self.pki.leaf("good.test")))
        with open(os.path.join(server.directory, "large"), "wb") as file:
            file.truncate(1 << 30)  # sparse
        proxy = self.proxy(hosts={"good.test:443": server})
        done = self.curl(proxy, "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{time_total}", "https://good.test/large")
        self.assertEqual(done.returncode, 0, done.stderr)
        status, size, seconds = done.stdout.decode().split()
        peak = proxy.peak_memory()
        print(f"1 GB in {seconds} s, peak resident memory {peak / MEGABYTE:.1f} MB")
        self.assertEqual((status, int(size)), ("200", 1 << 30))
        self.assertLess(peak, 64 * MEGABYTE)

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is not the proxy's")
    def test_a_client_that_does_not_read_holds_the_server_back(self):
        sent, stopped = [], threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            block = b"x" * MEGABYTE
            connection.settimeout(2)  # a full pipe is what is waited for
            try:
                while len(sent) < 1000:
                    connection.sendall(block)
                    sent.append(len(block))
            except TimeoutError:
                stopped.set()

        proxy = self.proxy(hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        client.send(b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
        client.receive_head()
        self.assertTrue(stopped.wait(60), "the server could send without end")
        print(f"{len(sent)} MB were sent before it stopped, peak resident memory {proxy.peak_memory() / MEGABYTE:.1f} MB")
        self.assertLess(len(sent), 100)
        self.assertLess(proxy.peak_memory(), 64 * MEGABYTE)

    def test_an_upload_of_100_mb_arrives_whole(self):
        size = (10 if SANITIZED else 100) * MEGABYTE
        path = os.path.join(self.directory, "upload")
        digest = hashlib.sha256()
        with open(path, "wb") as file:
            for _ in range(size // MEGABYTE):
                block = os.urandom(MEGABYTE)
                digest.update(block)
                file.write(block)

        def handler(connection):
            requests = servers.Requests(connection)
            head = requests.head()
            if b"100-continue" in head:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            received, left = hashlib.sha256(), size
            while left > 0 and (block := requests.body(min(left, 65536))):
                received.update(block)
                left -= len(block)
            connection.sendall(servers.ok(received.hexdigest().encode()))

        proxy = self.proxy(hosts={"good.test:443": self.started(Quiet(self.pki.leaf("good.test"), handler))})
        answer = self.curl_body(proxy, "-T", path, "https://good.test/upload")
        self.assertEqual(answer.decode(), digest.hexdigest())
        if not SANITIZED:
            self.assertLess(proxy.peak_memory(), 64 * MEGABYTE)


class Quiet(servers.TlsServer):
    """Keeps nothing of what it receives."""

    def _record(self, data):
        pass


if __name__ == "__main__":
    main()

"""Requests that come back to the proxy that sent them are answered, and do not go round until the connections run out."""
import socket
import threading

from harness import Case, main, servers
from over_http2 import over_http2


class Junction:
    """A port that is known before it is known where it leads."""

    def __init__(self):
        self.to = None
        self.connections = 0
        self.server = servers.Server(self._serve)
        self.port = self.server.port

    def _serve(self, connection):
        self.connections += 1
        with socket.create_connection(("127.0.0.1", self.to)) as there:
            back = threading.Thread(target=self._pump, args=(there, connection), daemon=True)
            back.start()
            self._pump(connection, there)
            back.join()

    @staticmethod
    def _pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        self.server.stop()


class Loops(Case):
    def circle(self, *options):
        """A reverse listener that leads through another one back to itself, each a process of its own."""
        junction = self.started(Junction())
        first = self.proxy("--reverse", f"http://127.0.0.1:{junction.port}", "--workers", "1", *options)
        second = self.proxy("--reverse", f"http://127.0.0.1:{first.port}", "--workers", "1")
        junction.to = second.port
        return junction, first

    def test_two_reverse_listeners_at_each_other_are_told_as_a_circle(self):
        junction, first = self.circle()
        response = self.client(first).get("/x", host=f"127.0.0.1:{first.port}")
        self.assertEqual(response.status, 502)
        self.assertIn("goes in a circle", response.text)
        self.assertIn("proxy_loop", response.text)
        self.assertLess(junction.connections, 200)

    def test_a_server_on_this_machine_sees_no_mark_of_whytls(self):
        asked = []

        def handler(connection):
            asked.append(servers.Requests(connection).head())
            connection.sendall(servers.ok())

        server = self.server(handler)
        proxy = self.proxy("--reverse", f"http://127.0.0.1:{server.port}")
        self.assertEqual(self.client(proxy).get("/", host=f"127.0.0.1:{proxy.port}").status, 200)
        self.assertNotIn("whytls-", str(asked))

    def test_the_own_listener_is_recognised_by_each_address_that_leads_to_it(self):
        proxy = self.proxy()
        for address in ("127.0.0.1", "0.0.0.0", "[::ffff:0:0]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "localhost"):
            with self.subTest(address):
                response = self.client(proxy).get(f"http://{address}:{proxy.port}/x", host=f"{address}:{proxy.port}")
                self.assertIn("proxy_loop", response["Proxy-Status"] or "", response.text)


# Not over HTTP/2: a URL of the listener itself asks it for its page there.
LoopsOverHttp2 = over_http2(Loops, "test_the_own_listener_is_recognised_by_each_address_that_leads_to_it")


if __name__ == "__main__":
    main()

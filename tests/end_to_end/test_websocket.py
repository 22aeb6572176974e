"""WebSockets through every way in, between real peers and to rude ones: what passes arrives, and the log tells what passed and who closed."""
import json
import os

from harness import Case, main, servers
from processes import SOURCE, WHYTLS, Process, environment, run

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(HERE, "clients", "websocket.js")
MODULES = {"NODE_PATH": os.path.join(SOURCE, "build", "node", "node_modules")}
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"
UPGRADE = b"GET /socket HTTP/1.1\r\nHost: ws.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


class EchoServer:
    def __init__(self, identity):
        self._process = Process(["node", PEER, "serve", identity.chain, identity.key], env=environment() | MODULES)
        self.port = int(self._process.stdout.wait_for(r"^listening on (\d+)$")[1])

    def stop(self):
        self._process.stop()


class WebSocketCase(Case):
    def echo(self, name="ws.test"):
        return self.started(EchoServer(self.pki.leaf(name)))

    def talk(self, proxy, url, close, *texts, through=None):
        done = run("node", PEER, "talk", url, through or "", close, *texts, env=environment() | MODULES | {"NODE_EXTRA_CA_CERTS": proxy.ca_file})
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def logged(self, proxy):
        """The one line of a request."""
        proxy.stop()
        lines = [line for line in proxy.log() if line["event"] == "request"]
        self.assertEqual(len(lines), 1, lines)
        return lines[0]


class Peers(WebSocketCase):
    def test_messages_of_every_kind_pass_a_tunnel_and_are_counted(self):
        proxy = self.proxy(hosts={"ws.test:443": self.echo()})
        [seen] = self.talk(proxy, "wss://ws.test/socket", "1000 done", "hello", "large", "fragments", "ping", "compressed " * 99, through=proxy.url)
        self.assertEqual(seen["echoes"], ["hello", "true 1048576", "abc", "are you there", "compressed " * 99])
        self.assertEqual((seen["extensions"], seen["code"]), ("permessage-deflate", 1000))
        line = self.logged(proxy)
        self.assertEqual((line["status"], line["url"]), (101, "https://ws.test/socket"))
        websocket = line["websocket"]
        self.assertEqual(websocket["close"], {"by": "client", "code": 1000, "reason": "done"})
        self.assertEqual(websocket["sent"]["kinds"], {"text": 3, "binary": 1, "continuation": 2, "ping": 1, "close": 1})
        self.assertEqual((websocket["sent"]["frames"], websocket["sent"]["messages"], websocket["received"]["messages"]), (8, 4, 4))
        self.assertEqual(websocket["received"]["kinds"]["pong"], 1)
        self.assertGreater(line["response_bytes"], websocket["received"]["bytes"])
        self.assertGreater(line["request_bytes"], websocket["sent"]["bytes"])

    def test_either_side_closes_with_its_code_and_the_table_of_the_log_shows_it(self):
        server = self.echo()
        for by, code, reason in (("client", 1001, ""), ("client", 4000, "tea time"), ("server", 1000, ""), ("server", 4000, "out of tea")):
            with self.subTest(by=by, code=code):
                proxy = self.proxy(hosts={"ws.test:443": server})
                closing = [f"{code} {reason}".strip()] if by == "client" else ["", f"close {code} {reason}".strip()]
                [seen] = self.talk(proxy, "wss://ws.test/", *closing, through=proxy.url)
                self.assertEqual((seen["code"], seen["reason"]), (code, reason))
                expected = {"by": by, "code": code} | ({"reason": reason} if reason else {})
                self.assertEqual(self.logged(proxy)["websocket"]["close"], expected)
                shown = run(WHYTLS, "log", proxy.log_file).stdout
                self.assertRegex(shown, rf"101 closed {code} .*ws\.test/\n" + (f" +the {by} closed it: {reason}\n" if reason else ""))

    def test_a_connection_that_is_reset_has_no_close_frame(self):
        proxy = self.proxy(hosts={"ws.test:443": self.echo()})
        [seen] = self.talk(proxy, "wss://ws.test/", "", "vanish", through=proxy.url)
        self.assertEqual(seen["code"], 1006)
        self.assertEqual(self.logged(proxy)["websocket"]["close"], {"by": "none", "connection": "broken"})

    def test_nginx_before_the_server_may_choose_what_the_client_offers(self):
        echo = self.echo()
        location = (f"location / {{ proxy_pass https://127.0.0.1:{echo.port}; proxy_http_version 1.1; proxy_ssl_verify off;"
                    "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }")
        nginx = self.started(servers.Nginx(os.path.join(self.directory, "nginx"), location, self.pki.leaf("ws.test")))
        proxy = self.proxy(hosts={"ws.test:443": nginx})
        [seen] = self.talk(proxy, "wss://ws.test/socket", "1000 done", "hello", through=proxy.url)
        self.assertEqual((seen["echoes"], seen["code"]), (["hello"], 1000))
        self.assertEqual(self.logged(proxy)["websocket"]["close"], {"by": "client", "code": 1000, "reason": "done"})

    def test_the_gateway_path_and_a_reverse_listener_carry_them_too(self):
        server = self.echo()
        for way, path in (("gateway", "https://ws.test/"), ("gateway by wss", "wss://ws.test/"), ("reverse", "")):
            with self.subTest(way=way):
                options = ["--reverse", "https://ws.test"] if way == "reverse" else []
                proxy = self.proxy(*options, hosts={"ws.test:443": server})
                url = f"ws://127.0.0.1:{proxy.port}/{path}"
                [seen] = self.talk(proxy, url, "1000", "hello")
                self.assertEqual((seen["echoes"], seen["code"]), (["hello"], 1000))
                self.assertEqual(self.logged(proxy)["websocket"]["close"], {"by": "client", "code": 1000})

    def test_a_failed_server_answers_the_upgrade_with_the_diagnosis(self):
        wrong = self.tls_server(self.pki.leaf("other.test"))
        for way in ("tunnel", "gateway", "reverse"):
            with self.subTest(way=way):
                options = ["--reverse", "https://ws.test"] if way == "reverse" else []
                proxy = self.proxy(*options, hosts={"ws.test:443": wrong})
                plain = f"ws://127.0.0.1:{proxy.port}/"
                url = {"tunnel": "wss://ws.test/", "gateway": plain + "https://ws.test/", "reverse": plain}[way]
                through = proxy.url if way == "tunnel" else None
                [seen] = self.talk(proxy, url, "read", through=through)
                self.assertEqual((seen["status"], json.loads(seen["body"])["code"]), (502, "hostname_mismatch"))
                [seen] = self.talk(proxy, url, "", through=through)
                self.assertEqual(seen["error"], "Unexpected server response: 502")


class RudePeers(WebSocketCase):
    def switched(self, handler, upgrade=UPGRADE, switch=SWITCH):
        """A proxy and a client behind a 101; `handler` says what the server does then."""

        def serve(connection):
            servers.Requests(connection).head()
            connection.sendall(switch)
            handler(connection)

        proxy = self.proxy(hosts={"ws.test:443": self.tls_server(self.pki.leaf("ws.test"), serve)})
        client = self.tls_client(proxy, "ws.test")
        client.send(upgrade)
        self.assertEqual(client.receive_head()[0], 101)
        return proxy, client

    def test_garbage_behind_the_101_passes_as_it_is_and_is_told(self):
        garbage = b"\x81\x02hi" + b"HTTP/1.1 500 Oops\r\n\r\n"

        def rude(connection):
            connection.sendall(garbage)
            servers.drain(connection)

        proxy, client = self.switched(rude)
        self.assertEqual(client.exactly(len(garbage)), garbage)
        client.close()
        received = self.logged(proxy)["websocket"]["received"]
        self.assertEqual(received, {"frames": 1, "messages": 1, "bytes": 2, "kinds": {"text": 1}, "malformed": True})

    def test_another_protocol_passes_without_being_looked_at(self):
        def echo(connection):
            while data := connection.recv(65536):
                connection.sendall(data)

        proxy, client = self.switched(echo, UPGRADE.replace(b"websocket", b"x"), SWITCH.replace(b"WebSocket", b"x"))
        client.send(b"\x81\x02hi")
        self.assertEqual(client.exactly(4), b"\x81\x02hi")
        client.close()
        line = self.logged(proxy)
        self.assertNotIn("websocket", line)
        self.assertEqual((line["request_bytes"], line["response_bytes"]), (4, 4))


if __name__ == "__main__":
    main()

"""Through a parent proxy (--upstream-proxy): tunnels, plain requests, and what is said when the parent does not let through."""
import base64
import json
import socket
import ssl
import subprocess
import threading

from harness import Case, main, servers
from over_http2 import over_http2
from processes import PATIENCE, WHYTLS, environment, run

SECRET = "s3cret-of-tests"


def parent_to(server, heads=None):
    """A handler of a parent proxy that opens every tunnel to `server`, and keeps the heads that it got."""
    heads = [] if heads is None else heads

    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def handler(connection):
        heads.append(servers.Requests(connection).head())
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as onward:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(onward, connection), daemon=True)
            back.start()
            pump(connection, onward)
            back.join(PATIENCE)

    return handler


class Parent(Case):
    def behind(self, parent, *options, user="", **named):
        port = parent if isinstance(parent, int) else parent.port
        return self.proxy("--upstream-proxy", f"http://{user}127.0.0.1:{port}", *options, env={"NO_PROXY": "", "no_proxy": ""}, **named)

    def behind_tls(self, identity, server, *options, handler=None, **named):
        """A proxy whose parent speaks TLS itself and is asked for as parent.test; and that parent."""
        parent = self.tls_server(identity, handler or parent_to(server))
        hosts = {f"parent.test:{parent.port}": parent}
        url = f"https://me:{SECRET}@parent.test:{parent.port}"
        return self.proxy("--upstream-proxy", url, *options, hosts=hosts, env={"NO_PROXY": "", "no_proxy": ""}, **named), parent

    def asked(self, proxy):
        return self.tls_client(proxy, "good.test").get("/", host="good.test", Accept="application/json").json

    def refused(self, handler, *options, user=""):
        """The report of a request whose parent proxy behaves like that."""
        proxy = self.behind(self.server(handler), *options, user=user)
        response = self.tls_client(proxy, "good.test").get("/", host="good.test", Accept="application/json")
        self.assertEqual(response.status, 502)
        self.assertNotIn(SECRET, response.text + proxy.stderr.text)
        self.assertEqual((response.json["code"], response.json["leg"]), ("upstream_proxy_refused", "upstream_proxy"))
        return response.json

    def test_the_parent_is_asked_for_the_name_and_gets_the_credentials(self):
        heads = []
        server = self.tls_server(self.pki.leaf("good.test"))
        proxy = self.behind(self.server(parent_to(server, heads)), user=f"me:{SECRET}@")
        self.assertEqual(self.tls_client(proxy, "good.test").get("/", host="good.test").body, b"hello")
        head = bytes(heads[0])
        self.assertTrue(head.startswith(b"CONNECT good.test:443 HTTP/1.1\r\n"), head)
        self.assertIn(b"Proxy-Authorization: Basic " + base64.b64encode(f"me:{SECRET}".encode()), head)
        proxy.stop()
        self.assertNotIn(SECRET, proxy.stderr.text + json.dumps(proxy.log()))

    def test_another_whytls_can_be_the_parent(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        parent = self.proxy("--passthrough", "*", hosts={"good.test:443": server})
        self.assertEqual(self.curl_body(self.behind(parent), "https://good.test/"), b"hello")

    def test_a_parent_that_is_a_whytls_whose_ca_is_unknown_is_no_loop(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        parent = self.proxy(hosts={"good.test:443": server})
        none = {"NO_PROXY": "", "no_proxy": ""}
        for proxy, says in ((self.behind(parent), f"The parent proxy 127.0.0.1:{parent.port} is another whytls"),
                            (self.proxy("--upstream-proxy", f"https://127.0.0.1:{parent.port}", env=none), "The parent proxy failed: it is another whytls")):
            with self.subTest(says):
                report = self.asked(proxy)
                self.assertNotEqual(report["code"], "proxy_loop")
                self.assertIn(says, report["title"])
                self.assertIn("--add-trust", report["problems"][0]["fixes"][0]["command"])
                self.assertNotIn("for ever", json.dumps(report))
        trusting = self.behind(parent, "--add-trust", parent.ca_file)
        self.assertEqual(self.curl_body(trusting, "https://good.test/"), b"hello")

    def test_a_check_goes_through_the_parent(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        parent = self.server(parent_to(server))
        done = subprocess.run([WHYTLS, "check", "--trust", self.pki.trust, "--upstream-proxy", f"http://127.0.0.1:{parent.port}", "good.test"],
                              capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory}, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_plain_request_goes_in_absolute_form_without_the_clients_credentials(self):
        heads = []

        def handler(connection):
            heads.append(servers.Requests(connection).head())
            connection.sendall(servers.ok())

        proxy = self.behind(self.server(handler))
        self.assertEqual(self.client(proxy).get("http://plain.test/a", host="plain.test", Proxy_Authorization="Basic bWluZQ==").body, b"hello")
        head = bytes(heads[0])
        self.assertTrue(head.startswith(b"GET http://plain.test/a HTTP/1.1\r\n"), head)
        self.assertNotIn(b"Proxy-Authorization", head)

    def test_each_way_to_refuse_is_told(self):
        def status(line, fields=b"", body=b""):
            return servers.saying(b"HTTP/1.1 " + line + b"\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body)

        ask = b"Proxy-Authenticate: Basic realm=\"corp\"\r\n"
        for handler, user, says in ((status(b"407 Auth", ask), "", "none sent"), (status(b"407 Auth", ask), f"me:{SECRET}@", "did not accept"),
                                    (status(b"403 Forbidden", b"", b"by\r\n\r\n  policy"), "", "by policy"),
                                    (status(b"502 Bad Gateway"), "", "could not reach the server"),
                                    (status(b"503 Service Unavailable"), "", "does not serve this now"),
                                    (status(b"504 Gateway Timeout"), "", "could not reach the server"),
                                    (servers.saying(b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\n4\r\n not\r\n0\r\n\r\n"), "",
                                     "why not"),
                                    (servers.saying(b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\noops\r\nno chunk\r\n"), "", "oops"),
                                    (servers.saying(b"SSH-2.0-x\r\n"), "", "no HTTP"), (servers.saying(b""), "", "closed the connection")):
            with self.subTest(says):
                self.assertIn(says, json.dumps(self.refused(handler, user=user)))

    def test_a_silent_parent_is_given_up(self):
        self.assertIn("did not answer", self.refused(servers.silent, "--connect-timeout", "0.3")["title"])

    def test_a_parent_that_is_not_there_is_told_as_the_parent(self):
        closed = self.started(servers.ClosedPort())
        proxy = self.behind(closed)
        report = self.asked(proxy)
        self.assertEqual((report["code"], report["leg"], report["host"], report["port"]),
                         ("connection_refused", "upstream_proxy", "good.test", 443))
        self.assertEqual(report["problems"][0]["evidence"]["asked_for"], f"127.0.0.1:{closed.port}")
        told = {step["step"]: step["summary"] for step in report["steps"]}
        self.assertEqual((told["dns"], told["path"]), ("the parent proxy is named by its address",
                                                       "the parent proxy was not reached, so the server was not"))
        self.assertNotIn("plain HTTP", json.dumps(report))
        self.assertIn("Check the host and the port in --upstream-proxy", json.dumps(report))
        self.assertNotIn("Start the service", json.dumps(report))

    def test_a_parent_of_tls_is_verified_and_the_servers_tls_runs_inside(self):
        heads = []
        server = self.tls_server(self.pki.leaf("good.test"))
        proxy, parent = self.behind_tls(self.pki.leaf("parent.test"), None, handler=parent_to(server, heads))
        client = self.tls_client(proxy, "good.test")
        for _ in range(2):
            self.assertEqual(client.get("/", host="good.test").body, b"hello")
        self.assertTrue(bytes(heads[0]).startswith(b"CONNECT good.test:443 "))
        self.assertEqual((parent.connections, server.connections), (1, 1))

    def test_session_tickets_inside_a_parent_of_tls_end_no_connection(self):
        """OpenSSL sends two behind the handshake: a connection that is looked at before its first request must not be taken for one that has spoken."""
        server = self.tls_server(self.pki.leaf("good.test"))
        proxy, parent = self.behind_tls(self.pki.leaf("parent.test"), server)
        client = self.client(proxy).connect("good.test:443")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = ssl.create_default_context(cafile=proxy.ca_file).wrap_bio(incoming, outgoing, server_hostname="good.test")

        def run(step):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    client.send(outgoing.read())
                    incoming.write(client.socket.recv(65536))

        run(session.do_handshake)
        threading.Event().wait(1.2)  # a connection that is a second old is looked at
        session.write(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")  # goes with the end of the handshake
        self.assertTrue(run(lambda: session.read(100)).startswith(b"HTTP/1.1 200"))
        self.assertEqual((parent.connections, server.connections), (1, 1))

    def test_a_wrong_certificate_behind_a_parent_of_tls_is_the_servers(self):
        server = self.tls_server(self.pki.leaf("other.test"))
        proxy, _ = self.behind_tls(self.pki.leaf("parent.test"), server)
        report = self.asked(proxy)
        self.assertEqual((report["code"], report["leg"], report["host"]), ("hostname_mismatch", "upstream", "good.test"))

    def test_a_parent_that_does_not_verify_is_told_nothing(self):
        for identity, code in ((self.pki.leaf("other.test"), "hostname_mismatch"), (self.pki.leaf("parent.test", trusted=False), "unknown_issuer")):
            with self.subTest(code):
                proxy, parent = self.behind_tls(identity, None, "--insecure=*", handler=servers.answering(servers.ok()))
                report = self.asked(proxy)
                self.assertEqual((report["code"], report["leg"], report["host"]), (code, "upstream_proxy", "good.test"))
                self.assertEqual(parent.received, b"")
                proxy.stop()
                self.assertNotIn(SECRET, json.dumps(report) + proxy.stderr.text + json.dumps(proxy.log()))

    def test_a_parent_that_is_this_proxy_is_a_loop(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        proxy = self.behind(port, "--listen", f"127.0.0.1:{port}")
        report = self.asked(proxy)
        self.assertEqual((report["code"], report["leg"]), ("proxy_loop", "upstream_proxy"))
        self.assertIn("--upstream-proxy", report["detail"])

    def circle(self, *options):
        """Two that are each other's parent."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        first = self.behind(port, *options)
        return first, self.behind(first, "--listen", f"127.0.0.1:{port}", *options)

    def test_two_that_are_each_others_parent_see_a_plain_request_once(self):
        first, second = self.circle()
        response = self.client(first).get("http://good.test/", host="good.test", Accept="application/json")
        self.assertEqual((response.status, response.json["code"]), (502, "proxy_loop"))
        first.stderr.wait_for("proxies lead in a circle: the request for good.test:80 has passed this whytls before .proxy_loop")
        second.stop()
        first.stop()
        asked = [[line["status"] for line in proxy.log() if line["event"] == "request"] for proxy in (first, second)]
        self.assertEqual(asked, [[502, 502], [502]])

    def test_two_that_are_each_others_parent_see_a_connect_once(self):
        for options in ((), ("--passthrough", "*")):
            with self.subTest(options):
                first, second = self.circle(*options)
                self.curl(first, "--insecure", "https://good.test/")
                first.stderr.wait_for("proxies lead in a circle: the request for good.test:443 has passed this whytls before .proxy_loop")
                second.stop()
                first.stop()
                refused = [line["method"] for line in first.log() if line.get("code") == "proxy_loop"]
                self.assertEqual(refused, ["CONNECT"])

    def test_a_server_sees_no_whytls_but_the_other_proxies_and_a_parent_sees_all(self):
        heads = []

        def handler(connection):
            heads.append(servers.Requests(connection).head())
            connection.sendall(servers.ok())

        server = self.server(handler)
        parent = self.proxy(hosts={"plain.test:80": server})
        proxy = self.behind(parent)
        for via in (None, "1.0 fred, 1.1 p.example.net (a)"):
            fields = {"Via": via} if via else {}
            heads.clear()
            self.client(proxy).get("http://plain.test/a", host="plain.test", **fields)
            self.client(parent).get("http://plain.test/a", host="plain.test", **fields)
            self.assertEqual(heads[0], heads[1])
            self.assertEqual(b"Via: " in heads[0], via is not None)
        tunnels = []
        middle = self.behind(self.server(parent_to(self.tls_server(self.pki.leaf("good.test")), tunnels)), "--passthrough", "*")
        self.curl_body(self.behind(middle), "--insecure", "https://good.test/")
        self.assertRegex(bytes(tunnels[0]), rb"\r\nVia: 1\.1 whytls-[0-9a-f]{16}, 1\.1 whytls-[0-9a-f]{16}\r\n")

    def test_what_comes_early_behind_the_parents_answer_is_the_servers(self):
        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"\x15\x03\x03\x00\x02\x02\x28")
            servers.drain(connection)

        report = self.asked(self.behind(self.server(handler), "--handshake-timeout", "5"))
        self.assertEqual(report["code"], "no_shared_cipher")
        self.assertEqual([(each["tried"], each["result"]) for each in report["experiments"]], [("follow-up connections", "not made")])

    def test_revocation_that_is_not_asked_past_the_parent_is_told(self):
        identity = self.pki.leaf("good.test", ocsp=["http://ca.test/ocsp"])
        for how in ("soft", "hard"):
            with self.subTest(how):
                parent = self.server(parent_to(self.tls_server(identity)))
                done = subprocess.run([WHYTLS, "check", "--json", "--trust", self.pki.trust, "--revocation", how, "--upstream-proxy",
                                       f"http://127.0.0.1:{parent.port}", "good.test"], capture_output=True, text=True, env=environment() | {"XDG_DATA_HOME": self.directory},
                                      timeout=PATIENCE)
                self.assertIn("past the parent proxy", done.stdout + done.stderr)
                self.assertEqual(parent.connections, 1)

    def test_an_issuer_that_is_not_fetched_past_the_parent_is_told(self):
        identity = self.pki.leaf("good.test", trusted=False, intermediate={"aia": ["http://ca.test/issuer.der"]})
        parent = self.server(parent_to(self.tls_server(identity)))
        report = self.asked(self.behind(parent))
        self.assertEqual(report["code"], "unknown_issuer")
        self.assertIn("was not fetched past the parent proxy", report["detail"])
        self.assertEqual(parent.connections, 1)

    def test_the_parents_own_answer_to_a_plain_request_passes_and_is_marked_as_come_through_it(self):
        for status in (b"403 Forbidden", b"502 Bad Gateway", b"503 Service Unavailable", b"504 Gateway Timeout", b"404 Not Found"):
            with self.subTest(status):
                parent = self.server(servers.saying(b"HTTP/1.1 " + status + b"\r\nVia: parent\r\nContent-Length: 3\r\n\r\nwhy"))
                proxy = self.behind(parent)
                response = self.client(proxy).get("http://plain.test/a", host="plain.test")
                self.assertEqual((response.status, response["Via"], response.body), (int(status[:3]), "parent", b"why"))
                marked = f'whytls; next-hop="127.0.0.1:{parent.port}"' if status[:3] != b"404" else None
                self.assertEqual(response["Proxy-Status"], marked)
                proxy.stop()
                lines = [line for line in proxy.log() if line["event"] == "request"]
                self.assertEqual([(line["status"], line["parent"], line.get("code")) for line in lines],
                                 [(int(status[:3]), f"127.0.0.1:{parent.port}", None)])

    def test_a_check_that_begins_in_the_clear_goes_through_the_parent(self):
        context = servers.tls_context(self.pki.leaf("mail.test"))
        heads = []

        def mail(connection):
            connection.sendall(b"220 ESMTP\r\n")
            connection.recv(1000)
            connection.sendall(b"250-mail\r\n250 STARTTLS\r\n")
            connection.recv(1000)
            connection.sendall(b"220 go\r\n")
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)

        parent = self.server(parent_to(self.server(mail), heads))
        done = run(WHYTLS, "check", "mail.test", "--starttls", "smtp", "--trust", self.pki.trust, "--upstream-proxy",
                   f"http://127.0.0.1:{parent.port}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(bytes(heads[0]).startswith(b"CONNECT mail.test:25 HTTP/1.1\r\n"), heads)

    def test_an_exempt_host_is_reached_directly(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        proxy = self.behind(self.started(servers.ClosedPort()), "--no-proxy", ".test", hosts={"good.test:443": server})
        self.assertEqual(self.tls_client(proxy, "good.test").get("/", host="good.test").body, b"hello")

    def test_a_star_in_front_of_a_name_exempts_what_is_below_it(self):
        server = self.tls_server(self.pki.leaf("api.good.test"))
        proxy = self.behind(self.started(servers.ClosedPort()), "--no-proxy", "*.good.test", hosts={"api.good.test:443": server})
        self.assertEqual(self.tls_client(proxy, "api.good.test").get("/", host="api.good.test").body, b"hello")
        self.assertNotIn("exempts no host", proxy.stderr.text)

    def test_an_exemption_that_can_match_nothing_is_told_and_no_error(self):
        url = "http://127.0.0.1:1"
        for options, env, says in ((["--no-proxy", "api*.test,good.test"], {}, "warning: --no-proxy: 'api*.test' exempts no host"),
                                   ([], {"NO_PROXY": "*.*.test, 10.0.0.0/33"}, "warning: NO_PROXY: '10.0.0.0/33' exempts no host")):
            proxy = self.proxy("--upstream-proxy", url, *options, env=env)
            self.assertIn(says, proxy.stderr.text)
            self.assertNotIn("'good.test'", proxy.stderr.text)

    def test_a_proxy_in_the_environment_is_said_not_to_be_read_and_its_password_is_not_said(self):
        secret = {"HTTPS_PROXY": f"http://me:{SECRET}@proxy.test:3128"}
        says = "note: HTTPS_PROXY is set, but whytls does not read it"
        proxy = self.proxy(env=secret)
        self.assertEqual(proxy.stderr.text.count(says), 1)
        self.assertIn('--upstream-proxy "$HTTPS_PROXY"', proxy.stderr.text)
        self.assertNotIn(SECRET, proxy.stderr.text)
        self.assertNotIn(says, self.proxy("--upstream-proxy", "http://127.0.0.1:1", env=secret).stderr.text)
        self.assertIn("note: https_proxy is set", self.proxy(env={"https_proxy": "socks5://x"}).stderr.text)
        self.assertNotIn("is set", self.proxy(env={"https_proxy": ""}).stderr.text)

    def test_a_proxy_in_the_environment_that_is_this_one_is_not_spoken_of(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}", f"127.0.0.1:{port}"):
            proxy = self.proxy("--listen", f"127.0.0.1:{port}", env={"https_proxy": url})
            self.assertNotIn("is set", proxy.stderr.text)
            proxy.stop()

    def test_a_check_that_reaches_nothing_says_that_it_reads_no_proxy_of_the_environment(self):
        closed, good = self.started(servers.ClosedPort()), self.tls_server(self.pki.leaf("good.test"))
        resolve = ["--resolve", f"bad.test:443:127.0.0.1:{closed.port}", "--resolve", f"good.test:443:127.0.0.1:{good.port}"]
        for targets, times in ((["bad.test", "bad.test"], 1), (["good.test"], 0)):
            done = subprocess.run([WHYTLS, "check", "--trust", self.pki.trust, *resolve, *targets], capture_output=True, text=True, timeout=PATIENCE,
                                  env=environment() | {"XDG_DATA_HOME": self.directory, "https_proxy": f"http://me:{SECRET}@proxy.test:3128"})
            self.assertEqual(done.stderr.count("note: https_proxy is set"), times, done.stderr)
            self.assertNotIn(SECRET, done.stdout + done.stderr)


# Not over HTTP/2: the parent proxies of these speak TLS and HTTP/1.1 themselves, or names of fields are compared as they were written.
ParentOverHttp2 = over_http2(
    Parent, "test_a_parent_of_tls_is_verified_and_the_servers_tls_runs_inside", "test_a_server_sees_no_whytls_but_the_other_proxies_and_a_parent_sees_all",
    "test_a_wrong_certificate_behind_a_parent_of_tls_is_the_servers", "test_session_tickets_inside_a_parent_of_tls_end_no_connection")


if __name__ == "__main__":
    main()

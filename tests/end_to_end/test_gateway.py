"""The gateway path and reverse listeners: clients that know nothing of a proxy, and are none the wiser."""
import json
import os
import socket
import ssl

from harness import Case, main, servers
from over_http2 import over_http2
from processes import run

REDIRECTS = """
absolute_redirect off;
location = /login { add_header Set-Cookie "sid=s3cret; Domain=api.test; Path=/; Secure; HttpOnly" always; return 302 /home?from=login; }
location = /absolute { return 302 https://$host/home; }
location = /elsewhere { return 302 https://other.test/home; }
location ~ ^/$ { add_header Set-Cookie "root=1" always; return 200 "$request_method $request_uri host=$http_host cookie=$http_cookie referer=$http_referer origin=$http_origin\n"; }
location = /up { return 302 ../home; }
location = /a/b/far-up { return 302 ../../../../home; }
location = /beside { return 302 home; }
location = /v2/out { return 302 ../home; }
location / { return 200 "$request_method $request_uri host=$http_host cookie=$http_cookie referer=$http_referer origin=$http_origin\\n"; }
"""


def gateway_of(proxy, url):
    return f"{proxy.url}/{url}"


class Ways(Case):
    def nginx(self, name, locations=REDIRECTS):
        return self.started(servers.Nginx(os.path.join(self.directory, name), locations, self.pki.leaf(name), http2=self.http2))

    def curl_directly(self, *arguments):
        """curl without a proxy and without trust in anything of ours."""
        return run("curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", 20, *(["--http2-prior-knowledge"] if self.http2 else []), *arguments)

    def got(self, *arguments):
        done = self.curl_directly(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def answered(self, status, said):
        self.assertRegex(said, rf"^HTTP/{'2' if self.http2 else r'1[.]1'} {status}\b")

    def raw(self, port, request):
        """The whole answer to bytes sent to a port."""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while more := connection.recv(65536):
                answer += more
        return answer


class Gateway(Ways):
    def test_a_listener_on_all_addresses_knows_itself_under_each_of_them(self):
        proxy = self.proxy("--listen", "0.0.0.0:0", "--allow-remote", "--allow-anonymous")
        port = proxy.stderr.wait_for(r"^listening on 0\.0\.0\.0:(\d+)")[1]
        for host in ("127.0.0.1", "127.9.9.9", "[::ffff:127.0.0.1]", "0.0.0.0"):
            with self.subTest(host):
                answer = self.client(proxy).get(f"/http://{host}:{port}/http://{host}:{port}/", host=f"127.0.0.1:{proxy.port}")
                self.assertEqual((answer.status, answer["Proxy-Status"].split('"')[1]), (502, "proxy_loop"))

    def test_what_nearly_names_a_server_is_answered_with_the_path_that_was_meant(self):
        proxy = self.proxy()
        for given in ("api.test/v1?x=1", "https%3A%2F%2Fapi.test%2Fv1%3Fx=1", "htps://api.test/v1?x=1", "https/api.test/v1?x=1"):
            with self.subTest(given):
                said = run("curl", "-sS", "--path-as-is", f"{proxy.url}/{given}").stdout
                self.assertIn(f"\nDid you mean this?\n  {proxy.url}/https://api.test/v1?x=1\n", said)
        self.assertNotIn("Did you mean", run("curl", "-sS", f"{proxy.url}/favicon.ico").stdout)

    def test_curl_needs_neither_a_proxy_nor_a_ca(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test")})
        self.assertEqual(self.got(gateway_of(proxy, "https://api.test/v1/things?x=1&y=%2F")),
                         "GET /v1/things?x=1&y=%2F host=api.test cookie= referer= origin=\n")
        self.assertIn("POST /", self.got("-d", "a=1", gateway_of(proxy, "https://api.test/")))

    def test_a_log_in_works_through_it_redirect_cookie_and_all(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test")})
        jar = os.path.join(self.directory, "jar")
        said = self.got("-L", "-c", jar, "-b", jar, "-w", "%{url_effective}", gateway_of(proxy, "https://api.test/login"))
        self.assertIn("GET /home?from=login host=api.test cookie=sid=s3cret", said)
        self.assertTrue(said.endswith(gateway_of(proxy, "https://api.test/home?from=login")), said)
        self.assertIn("host=api.test", self.got("-L", gateway_of(proxy, "https://api.test/absolute")))

    def test_a_relative_redirect_stays_within_its_server_however_far_it_climbs(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test")})
        for path in ("up", "a/b/far-up", "beside"):
            with self.subTest(path):
                said = self.got("-L", "-w", "%{url_effective}", gateway_of(proxy, f"https://api.test/{path}"))
                self.assertIn("GET /home host=api.test", said)
                self.assertTrue(said.endswith(gateway_of(proxy, "https://api.test/home")), said)

    def test_a_password_in_the_url_is_refused_by_its_name_and_shown_to_nobody(self):
        server = self.tls_server(self.pki.leaf("api.test"))
        proxy = self.proxy(hosts={"api.test:443": server})
        absolute = ["--request-target", "http://ann:hunter2@api.test/x", f"{proxy.url}/x"]  # no path of HTTP/2's
        for arguments in ([gateway_of(proxy, "https://ann:hunter2@api.test/x")], *([] if self.http2 else [absolute])):
            with self.subTest(arguments):
                said = self.got("-i", "-H", "Accept: text/plain", *arguments)
                self.answered(400, said)
                self.assertIn("user name or a password", said)
                self.assertIn("curl -u USER:PASS", said)
                self.assertNotIn("hunter2", said)
        proxy.stop()
        with open(proxy.log_file, encoding="utf-8") as log:
            self.assertNotIn("hunter2", log.read() + proxy.stderr.text)
        self.assertEqual(server.connections, 0)

    def test_the_machines_name_is_the_listeners_when_its_origin_is_allowed_and_the_refusal_says_so(self):
        proxy = self.proxy("--allow-origin", "http://vm.test:80", "--redact", "password", hosts={"api.test:443": self.nginx("api.test")})
        url = gateway_of(proxy, "https://api.test/a?password=x")
        self.assertIn("host=api.test", self.got("-H", f"Host: vm.test:{proxy.port}", url))
        said = self.got("-i", "-H", "Accept: text/plain", "-H", f"Host: other.test:{proxy.port}", url)
        self.answered(403, said)
        self.assertIn(f"--allow-origin http://other.test:{proxy.port}", said)
        self.assertIn("https://api.test/a?password=***", said)

    def test_a_page_whose_origin_nothing_tells_is_not_given_an_invented_one(self):
        proxy = self.proxy()
        said = self.got("-H", "Accept: text/plain", "-H", "Sec-Fetch-Site: cross-site", gateway_of(proxy, "https://api.test/"))
        self.assertIn("--allow-origin ORIGIN", said)

    def test_what_names_the_server_in_a_response_names_it_through_the_gateway(self):
        client = self.client(proxy := self.proxy(hosts={"api.test:443": self.nginx("api.test")}))
        for path, location in {"login": "/https://api.test/home?from=login", "absolute": gateway_of(proxy, "https://api.test/home"),
                               "elsewhere": gateway_of(proxy, "https://other.test/home"), "a/b/far-up": "/https://api.test/home", "beside": "home"}.items():
            with self.subTest(path):
                answer = client.get(f"/https://api.test/{path}", f"127.0.0.1:{proxy.port}")
                self.assertEqual((answer.status, answer["location"]), (302, location))
        cookie = client.get("/https://api.test/login", f"127.0.0.1:{proxy.port}")["set-cookie"]
        self.assertRegex(cookie, r"^whytls-[0-9a-f]{12}-sid=s3cret; Path=/https://api\.test/; HttpOnly$")
        cookies = f"{cookie.split(';')[0]}; mine=1"
        self.assertIn("cookie=sid=s3cret ", client.get("/https://api.test/x", f"127.0.0.1:{proxy.port}", Cookie=cookies).text)

    def test_the_cookie_of_one_server_is_not_sent_to_another(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test"), "other.test:443": self.nginx("other.test")})
        jar = os.path.join(self.directory, "jar")
        self.got("-c", jar, gateway_of(proxy, "https://api.test/login"))
        self.assertIn("cookie=sid=s3cret", self.got("-b", jar, gateway_of(proxy, "https://api.test/x")))
        self.assertIn("cookie= ", self.got("-b", jar, gateway_of(proxy, "https://other.test/x")))
        self.assertIn("host=other.test", self.got("-L", gateway_of(proxy, "https://api.test/elsewhere")))

    def test_a_cookie_that_no_server_has_set_through_the_gateway_stays_here(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test")})
        url = gateway_of(proxy, "https://api.test/x")
        self.assertIn("cookie= ", self.got("-H", "Sec-Fetch-Site: none", "-b", "other_local_app=SECRET", url))
        self.assertNotIn("Cookie", proxy.stderr.text)
        self.assertIn("cookie= ", self.got("-b", "mine=1", url))
        proxy.stderr.wait_for("api.test: a Cookie was not passed on")

    def test_what_a_server_sets_for_a_url_without_a_path_is_its_own_too(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test"), "other.test:443": self.nginx("other.test")})
        jar = os.path.join(self.directory, "jar")
        for url in ("https://api.test", "https:/api.test?x=1"):
            self.got("-c", jar, gateway_of(proxy, url))
            self.assertIn("cookie=root=1", self.got("-b", jar, gateway_of(proxy, "https://api.test/x")))
            self.assertIn("cookie= ", self.got("-b", jar, gateway_of(proxy, "https://other.test/x")))

    def test_a_browser_is_led_to_the_servers_root_from_any_other_spelling_of_it(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test")})
        for spelt, canonical in {"/https://api.test": "/https://api.test/", "/https:/api.test/a?b": "/https://api.test/a?b",
                                 "/HTTPS://API.test:443?b": "/https://api.test/?b"}.items():
            with self.subTest(spelt):
                answer = self.client(proxy).get(spelt, host=f"127.0.0.1:{proxy.port}", Sec_Fetch_Mode="navigate")
                self.assertEqual((answer.status, answer["Location"]), (307, canonical))
                answer = self.client(proxy).get(canonical, host=f"127.0.0.1:{proxy.port}", Sec_Fetch_Mode="navigate")
                self.assertEqual(answer.status, 200)

    def test_a_plain_http_server_and_a_body_that_streams(self):
        server = self.server(servers.answering(servers.ok(b"plain")))
        proxy = self.proxy(hosts={"plain.test:80": server})
        self.assertEqual(self.got("-T", "-", "--expect100-timeout", "0.1", gateway_of(proxy, "http://plain.test/up")), "plain")

    def test_a_server_that_fails_is_explained_where_no_proxy_is_set(self):
        server = self.tls_server(self.pki.leaf("wrong.test"))
        proxy = self.proxy(hosts={"api.test:443": server})
        said = self.got("-i", gateway_of(proxy, "https://api.test/"))
        self.answered(502, said)
        self.assertIn('details="hostname_mismatch"', said)
        self.assertEqual(server.received, b"")

    def test_what_names_no_host_is_a_bad_request_and_other_paths_are_the_proxys_own(self):
        proxy = self.proxy()
        self.answered(400, self.got("-i", gateway_of(proxy, "https:///x")))
        self.answered(404, self.got("-i", f"{proxy.url}/nothing"))

    def test_the_log_names_the_server_that_was_asked(self):
        proxy = self.proxy(hosts={"api.test:443": self.nginx("api.test")})
        self.got(gateway_of(proxy, "https://api.test/a?b"))
        proxy.stop()
        self.assertEqual([line["url"] for line in proxy.log() if line["event"] == "request"], ["https://api.test/a?b"])

    def test_a_page_of_another_site_is_refused_and_its_request_reaches_nobody(self):
        server = self.tls_server(self.pki.leaf("api.test"))
        proxy = self.proxy(hosts={"api.test:443": server})
        url = gateway_of(proxy, "https://api.test/")
        for field in ("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site", "Host: evil.example"):
            with self.subTest(field):
                said = self.got("-i", "-H", field, "-H", "Accept: application/problem+json", url)
                self.answered(403, said)
                self.assertEqual(json.loads(said.split("\n\n")[1])["code"], "cross_site_request")
        self.assertEqual(server.connections, 0)

    def test_an_origin_that_is_allowed_may_ask_and_its_name_is_passed_on(self):
        proxy = self.proxy("--allow-origin", "http://localhost:3000", hosts={"api.test:443": self.nginx("api.test")})
        said = self.got("-H", "Origin: http://localhost:3000", "-H", "Sec-Fetch-Site: cross-site", gateway_of(proxy, "https://api.test/"))
        self.assertIn("origin=http://localhost:3000", said)
        self.answered(403, self.got("-i", "-H", "Origin: http://localhost:3001", gateway_of(proxy, "https://api.test/")))
        for origin, readable in (("http://localhost:3000", True), (proxy.url, False)):
            head = self.got("-i", "-H", f"Origin: {origin}", gateway_of(proxy, "https://api.test/"))
            self.assertEqual(f"access-control-allow-origin: {origin}" in head.lower(), readable, head)
        asked = ["-H", "Access-Control-Request-Method: DELETE", "-H", "Access-Control-Request-Headers: x-y"]
        preflight = self.got("-i", "-X", "OPTIONS", "-H", "Origin: http://localhost:3000", *asked, gateway_of(proxy, "https://api.test/"))
        self.answered(204, preflight)
        self.assertIn("access-control-allow-methods: delete", preflight.lower())
        own = self.got("-H", f"Origin: {proxy.url}", gateway_of(proxy, "https://api.test/"))
        self.assertIn("origin=https://api.test", own)


class Reverse(Ways):
    def reversed(self, url, *options, hosts):
        return self.proxy("--reverse", url, *options, hosts=hosts)

    def test_every_request_goes_to_the_one_server_under_its_own_name(self):
        proxy = self.reversed("https://api.test", hosts={"api.test:443": self.nginx("api.test")})
        self.assertIn("GET /a?b host=api.test", self.got(f"{proxy.url}/a?b"))
        self.assertIn("GET / host=api.test", self.got(f"{proxy.url}/"))
        self.assertIn("GET /ca.pem host=api.test", self.got(f"{proxy.url}/ca.pem"))

    def test_a_page_under_a_name_that_others_could_let_lead_here_is_not_passed_off_as_the_servers_own(self):
        proxy = self.reversed("https://api.test", "--allow-origin", "http://dev.test:3000", hosts={"api.test:443": self.nginx("api.test")})
        for host, own in (("evil.example", False), ("0.0.0.0", False), ("localhost", True), ("127.0.0.1", True), ("api.test", True), ("dev.test", True)):
            with self.subTest(host):
                page = f"http://{host}:{proxy.port}"
                said = self.got("-d", "", "-H", f"Host: {host}:{proxy.port}", "-H", f"Origin: {page}", "-H", f"Referer: {page}/a", f"{proxy.url}/echo")
                known = "https://api.test" if own else page
                self.assertIn(f"POST /echo host=api.test cookie= referer={known}/a origin={known}\n", said)

    def test_redirects_and_cookies_are_the_listeners(self):
        proxy = self.reversed("https://api.test", hosts={"api.test:443": self.nginx("api.test")})
        jar = os.path.join(self.directory, "jar")
        said = self.got("-L", "-c", jar, "-b", jar, "-w", "%{url_effective}", f"{proxy.url}/login")
        self.assertIn("cookie=sid=s3cret", said)
        self.assertTrue(said.endswith(f"{proxy.url}/home?from=login"), said)
        self.assertTrue(self.got("-L", "-o", "/dev/null", "-w", "%{url_effective}", f"{proxy.url}/absolute").startswith(proxy.url))

    def test_a_path_in_the_url_goes_in_front_of_every_request(self):
        proxy = self.reversed("https://api.test/v2/", hosts={"api.test:443": self.nginx("api.test")})
        self.assertIn("GET /v2/a?b ", self.got(f"{proxy.url}/a?b"))

    def test_a_redirect_out_of_that_path_leads_to_the_server_itself(self):
        proxy = self.reversed("https://api.test/v2", hosts={"api.test:443": self.nginx("api.test")})
        self.assertEqual(self.got("-o", "/dev/null", "-w", "%{redirect_url}", f"{proxy.url}/out"), "https://api.test/home")

    def test_the_first_line_names_the_whole_url(self):
        proxy = self.reversed("https://api.test:28500/api/v1", hosts={})
        proxy.stderr.wait_for(r"listening on \S+, for https://api\.test:28500/api/v1 \(")

    def test_with_listen_tls_the_client_gets_a_certificate_for_the_name_it_asks_for(self):
        proxy = self.reversed("https://api.test", "--listen-tls", hosts={"api.test:443": self.nginx("api.test")})
        for name in ("localhost", "dev.test", "127.0.0.1"):
            with self.subTest(name):
                said = self.got("--cacert", proxy.ca_file, "--resolve", f"{name}:{proxy.port}:127.0.0.1", f"https://{name}:{proxy.port}/x")
                self.assertIn("GET /x host=api.test", said)
        jar = os.path.join(self.directory, "jar")
        said = self.got("-L", "-c", jar, "-b", jar, "--cacert", proxy.ca_file, f"https://localhost:{proxy.port}/login")
        self.assertIn("cookie=sid=s3cret", said)

    def test_plain_http_on_a_tls_listener_is_told_so(self):
        proxy = self.reversed("https://api.test", "--listen-tls", hosts={"api.test:443": self.nginx("api.test")})
        said = self.got("-i", f"http://127.0.0.1:{proxy.port}/")
        self.answered(400, said)
        self.assertIn(f"curl --cacert {proxy.ca_file} https://127.0.0.1:{proxy.port}/", said)
        self.assertIn(f"plain HTTP to 127.0.0.1:{proxy.port}, where whytls speaks TLS", said)
        self.assertNotIn("--passthrough", said)
        self.assertNotRegex(said, r":443\b")

    def test_tls_on_a_plain_listener_is_answered_inside_tls_with_the_url_that_was_meant(self):
        proxy = self.reversed("https://api.test", hosts={})
        for method in ("GET", "POST"):
            said = run("curl", "-sS", "--noproxy", "*", "--cacert", proxy.ca_file, "-X", method, "-d", "x" * 100_000 if method == "POST" else "",
                       f"https://127.0.0.1:{proxy.port}/v1").stdout
            self.assertIn(f"The client speaks TLS to 127.0.0.1:{proxy.port}, which takes plain HTTP; did you mean", said)
            self.assertIn("--listen-tls", said)
        proxy.stderr.wait_for(rf"the client speaks TLS to 127\.0\.0\.1:{proxy.port}, which takes plain HTTP; did you mean http://127\.0\.0\.1:{proxy.port}/\? ")

    def test_tls_on_a_plain_listener_by_a_client_without_the_ca_is_told_on_stderr_once(self):
        proxy = self.reversed("https://api.test", hosts={})
        self.assertNotEqual(run("curl", "-sS", "--noproxy", "*", f"https://127.0.0.1:{proxy.port}/").returncode, 0)
        proxy.stderr.wait_for(rf"the client speaks TLS to 127\.0\.0\.1:{proxy.port}, which takes plain HTTP; did you mean .*request_rejected")
        proxy.stop()
        self.assertEqual([(line["status"], line["code"]) for line in proxy.log() if line["event"] in ("request", "client_handshake")], [(400, "request_rejected")])

    def test_another_protocol_on_a_reverse_listener_is_told_without_a_word_of_proxies(self):
        proxy = self.reversed("https://api.test", hosts={})
        for bytes_sent, told in ((b"SSH-2.0-OpenSSH_9.2\r\n", "the bytes are no HTTP message"),
                                 (b"\x05\x01\x00", f"The client speaks SOCKS5 to 127.0.0.1:{proxy.port}, which takes plain HTTP")):
            with self.subTest(bytes_sent), socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
                client.sendall(bytes_sent)
                client.shutdown(socket.SHUT_WR)
                said = client.makefile("rb").read().decode()
                self.assertIn(told, said)
                self.assertIn(f"curl http://127.0.0.1:{proxy.port}/", said)
                self.assertNotIn("curl -x", said)

    def test_a_server_that_does_not_verify_is_explained_to_the_listeners_clients(self):
        server = self.tls_server(self.pki.leaf("wrong.test"))
        proxy = self.reversed("https://api.test", hosts={"api.test:443": server})
        self.assertIn('details="hostname_mismatch"', self.got("-i", f"{proxy.url}/"))
        self.assertEqual(server.received, b"")

    def test_a_client_that_takes_it_for_a_proxy_is_told_what_it_is_and_where_a_proxy_is(self):
        proxy = self.reversed("https://api.test", "--listen", "127.0.0.1:0", hosts={"api.test:443": self.nginx("api.test")})
        forward = proxy.stderr.wait_for(r"^listening on (127\.0\.0\.1:\d+) \(page")[1]
        for asked in ("CONNECT api.test:443", "GET http://other.test/x"):
            with self.subTest(asked):
                said = self.raw(proxy.port, f"{asked} HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n".encode()).decode()
                self.answered(400, said)
                self.assertIn(f"{proxy.url} is a reverse for https://api.test, not a proxy", said)
                self.assertIn(f"Set the client's proxy to http://{forward}", said)
                self.assertNotIn("malformed", said)
        self.assertIn("[request_rejected]", proxy.stderr.wait_for(r".*is a reverse for https://api\.test, not a proxy.*")[0])

    def test_the_absolute_form_is_taken_for_its_server_and_for_itself(self):
        proxy = self.reversed("https://api.test", hosts={"api.test:443": self.nginx("api.test")})
        for url in ("http://api.test/x", "https://api.test/x", f"{proxy.url}/x"):
            with self.subTest(url):
                said = self.raw(proxy.port, f"GET {url} HTTP/1.1\r\nHost: {url.split('/')[2]}\r\nConnection: close\r\n\r\n".encode())
                self.assertIn(b"GET /x host=api.test", said)

    def test_a_client_that_does_not_trust_the_listeners_certificate_is_told(self):
        proxy = self.reversed("https://api.test", "--listen-tls", hosts={"api.test:443": self.nginx("api.test")})
        with self.assertRaises(ssl.SSLCertVerificationError):
            with socket.create_connection(("127.0.0.1", proxy.port)) as plain:
                ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        self.assertIn("does not trust the local CA", proxy.stderr.wait_for(r".*does not trust the local CA.*")[0])


# Not over HTTP/2: what curl 7.88 asks twice over a connection that it began so, for it fails there with any server; other names for the listener, which are
# other servers' as in a URL to a proxy; and bytes of HTTP/1.1.
GatewayOverHttp2 = over_http2(
    Gateway, "test_a_log_in_works_through_it_redirect_cookie_and_all", "test_a_page_of_another_site_is_refused_and_its_request_reaches_nobody",
    "test_a_relative_redirect_stays_within_its_server_however_far_it_climbs", "test_the_cookie_of_one_server_is_not_sent_to_another",
    "test_the_machines_name_is_the_listeners_when_its_origin_is_allowed_and_the_refusal_says_so")
ReverseOverHttp2 = over_http2(
    Reverse, "test_a_client_that_takes_it_for_a_proxy_is_told_what_it_is_and_where_a_proxy_is",
    "test_another_protocol_on_a_reverse_listener_is_told_without_a_word_of_proxies", "test_plain_http_on_a_tls_listener_is_told_so",
    "test_redirects_and_cookies_are_the_listeners", "test_the_first_line_names_the_whole_url")


if __name__ == "__main__":
    main()

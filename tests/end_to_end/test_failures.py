"""What fails must be explained: the right code, in the right form, on a connection that stays usable, and not one byte of the
request gone to a server that was not verified."""
import datetime
import json
import re
import shlex
from html.parser import HTMLParser

from harness import Case, main, servers
from over_http2 import over_http2
from processes import WHYTLS, Process, run

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JSON = {"Accept": "application/json"}
ERROR_TYPES = {  # RFC 9209 §2.3
    "dns_error", "dns_timeout", "destination_not_found", "destination_unavailable", "destination_ip_unroutable", "connection_refused",
    "connection_terminated", "connection_timeout", "connection_read_timeout", "tls_protocol_error", "tls_certificate_error",
    "tls_alert_received", "http_request_error", "http_protocol_error", "http_response_incomplete", "http_response_timeout",
    "proxy_internal_error", "proxy_internal_response", "proxy_loop_detected",
}
STEPS = ["dns", "connect", "hello", "handshake", "path", "trust", "signature", "validity", "revocation", "issuer", "name_constraints",
         "policy", "basic_constraints", "key_usage", "critical_extensions", "hostname", "strength"]


class Page(HTMLParser):
    """What a page shows, and what it would fetch."""

    def __init__(self, text):
        super().__init__()
        self.shown = ""
        self.tags = []
        self.outside = []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._hidden += tag in ("style", "title")
        self.outside += [value for name, value in attributes if not (value or "").startswith("data:") and
                         (name in ("src", "srcset", "data", "action") or (tag == "link" and name == "href"))]
        self.outside += [name for name, _ in attributes if name.startswith("on")]

    def handle_endtag(self, tag):
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data):
        if not self._hidden:
            self.shown += data


class Answers(Case):
    """What every diagnostic answer must be."""

    def check_report(self, response, code, status=502):
        """The answer of contract section 3 with the report of section 4; the report."""
        self.assertEqual(response.status, status, response.text)
        self.assertEqual(response["Cache-Control"], "no-store")
        self.assertTrue(response["Content-Type"].startswith("application/problem+json"), response["Content-Type"])
        report = response.json
        self.assertEqual(report["code"], code, json.dumps(report, indent=1))
        proxy_status = re.fullmatch(r'whytls; error=([a-z_]+); details="([a-z_]+)"', response["Proxy-Status"])
        self.assertIsNotNone(proxy_status, response["Proxy-Status"])
        self.assertIn(proxy_status[1], ERROR_TYPES)
        self.assertEqual(proxy_status[2], code)
        self.assertEqual((report["report"], report["type"], report["status"], report["verdict"]), (1, f"urn:whytls:{code}", status, "failed"))
        self.assertEqual([step["step"] for step in report["steps"]], STEPS)
        self.assertTrue(any(step["status"] == "fail" for step in report["steps"]) or report["phase"] == "http", report["steps"])
        problem = report["problems"][0]
        self.assertEqual((problem["code"], problem["severity"]), (code, "error"))
        self.assertTrue(problem["evidence"], "a failure without evidence")
        self.assertTrue(problem["fixes"], "a failure without a fix")
        for fix in problem["fixes"]:
            self.assertIn(fix["for"], ("server", "client", "network"))
            self.assertTrue(fix["text"])
        for text in (report["title"], report["detail"]):
            self.assertTrue(text.strip())
        return report

    def check_text(self, response, *parts):
        self.assertTrue(response["Content-Type"].startswith("text/plain"), response["Content-Type"])
        self.assertLessEqual(max(map(len, response.text.splitlines())), 100, response.text)
        self.assertNotRegex(response.text, r"[\x00-\x09\x0b-\x1f\x7f]")
        for part in parts:
            self.assertIn(part, response.text)

    def check_page(self, response, *parts):
        self.assertTrue(response["Content-Type"].startswith("text/html"), response["Content-Type"])
        page = Page(response.text)
        self.assertEqual(page.outside, [])
        self.assertEqual(page.tags.count("script"), 1, "the copy button's alone")
        self.assertIn("h1", page.tags)
        self.assertIn('lang="en"', response.text)
        self.assertIn("prefers-color-scheme", response.text)
        self.assertIn('name="viewport"', response.text)
        for part in parts:
            self.assertIn(part, page.shown)


class Failures(Answers):
    def asks(self, code, server, *options, host="good.test", status=502):
        """Requests to this server fail with this code, in every form and all on one connection; the report."""
        proxy = self.proxy(*options, hosts={f"{host}:443": server})
        client = self.tls_client(proxy, host)
        report = self.check_report(client.get("/first?x=1", host=host, **JSON), code, status)
        self.assertEqual((report["host"], report["port"], report["leg"]), (host, 443, "upstream"))
        self.check_text(client.get("/second", host=host, Accept="*/*"), host, code, report["title"][:60])
        self.check_page(client.get("/third", host=host, Accept=BROWSER), host, code)
        # The same in absolute form, where the proxy itself is the TLS client.
        self.check_report(self.client(proxy).get(f"https://{host}/", host=host, **JSON), code, status)
        proxy.stderr.wait_for(code)
        self.assertIn(host, proxy.stderr.text)
        return report

    def refuses(self, code, identity, *options, host="good.test"):
        """The same of a certificate that does not verify, which costs the server every byte."""
        server = self.tls_server(identity)
        report = self.asks(code, server, *options, host=host)
        # Where a date failed, whytls asks for the server's clock: a question of its own.
        clock = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: whytls\r\n\r\n".encode()
        received = server.received.replace(clock, b"") if code in ("expired", "not_yet_valid") else server.received
        self.assertEqual(received, b"", "the request left for a server that was not verified")
        self.assertEqual(report["phase"], "verify")
        self.assertEqual(len(report["served"]), sum("BEGIN CERT" in line for line in open_lines(identity.chain)))
        return report

    def step(self, report, name):
        return next(step for step in report["steps"] if step["step"] == name)

    def test_hostname_mismatch_names_both_names(self):
        report = self.refuses("hostname_mismatch", self.pki.leaf("www.good.test", "other.test"))
        self.assertEqual(self.step(report, "hostname")["status"], "fail")
        self.assertEqual(self.step(report, "trust")["status"], "pass")
        for name in ("good.test", "www.good.test", "other.test"):
            self.assertIn(name, json.dumps(report["problems"][0]))

    def test_a_wildcard_does_not_match_two_labels(self):
        report = self.refuses("hostname_mismatch", self.pki.leaf("*.good.test"), host="a.b.good.test")
        self.assertIn("*.good.test", json.dumps(report["problems"][0]))

    def test_cloudfronts_default_certificate_is_recognised_and_the_fix_is_its_own(self):
        identity = self.pki.leaf("*.cloudfront.net", "cloudfront.net", subject="*.cloudfront.net")
        report = self.refuses("hostname_mismatch", identity, host="api.example.com")
        self.assertEqual(report["provider"], "Amazon CloudFront")
        fixes = json.dumps(report["problems"][0]["fixes"])
        self.assertIn("Alternate Domain Name", fixes)
        self.assertIn("api.example.com", fixes)
        self.assertEqual(report["tls"]["sni"], "api.example.com")

    def test_expired_says_when(self):
        report = self.refuses("expired", self.pki.leaf("good.test", not_before=-90, not_after=-3))
        self.assertIn("3 days ago", json.dumps(report))
        self.assertEqual(report["problems"][0]["depth"], 0)

    def test_expired_depends_on_the_time_that_is_asked_for(self):
        server = self.tls_server(self.pki.leaf("good.test", not_before=-20, not_after=-3))
        then = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
        proxy = self.proxy("--at", then, hosts={"good.test:443": server})
        self.assertEqual(self.tls_client(proxy, "good.test").get("/").body, b"hello")

    def test_not_yet_valid(self):
        self.refuses("not_yet_valid", self.pki.leaf("good.test", not_before=3, not_after=90))

    def test_self_signed(self):
        self.refuses("self_signed", self.pki.self_signed("good.test"))

    def test_untrusted_root_when_the_root_is_served(self):
        report = self.refuses("untrusted_root", self.pki.leaf("good.test", trusted=False, root={"subject": "Strange Root"}, chain=["intermediate", "root"]))
        self.assertIn("Strange Root", json.dumps(report["problems"][0]))

    def test_unknown_issuer_when_nothing_of_it_is_known(self):
        self.refuses("unknown_issuer", self.pki.leaf("good.test", trusted=False, chain=[]))

    def test_an_intermediate_that_nobody_has_is_an_unknown_issuer(self):
        report = self.refuses("unknown_issuer", self.pki.leaf("good.test", intermediate={"subject": "Lost Intermediate"}, chain=[]))
        self.assertIn("Lost Intermediate", json.dumps(report["problems"][0]))

    def test_bad_signature(self):
        report = self.refuses("bad_signature", self.pki.leaf("good.test", broken_signature=True))
        self.assertEqual(self.step(report, "signature")["status"], "fail")

    def test_not_a_ca(self):
        self.refuses("not_a_ca", self.pki.leaf("good.test", intermediate={"ca": False}))

    def test_wrong_purpose(self):
        report = self.refuses("wrong_purpose", self.pki.leaf("good.test", extended_key_usage=["clientAuth"]))
        self.assertIn("clientAuth", json.dumps(report["problems"][0]["evidence"]))

    def test_a_critical_extension_that_nobody_knows(self):
        self.refuses("unknown_critical_extension", self.pki.leaf("good.test", extensions=[{"oid": "1.2.3.4.5", "critical": True, "value": "0500"}]))

    def test_malformed_certificate(self):
        identity = self.pki.leaf("good.test", duplicate=["2.5.29.17"])
        self.asks("malformed_certificate", self.server(servers.presenting(identity.der)))

    def test_a_certificate_that_is_no_der_is_malformed(self):
        for certificate in (b"hello", self.pki.leaf("good.test", truncate=7).der, b"\x30\x84\xff\xff\xff\xff"):
            with self.subTest(certificate[:8]):
                self.asks("malformed_certificate", self.server(servers.presenting(certificate)))

    def test_no_certificate_at_all_is_no_handshake(self):
        self.asks("no_certificate", self.server(servers.presenting()))

    def test_all_that_is_wrong_is_listed_and_the_root_cause_comes_first(self):
        identity = self.pki.leaf("other.test", trusted=False, chain=["intermediate", "root"], not_before=-90, not_after=-3)
        report = self.asks("untrusted_root", self.tls_server(identity))
        codes = {problem["code"] for problem in report["problems"]}
        self.assertLessEqual({"untrusted_root", "expired", "hostname_mismatch"}, codes)

    def test_protocol_version(self):
        def configure(context):
            context.maximum_version = servers.ssl.TLSVersion.TLSv1_2

        report = self.asks("protocol_version", self.tls_server(self.pki.leaf("good.test"), configure=configure), "--tls-min", "1.3")
        self.assertEqual(report["phase"], "handshake")

    def test_protocol_version_when_the_server_says_so_by_an_alert(self):
        self.asks("protocol_version", self.server(servers.alerting(70)))

    def test_tls_alert_is_named(self):
        report = self.asks("tls_alert", self.server(servers.alerting(80)))
        self.assertIn("internal_error", json.dumps(report["problems"][0]))

    def test_a_handshake_failure_right_after_the_hello_is_no_shared_cipher(self):
        self.asks("no_shared_cipher", self.server(servers.alerting(40)))

    def test_not_tls_says_what_answered(self):
        report = self.asks("not_tls", self.server(servers.saying(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n")))
        self.assertIn("HTTP", json.dumps(report["problems"][0]))
        report = self.check_report(self.client(self.proxy(hosts={"ssh.test:443": self.server(servers.saying(b"SSH-2.0-OpenSSH_9.2\r\n"))}))
                                   .get("https://ssh.test/", **JSON), "not_tls")
        self.assertIn("SSH", json.dumps(report["problems"][0]))

    def test_connection_closed_in_the_handshake(self):
        self.asks("connection_closed", self.server(servers.saying(b"")))

    def test_connection_closed_by_a_reset(self):
        self.asks("connection_closed", self.server(servers.resetting))

    def test_handshake_timeout(self):
        report = self.asks("handshake_timeout", self.server(servers.silent), "--handshake-timeout", "0.3", status=504)
        self.assertIn("0.3", json.dumps(report))

    def test_connection_refused(self):
        report = self.asks("connection_refused", self.started(servers.ClosedPort()))
        self.assertEqual(report["phase"], "connect")
        self.assertIn("127.0.0.1", json.dumps(report["problems"][0]))

    def test_connection_timeout(self):
        self.asks("connection_timeout", self.started(servers.DeafPort()), "--connect-timeout", "0.3", status=504)

    def test_a_name_that_does_not_resolve(self):
        # Without a network a resolver cannot even say that .invalid (RFC 6761) does not exist.
        client = self.tls_client(self.proxy("--connect-timeout", "5"), "name.invalid")
        response = client.get("/", **JSON)
        code = response.json["code"]
        self.assertIn(code, ("dns_not_found", "dns_failed"))
        report = self.check_report(response, code, response.status)
        self.assertEqual(report["phase"], "dns")
        self.assertIn("name.invalid", report["title"] + report["detail"])

    def test_plain_http_fails_with_the_same_codes(self):
        proxy = self.proxy(hosts={"good.test:80": self.started(servers.ClosedPort())})
        client = self.client(proxy)
        for _ in range(2):
            self.check_report(client.get("http://good.test/", **JSON), "connection_refused")

    def test_upstream_http_error_when_what_comes_is_not_http(self):
        server = self.tls_server(self.pki.leaf("good.test"), servers.saying(b"220 mail.good.test ESMTP\r\n"))
        report = self.asks("upstream_http_error", server)
        self.assertIn("220 mail", json.dumps(report))
        self.assertEqual(report["phase"], "http")

    def test_upstream_http_error_when_a_response_is_ambiguous(self):
        server = self.tls_server(self.pki.leaf("good.test"), servers.answering(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nabcde"))
        self.asks("upstream_http_error", server)

    def test_upstream_closed_before_a_response(self):
        self.asks("upstream_closed", self.tls_server(self.pki.leaf("good.test"), lambda connection: connection.recv(65536)))

    def test_upstream_timeout(self):
        self.asks("upstream_timeout", self.tls_server(self.pki.leaf("good.test"), servers.silent), "--response-timeout", "0.3", status=504)

    def test_a_connection_recovers_when_the_server_is_mended(self):
        # The first connection is hung up on, the next is served.
        hung_up = []

        def handler(connection):
            if not hung_up:
                hung_up.append(True)
                connection.recv(65536)
                return
            servers.answering(servers.ok())(connection)

        proxy = self.proxy(hosts={"good.test:80": self.server(handler)})
        client = self.client(proxy)
        self.check_report(client.request("POST http://good.test/ HTTP/1.1\nHost: good.test\nContent-Length: 0\nAccept: application/json"),
                          "upstream_closed")
        self.assertEqual(client.get("http://good.test/").body, b"hello")

    def test_a_failed_requests_body_is_read_away(self):
        server = self.tls_server(self.pki.leaf("other.test"))
        proxy = self.proxy(hosts={"good.test:443": server})
        client = self.tls_client(proxy, "good.test")
        for body in (b"x" * 100_000, b"GET /smuggled HTTP/1.1\r\n\r\n"):
            response = client.request(f"POST / HTTP/1.1\nHost: good.test\nContent-Length: {len(body)}\nAccept: application/json", body)
            self.check_report(response, "hostname_mismatch")
        chunked = client.request("POST / HTTP/1.1\nHost: good.test\nTransfer-Encoding: chunked\nAccept: application/json", b"3\r\nabc\r\n0\r\n\r\n")
        self.check_report(chunked, "hostname_mismatch")
        self.assertEqual(server.received, b"")

    def test_head_gets_the_fields_alone(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("other.test"))})
        client = self.tls_client(proxy, "good.test")
        self.assertEqual(client.request("HEAD / HTTP/1.1\nHost: good.test").status, 502)
        self.check_report(client.get("/", **JSON), "hostname_mismatch")

    def test_insecure_lets_through_what_is_wrong_and_says_so(self):
        server = self.tls_server(self.pki.leaf("other.test"))
        proxy = self.proxy("--insecure=good.test", hosts={"good.test:443": server, "third.test:443": server})
        response = self.tls_client(proxy, "good.test").get("/")
        self.assertEqual((response.status, response.body), (200, b"hello"))
        self.assertIn("hostname_mismatch", response["Proxy-Status"])
        self.check_report(self.tls_client(proxy, "third.test").get("/", **JSON), "hostname_mismatch")


class Forms(Answers):
    """The forms of an answer, by the example that all follow: a certificate for other names."""

    def setUp(self):
        super().setUp()
        identity = self.pki.leaf("*.cloudfront.net", subject="*.cloudfront.net")
        self.running = self.proxy(hosts={"api.example.com:443": self.tls_server(identity)})

    def answer(self, **fields):
        return self.tls_client(self.running, "api.example.com").get("/?q=<script>alert(1)</script>", host="api.example.com", **fields)

    SHOWN = ("api.example.com", "*.cloudfront.net", "hostname_mismatch", "CloudFront")

    def test_curl_gets_text_that_reads_well_in_a_terminal(self):
        self.check_text(self.answer(Accept="*/*"), *self.SHOWN)
        self.check_text(self.answer(), *self.SHOWN)

    def test_a_browser_gets_one_page_with_nothing_from_outside(self):
        self.check_page(self.answer(Accept=BROWSER), *self.SHOWN)

    def test_json_clients_get_problem_json(self):
        for accept in ("application/json", "application/problem+json", "application/json, text/plain;q=0.5"):
            self.assertEqual(self.answer(Accept=accept).json["code"], "hostname_mismatch")

    def test_a_page_of_another_origin_may_read_the_answer(self):
        response = self.answer(Origin="https://app.example.com", **JSON)
        self.assertEqual(response["Access-Control-Allow-Origin"], "https://app.example.com")
        self.assertEqual(response.json["code"], "hostname_mismatch")

    def test_a_page_of_another_origin_reads_no_banner_of_a_server_that_is_not_public(self):
        proxy = self.proxy(hosts={"inner.test:22": self.server(servers.saying(b"SSH-2.0-inner_secret\r\n"))})
        for origin, readable in (("https://evil.example", False), ("null", False), ("http://localhost:3000", True)):
            for accept in ("*/*", "text/html", "application/json"):
                body = self.client(proxy).get("http://inner.test:22/", host="inner.test:22", Origin=origin, Accept=accept).text
                self.assertIn("upstream_http_error", body)
                self.assertEqual("inner_secret" in body, readable, body)

    def test_a_page_whose_own_name_leads_elsewhere_by_now_reads_no_banner_either(self):
        """DNS rebinding: to the browser that is the page's own origin, so that no Origin comes; what the user types is the user's."""
        proxy = self.proxy(hosts={"inner.test:22": self.server(servers.saying(b"SSH-2.0-inner_secret\r\n"))})
        for site, readable in (("same-origin", False), ("same-site", False), ("cross-site", False), ("none", True)):
            for accept in ("*/*", "text/html", "application/json"):
                response = self.client(proxy).get("http://inner.test:22/", host="inner.test:22", Sec_Fetch_Site=site, Accept=accept)
                self.assertIn("upstream_http_error", response.text)
                self.assertEqual("inner" in response.text, readable, response.text)

    def test_a_page_of_another_origin_reads_none_of_the_options_that_commands_repeat(self):
        proxy = self.proxy("--resolve", "secret.corp.example:1:127.0.0.1")
        for origin, readable in (("https://evil.example", False), ("http://localhost:3000", True)):
            body = self.client(proxy).get("http://nothing.invalid/", host="nothing.invalid", Origin=origin, **JSON).text
            self.assertIn("dns_", body)
            self.assertEqual("--trust" in body or "secret.corp" in body, readable, body)

    def test_no_field_of_the_request_is_echoed_unescaped(self):
        for accept in ("*/*", "text/html", "application/json"):
            response = self.answer(Accept=accept, X_Evil="<script>", Origin='https://"><script>x</script>')
            self.assertLessEqual(response.body.count(b"<script"), 1)
            self.assertNotIn(b"<script>x", response.body)
            self.assertIsNone(response["Access-Control-Allow-Origin"])

    def test_a_certificates_text_is_escaped_in_every_form(self):
        identity = self.pki.leaf("<script>.test", subject="<script>alert(1)\x1b[31m</script>\u202e")
        proxy = self.proxy(hosts={"evil.test:443": self.tls_server(identity)})
        for accept in ("*/*", "text/html", "application/json"):
            response = self.tls_client(proxy, "evil.test").get("/", Accept=accept)
            self.assertEqual(response.status, 502)
            self.assertNotIn(b"\x1b", response.body)
            if accept == "text/html":
                self.assertLessEqual(response.body.count(b"<script"), 1)
                self.assertNotIn(b"<script>alert", response.body)
        self.assertNotIn("\x1b[31m", proxy.stderr.text)

    def test_the_answer_says_that_nothing_was_sent(self):
        self.assertRegex(self.answer().text.lower(), r"(not|no|nothing).{0,80}(sent|left|reach)")

    def test_detail_off_tells_nothing(self):
        server = self.tls_server(self.pki.leaf("secret.internal"))
        proxy = self.proxy("--detail", "off", hosts={"good.test:443": server})
        for accept in ("*/*", "text/html", "application/json"):
            response = self.tls_client(proxy, "good.test").get("/", Accept=accept)
            self.assertEqual(response.status, 502)
            self.assertNotIn(b"secret.internal", response.body)

    def test_a_printed_command_starts_the_same_proxy_with_what_mends_it(self):
        server = self.tls_server(self.pki.self_signed("own.test"))
        proxy = self.proxy("--tls-min", "1.3", hosts={"own.test:443": server})
        report = self.client(proxy).get("https://own.test/", host="own.test", **JSON).json
        commands = (fix["command"] for fix in report["problems"][0]["fixes"] if "command" in fix)
        save, start = next(command for command in commands if "--add-trust" in command).split(" && ")
        self.assertEqual(run("bash", "-c", save, cwd=self.directory).returncode, 0)
        self.assertIn("--tls-min 1.3", start)
        program, *words = shlex.split(start)
        self.assertEqual(program, "whytls")
        mended = self.started(Process([WHYTLS, *words], cwd=self.directory))
        port = mended.stderr.wait_for(r"^listening on 127\.0\.0\.1:(\d+)")[1]
        done = run("curl", "-sS", "-x", f"http://127.0.0.1:{port}", "--cacert", proxy.ca_file, "-o", "/dev/null", "-w", "%{http_code}", "https://own.test/")
        self.assertEqual(done.stdout, "200", done.stderr)


def open_lines(path):
    with open(path, encoding="ascii") as file:
        return file.readlines()


# Not over HTTP/2: heads and chunks of HTTP/1.1.
FailuresOverHttp2 = over_http2(Failures, "test_a_failed_requests_body_is_read_away", "test_upstream_http_error_when_a_response_is_ambiguous",
                               "test_upstream_http_error_when_what_comes_is_not_http")


if __name__ == "__main__":
    main()

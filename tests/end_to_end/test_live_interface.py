"""The live page's interface for programs (docs/contract.md, 5a): what it answers, to whom, and what becomes of a recording."""
import http.client
import json
import os
import signal
import socket
import subprocess

from harness import Case, PATIENCE, WHYTLS, main, servers
from processes import run


def answering(connection):
    requests = servers.Requests(connection)
    while head := requests.head():
        if b"POST" in head:
            requests.body(5)
        connection.sendall(servers.ok(b"content of " + head.split(b" ")[1]))


class LiveCase(Case):
    def started_proxy(self, *options, **named):
        proxy = self.proxy("--ui", "127.0.0.1:0", *options, **named)
        return proxy, int(proxy.stderr.wait_for(r"^live page http://127\.0\.0\.1:(\d+)/")[1])

    def ask(self, port, path, method="GET", body=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in fields.items()})
        answer = connection.getresponse()
        return answer, answer.read()

    def json(self, port, path, **named):
        answer, body = self.ask(port, path, **named)
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        return answer.status, json.loads(body)

    def token(self, port):
        page = self.ask(port, "/")[1].decode()
        return page.split('name="whytls-token" content="')[1].split('"')[0]

    def request(self, proxy, url, *options):
        return run("curl", "-s", "-x", proxy.url, "--cacert", proxy.ca_file, *options, url).stdout

    def flows(self, port, query=""):
        return self.json(port, "/api/flows" + query)[1]["flows"]


class Interface(LiveCase):
    def test_a_flow_is_listed_and_told_in_full(self):
        server = self.tls_server(self.pki.leaf("a.test"), answering)
        proxy, port = self.started_proxy(hosts={"a.test:443": server})
        self.request(proxy, "https://a.test/one?token=s3cret", "--data", "hello", "-H", "Authorization: Bearer s3cret")
        row, = self.flows(port)
        self.assertEqual((row["kind"], row["method"], row["status"], row["lock"], row["program"]), ("request", "POST", 200, "verified", "curl"))
        flow = self.json(port, f"/api/flows/{row['id']}")[1]
        self.assertIn(["Authorization", "Bearer ***"], flow["request"]["headers"])
        self.assertEqual(flow["server"]["verdict"], "ok")
        self.assertTrue(flow["server"]["certificates"][0]["pem"].startswith("-----BEGIN CERTIFICATE-----"))
        self.assertEqual(self.ask(port, f"/api/flows/{row['id']}/request-body")[1], b"hello")
        self.assertEqual(self.ask(port, f"/api/flows/{row['id']}/response-body")[1], b"content of /one?token=s3cret")
        self.assertEqual(self.json(port, f"/api/flows/{row['id']}/response-body?view=1")[1]["text"], "content of /one?token=s3cret")

    def test_secrets_are_shown_to_the_page_alone(self):
        proxy, port = self.started_proxy(hosts={"a.test:80": self.server(answering)})
        self.request(proxy, "http://a.test/", "-H", "Cookie: session=s3cret")
        self.assertNotIn("s3cret", json.dumps(self.json(port, "/api/flows/1?secrets=show")))
        self.assertIn("session=s3cret", json.dumps(self.json(port, "/api/flows/1?secrets=show", X_Whytls_Token=self.token(port))))

    def test_failures_of_either_side_are_flows_with_their_code(self):
        server = self.tls_server(self.pki.leaf("other.test"), answering)
        proxy, port = self.started_proxy(hosts={"a.test:443": server, "other.test:443": server})
        run("curl", "-s", "-x", proxy.url, "https://other.test/", check=False)  # does not trust the CA
        self.request(proxy, "https://a.test/")
        kinds = {(row["kind"], row["code"]) for row in self.flows(port, "?filter=failed")}
        self.assertEqual(kinds, {("request", "hostname_mismatch"), ("upstream_handshake", "hostname_mismatch"), ("client_handshake", "client_untrusted_ca")})
        flow = next(row for row in self.flows(port, "?filter=code:hostname_mismatch") if row["kind"] == "request")
        page, body = self.ask(port, f"/api/flows/{flow['id']}/report.html")
        self.assertIn("sandbox", page.headers["Content-Security-Policy"])
        self.assertIn(b"other.test", body)

    def test_a_filter_that_cannot_be_read_says_where(self):
        port = self.started_proxy()[1]
        for path in ("/api/flows", "/api/events", "/api/har"):
            status, told = self.json(port, path + "?filter=a%20(b")
            self.assertEqual((status, told["position"]), (400, 2), told)

    def test_strangers_are_refused(self):
        proxy, port = self.started_proxy(hosts={"a.test:80": self.server(answering)})
        self.request(proxy, "http://a.test/")
        for fields in ({"Host": "evil.test"}, {"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, {"Origin": "null"}):
            for path in ("/", "/api/flows", "/api/events", "/metrics"):
                answer, body = self.ask(port, path, **fields)
                self.assertEqual(answer.status, 403, (fields, path, body))
                self.assertNotIn(b"a.test", body)
        for path in ("/api/clear", "/api/flows/1/replay", "/api/har", "/api/hosts/check"):
            for token in ("", "0" * 48, self.token(port)[:-1]):
                self.assertEqual(self.ask(port, path, method="POST", body="{}", X_Whytls_Token=token)[0].status, 403, path)
        self.assertEqual(len(self.flows(port)), 1, "what is refused here is no flow")

    def test_the_page_is_not_of_one_origin_with_pages_of_the_gateway_path(self):
        proxy, port = self.started_proxy("--allow-origin", "http://app.test:3000", hosts={"a.test:80": self.server(answering)})
        self.request(proxy, "http://a.test/")
        for path in ("/live", "/api/flows", "/api/state", "/metrics", f"/http://127.0.0.1:{port}/api/flows", f"/http://localhost:{port}/", "/http://why.tls/api/flows"):
            for fields in ({}, {"Host": "app.test:3000"}):
                answer, body = self.ask(proxy.port, path, **fields)
                self.assertNotEqual(answer.status, 200, path)
                self.assertNotIn(b"a.test/", body, path)
        self.assertEqual(self.ask(port, "/api/flows", Host=f"app.test:{port}")[0].status, 403)

    def test_the_page_is_there_over_tls_too_with_a_certificate_of_the_ca(self):
        proxy, port = self.started_proxy()
        done = run("curl", "--silent", "--cacert", proxy.ca_file, f"https://localhost:{port}/api/state")
        self.assertEqual(json.loads(done.stdout)["trust_test"], f"https://localhost:{port}/healthz")
        self.assertEqual(self.json(port, "/api/state")[1]["trust_test"], f"https://127.0.0.1:{port}/healthz")

    def test_anyone_may_ask_whether_the_proxy_runs(self):
        proxy, port = self.started_proxy()
        for at in (proxy.port, port):
            answer, body = self.ask(at, "/healthz", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
            self.assertEqual((answer.status, json.loads(body)), (200, {"status": "ok"}))

    def test_no_one_is_led_to_the_page_by_the_proxy(self):
        proxy, port = self.started_proxy()
        for url in (f"http://127.0.0.1:{port}/api/flows", f"http://localhost:{port}/"):
            for way in ((), ("--proxytunnel",)):
                self.assertNotIn('"flows":', self.request(proxy, url, *way), url)
                self.assertNotIn("whytls-token", self.request(proxy, url, *way), url)

    def test_the_page_is_no_proxy(self):
        port = self.started_proxy(hosts={"a.test:80": self.server(answering)})[1]
        for way in (("-x", f"http://127.0.0.1:{port}", "--proxytunnel"), ("-x", f"socks5h://127.0.0.1:{port}"), ("-x", f"http://127.0.0.1:{port}")):
            self.assertNotIn("content of", run("curl", "-s", *way, "http://a.test/").stdout, way)
        answer, body = self.ask(port, "/", method="OPTIONS")
        self.assertEqual((answer.status, json.loads(body)["error"]), (405, "the page knows GET, HEAD and POST"))

    def test_what_a_stranger_sends_is_not_read(self):
        port = self.started_proxy()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(f"POST /api/har HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 99999999999\r\n\r\n".encode())
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 403 "))

    def test_secrets_in_urls_of_header_fields_are_masked_too(self):
        proxy, port = self.started_proxy("--redact", "token", hosts={"a.test:80": self.server(lambda connection: (servers.Requests(connection).head(), connection.sendall(servers.ok(b"hi"))))})
        self.request(proxy, "http://a.test/?token=s3cret", "-H", "Referer: http://u:s3cret@b.test/?token=s3cret", "-H", "apikey: s3cret", "-H", "Origin: null")
        self.assertNotIn("s3cret", self.ask(port, "/api/flows/1")[1].decode())
        self.assertNotIn("s3cret", self.ask(port, "/api/har")[1].decode())

    def test_events_tell_each_change_and_go_on_where_a_reader_was(self):
        proxy, port = self.started_proxy(hosts={"a.test:80": self.server(answering)})
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/events")
        events = connection.getresponse()
        self.assertEqual(events.headers["Content-Type"], "text/event-stream")
        self.request(proxy, "http://a.test/first")
        first = position = None
        while line := events.readline():
            if b'"complete":true' in line:
                first = line
            if line.startswith(b"id: ") and first:
                position = line[4:].strip().decode()
                break
        self.assertIn(b"/first", first)
        connection.close()
        self.request(proxy, "http://a.test/second")
        again = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(again.close)
        again.request("GET", "/api/events", headers={"Last-Event-ID": position})
        told = again.getresponse()
        while line := told.readline():
            if line.startswith(b"data: "):
                break
        self.assertIn(b"/second", line)

    def test_the_page_is_there_through_the_proxy_too(self):
        proxy, port = self.started_proxy()
        self.assertIn("whytls-token", self.request(proxy, "http://why.tls/live"))
        self.assertIn('"total":', self.request(proxy, "http://why.tls/api/flows?filter=host:a-name-longer-than-a-short-string.test&limit=5"))
        self.assertEqual(json.loads(self.request(proxy, "http://why.tls/api/state"))["version"], json.loads(self.ask(port, "/api/state")[1])["version"])

    def test_metrics_count_what_passes(self):
        proxy, port = self.started_proxy(hosts={"a.test:80": self.server(answering)})
        self.request(proxy, "http://a.test/")
        answer, text = self.ask(port, "/metrics")
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertRegex(text.decode(), r'whytls_requests_total\{[^}]*\} 1')
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""))

    def test_har_goes_out_and_comes_in(self):
        proxy, port = self.started_proxy(hosts={"a.test:80": self.server(answering)})
        self.request(proxy, "http://a.test/one")
        har = self.ask(port, "/api/har")[1]
        self.assertEqual([entry["response"]["content"]["text"] for entry in json.loads(har)["log"]["entries"]], ["content of /one"])
        token = self.token(port)
        self.assertEqual(self.json(port, "/api/har", method="POST", body=har, X_Whytls_Token=token), (200, {"imported": 1}))
        self.assertEqual([(row["url"], row.get("imported")) for row in self.flows(port)], [("http://a.test/one", True), ("http://a.test/one", None)])
        self.assertEqual(len(json.loads(self.ask(port, "/api/har")[1])["log"]["entries"]), 1, "what was imported is not of this run")
        status, told = self.json(port, "/api/har", method="POST", body=b'{"log":{"entries":[{"request":{"url":5}}]}}', X_Whytls_Token=token)
        self.assertEqual(status, 400)
        self.assertEqual(told["error"], "entries[0].startedDateTime: missing")

    def test_a_request_is_sent_again_as_it_was_or_changed(self):
        asked = []

        def noting(connection):
            requests = servers.Requests(connection)
            while head := requests.head():
                asked.append((head.split(b"\r\n")[0], requests.body(5) if b"POST" in head else b""))
                connection.sendall(servers.ok(b"done"))

        proxy, port = self.started_proxy(hosts={"a.test:443": self.tls_server(self.pki.leaf("a.test"), noting)})
        self.request(proxy, "https://a.test/things", "--data", "hello")
        token = self.token(port)
        status, told = self.json(port, "/api/flows/1/replay", method="POST", X_Whytls_Token=token)
        self.assertEqual(status, 200, told)
        self.assertTrue(self.json(port, f"/api/flows/{told['id']}")[1]["replayed"])
        self.json(port, "/api/flows/1/replay", method="POST", body=json.dumps({"url": "https://a.test/other", "method": "PUT", "body": ""}), X_Whytls_Token=token)
        self.assertEqual(asked, [(b"POST /things HTTP/1.1", b"hello"), (b"POST /things HTTP/1.1", b"hello"), (b"PUT /other HTTP/1.1", b"")])
        status, told = self.json(port, "/api/flows/1/replay", method="POST", body='{"headers":[["A","b\\r\\nC: d"]]}', X_Whytls_Token=token)
        self.assertEqual((status, told["error"]), (400, "headers[0]: a value is one line"))

    def test_a_host_is_checked_again(self):
        proxy, port = self.started_proxy(hosts={"a.test:443": self.tls_server(self.pki.leaf("other.test"), answering)})
        status, report = self.json(port, "/api/hosts/check", method="POST", body='{"host":"a.test","port":443}', X_Whytls_Token=self.token(port))
        self.assertEqual((status, report["code"]), (200, "hostname_mismatch"))
        self.request(proxy, "https://a.test/")
        host, = self.json(port, "/api/hosts")[1]["hosts"]
        self.assertEqual((host["host"], host["verdict"], host["code"]), ("a.test", "failed", "hostname_mismatch"))
        self.assertGreater(host["days"], 0)

    def test_a_body_is_kept_up_to_the_limit_and_passes_whole(self):
        proxy, port = self.started_proxy("--body-limit", "1K", hosts={"a.test:80": self.server(lambda connection: (servers.Requests(connection).head(), connection.sendall(servers.ok(b"x" * 5000))))})
        self.assertEqual(len(self.request(proxy, "http://a.test/")), 5000)
        self.assertEqual(self.json(port, "/api/flows/1")[1]["response"]["content"], {"size": 5000, "kept": 1024, "whole": False})


class Keeping(LiveCase):
    def test_a_recording_outlives_a_proxy_that_was_killed_and_the_page_shows_it(self):
        session = os.path.join(self.directory, "session")
        hosts = {"a.test:80": self.server(answering)}
        proxy = self.started_proxy("--record", session, hosts=hosts)[0]
        self.request(proxy, "http://a.test/one")
        seen = subprocess.Popen([WHYTLS, "log", "--record", session, "--follow"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(seen.wait)
        self.addCleanup(seen.kill)
        self.addCleanup(seen.stdout.close)
        while "http://a.test/one" not in seen.stdout.readline():
            pass
        proxy.process.stop(signal.SIGKILL)
        proxy._stopped = True
        proxy, port = self.started_proxy("--record", session, hosts=hosts)
        self.request(proxy, "http://a.test/two")
        self.assertEqual([row["url"] for row in self.flows(port)], ["http://a.test/two", "http://a.test/one"])
        self.assertEqual([row["url"] for row in self.flows(port, "?filter=one")], ["http://a.test/one"])
        self.assertEqual(self.ask(port, "/api/flows/1/response-body")[1], b"content of /one")
        self.assertEqual(self.json(port, "/api/flows/1/response-body?view=1")[1]["text"], "content of /one")
        refused = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--ca-dir", os.path.join(self.directory, "other"), "--record", session, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(str(proxy.process.pid), refused.stderr)

    def test_har_is_written_when_the_proxy_stops(self):
        file = os.path.join(self.directory, "out.har")
        proxy = self.proxy("--har", file, hosts={"a.test:80": self.server(answering)})
        self.request(proxy, "http://a.test/one")
        proxy.stop()
        with open(file, encoding="utf-8") as har:
            self.assertEqual([entry["request"]["url"] for entry in json.load(har)["log"]["entries"]], ["http://a.test/one"])
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)

    def test_a_har_that_cannot_be_written_is_told(self):
        refused = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", "off", "--ca-dir", os.path.join(self.directory, "ca"), "--har", "/nowhere/out.har")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--har /nowhere/out.har: /nowhere: No such file or directory", refused.stderr)


class Starting(LiveCase):
    def test_a_port_in_use_is_an_error_only_where_it_was_chosen(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            refused = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ui", f"127.0.0.1:{port}", "--ca-dir", os.path.join(self.directory, "ca"), check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(f"--ui 127.0.0.1:{port}: ", refused.stderr)

    def test_an_address_of_the_network_needs_a_password(self):
        for options, missing in ((("--ui", "0.0.0.0:0"), "--allow-remote"), (("--ui", "0.0.0.0:0", "--allow-remote"), "--proxy-auth")):
            refused = run(WHYTLS, "proxy", "--listen", "127.0.0.1:0", *options, "--ca-dir", os.path.join(self.directory, "ca"), check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn(missing, refused.stderr)

    def test_with_a_password_for_the_proxy_the_page_asks_for_it(self):
        port = self.started_proxy("--proxy-auth", "ann:secret")[1]
        for given, status in ((None, 401), ("YW5uOndyb25n", 401), ("YW5uOnNlY3JldA==", 200)):
            answer = self.ask(port, "/api/flows", **({"Authorization": f"Basic {given}"} if given else {}))[0]
            self.assertEqual(answer.status, status, given)

    def test_open_asks_the_desktop_for_a_browser(self):
        folder = os.path.join(self.directory, "bin")
        os.mkdir(folder)
        told = os.path.join(self.directory, "told")
        os.mkfifo(told)
        with open(os.path.join(folder, "xdg-open"), "w", encoding="utf-8") as script:
            script.write(f'#!/bin/sh\necho "$1" > {told}\n')
            os.chmod(script.fileno(), 0o755)
        port = self.started_proxy("--open", env={"PATH": f"{folder}:{os.environ['PATH']}"})[1]
        with open(told, encoding="utf-8") as fifo:
            self.assertEqual(fifo.read(), f"http://127.0.0.1:{port}/\n")

    def test_without_a_browser_open_says_what_to_do(self):
        proxy, port = self.started_proxy("--open", env={"PATH": self.directory})
        proxy.stderr.wait_for(rf"--open: xdg-open: .*open http://127\.0\.0\.1:{port}/ yourself")


if __name__ == "__main__":
    main()

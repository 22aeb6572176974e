"""The live page in a real browser (clients/live_page.js): it shows what passes, by mouse and by keys, gives nothing to strangers, and what comes
from traffic stays text. Screenshots stay in the build tree (tests/live_screenshots) for people to look at."""
import contextlib
import http.server
import json
import os
import re
import sqlite3
import subprocess
import threading
import unittest
import urllib.request

from browser import SHELL, trust
from harness import Case, PATIENCE, main, servers
from processes import BUILD, SANITIZED, SOURCE, environment, run
from test_websocket import EchoServer, MODULES, PEER

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVER = os.path.join(HERE, "clients", "live_page.js")
SCREENSHOTS = os.path.join(BUILD, "tests", "live_screenshots")
VALIDATOR = os.path.join(SOURCE, "build", "node", "node_modules", ".bin", "html-validate")
HOSTILE = "<img src=x onerror=pwned=1><b>\"'&lt;</b>"
ANSWER = {"name": HOSTILE, "big": 12345678901234567890, "list": [{"deep": {"deeper": "treasure"}}], "path": ""}


class Site:
    """Answers each request with what was asked, as JSON; to /soap in XML, to /page in HTML, to /form it says nothing."""

    def __init__(self):
        self.asked = []

    def __call__(self, connection):
        requests = servers.Requests(connection)
        while head := requests.head():
            text = head.decode("latin-1")
            length = re.search(r"(?i)^content-length: (\d+)", text, re.MULTILINE)
            body = requests.body(int(length[1])) if length else b""
            self.asked.append((text, body))
            path = text.split(" ")[1]
            content, kind = self.content(path)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nX-Odd: " + HOSTILE.encode() + b"\r\nSet-Cookie: session=verysecret; HttpOnly\r\nContent-Length: "
                               + str(len(content)).encode() + b"\r\n\r\n" + content)

    @staticmethod
    def content(path):
        if path.startswith("/soap"):
            return f'<?xml version="1.0"?><a><b x="1">{HOSTILE.replace("&", "&amp;")}</b></a>'.encode(), b"application/xml"
        if path.startswith("/page"):
            return f"<!doctype html><title>{HOSTILE}</title>{HOSTILE}<script>pwned=1</script>".encode(), b"text/html"
        if path.startswith("/picture"):
            return f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="pwned=1"><script>pwned=1</script></svg>'.encode(), b"image/svg+xml"
        return json.dumps(ANSWER | {"path": path}).encode(), b"application/json"


class Driver:
    """One browser for all scenarios."""

    def __init__(self, **variables):
        self._process = subprocess.Popen(["node", DRIVER, SHELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         env=environment() | MODULES | variables)
        self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("the browser's driver ended")
        return json.loads(line)

    def play(self, scenario, url, given=None):
        self._process.stdin.write(json.dumps({"scenario": scenario, "url": url, "given": given}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if "error" in answer:
            raise AssertionError(f"{scenario}: {answer['error']}")
        return answer["result"]

    def stop(self):
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another site's page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_):
        pass


class LiveCase(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.driver = Driver()
        cls.addClassCleanup(cls.driver.stop)
        cls.identities = {"good.test": cls.pki.leaf("good.test"), "ws.test": cls.pki.leaf("ws.test"),
                          "shop.test": cls.pki.leaf("*.cloudfront.net", subject=HOSTILE[:60], more=[])}

    def start(self, *options):
        """A proxy with its page, and servers: a good one, one with another's certificate."""
        self.site = Site()
        hosts = {"good.test:443": self.tls_server(self.identities["good.test"], self.site), "shop.test:443": self.tls_server(self.identities["shop.test"]),
                 "ws.test:443": self.started(EchoServer(self.identities["ws.test"]))}
        proxy = self.proxy("--ui", "127.0.0.1:0", *options, hosts=hosts)
        self.page = proxy.stderr.wait_for(r"^live page (http://\S+)")[1]
        return proxy

    def flows(self):
        with urllib.request.urlopen(self.page + "api/flows", timeout=PATIENCE) as response:
            return [each["id"] for each in json.load(response)["flows"]]

    def ask(self, proxy, url, *more):
        self.curl(proxy, "--path-as-is", "--globoff", "--output", os.devnull, *more, url)

    def traffic(self, proxy):
        """One of each kind."""
        self.ask(proxy, "https://good.test/v1/things?page=1", "-H", "Authorization: Bearer verysecret", "-H", f"X-Odd: {HOSTILE}", "-d", json.dumps({"q": HOSTILE}), "-H",
                 "Content-Type: application/json")
        self.ask(proxy, "https://good.test/v1/others/%3Cimg%20src=x%3E")
        self.ask(proxy, "https://good.test/soap")
        self.ask(proxy, "https://good.test/page")
        self.ask(proxy, "https://good.test/picture")
        self.ask(proxy, "https://good.test/form", "-d", f"a=1&b={HOSTILE}")
        self.ask(proxy, "https://shop.test/basket")
        self.curl(proxy, "https://good.test/", trusting=False)

    def play(self, scenario, given=None):
        return self.driver.play(scenario, self.page, given)

    def beside(self, task):
        """A file's name, whose appearance makes `task` run."""
        ready = os.path.join(self.directory, "ready")
        over = threading.Event()

        def wait():
            while not os.path.exists(ready):
                if over.wait(0.02):
                    return
            task()

        thread = threading.Thread(target=wait)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(over.set)
        return ready


class Showing(LiveCase):
    def test_each_flow_is_a_row_and_failures_tell_their_cause_in_it(self):
        proxy = self.start()
        self.traffic(proxy)
        rows = self.play("list")
        self.assertTrue(any("client_untrusted_ca" in each for each in rows), rows)
        [basket] = [each for each in rows if "/basket" in each]
        for word in ("curl", "shop.test", "hostname_mismatch", "502", "failed"):
            self.assertIn(word, basket)
        [things] = [each for each in rows if "/v1/things?page=1" in each]
        for word in ("POST", "good.test", "200", "verified", "ms"):
            self.assertIn(word, things)

    def test_the_empty_page_says_what_to_do_and_a_first_request_appears_in_it(self):
        proxy = self.start()
        ready = self.beside(lambda: self.ask(proxy, "https://good.test/first"))
        self.assertTrue(self.play("arrives", {"ready": ready, "text": "/first"}))

    def test_keys_alone_open_a_flow_and_come_back(self):
        self.traffic(self.start())
        seen = self.play("keyboard")
        self.assertTrue(seen["first"], seen)
        self.assertEqual(seen["opened"], seen["chosen"])
        self.assertEqual((seen["focused"], seen["filter"], seen["typed"], seen["help"]), ("grid", "filter", "?", False))

    def test_filters_choose_rows_and_a_bad_one_says_where(self):
        proxy = self.start()
        self.traffic(proxy)
        seen = self.play("filters", ["host:shop.test", "method:POST", "status:200 /v1", "-host:good.test -failed", "nonsense:x", "code:hostname_mismatch"])
        self.assertEqual(seen["host:shop.test"], len([each for each in self.rows("host:shop.test")]))
        self.assertGreater(seen["host:shop.test"], 0)
        self.assertEqual((seen["method:POST"], seen["status:200 /v1"]), (2, 2))
        self.assertGreater(seen["code:hostname_mismatch"], 0)
        self.assertEqual(seen["-host:good.test -failed"], 0)
        self.assertIn("nonsense", seen["nonsense:x"][0])

    def rows(self, text):
        with urllib.request.urlopen(f"{self.page}api/flows?filter={text}", timeout=PATIENCE) as response:
            return json.load(response)["flows"]

    def test_what_traffic_says_stays_text_wherever_it_is_shown(self):
        proxy = self.start()
        self.traffic(proxy)
        done = run("node", PEER, "talk", "wss://ws.test/socket", proxy.url, "1000", HOSTILE, env=environment() | MODULES | {"NODE_EXTRA_CA_CERTS": proxy.ca_file})
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = self.play("looks")
        self.assertEqual((seen["strange"], seen["ran"]), (0, True))
        everything = "\n".join(seen["texts"])
        self.assertGreaterEqual(everything.count(HOSTILE), 8)
        self.assertNotIn("verysecret", everything)

    def test_a_tree_of_json_is_searched(self):
        proxy = self.start()
        self.ask(proxy, "https://good.test/v1/things")
        found, visible = self.play("searches", {"row": "/v1/things", "text": "treasure"})
        self.assertEqual((found, visible), ('"deeper": "treasure"', True))

    def test_messages_of_a_websocket_are_shown_as_they_come(self):
        proxy = self.start()
        client = self.tls_client(proxy, "ws.test")
        client.send(b"GET /socket HTTP/1.1\r\nHost: ws.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + b"A" * 22 + b"==\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 101)

        def say(text):
            client.send(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)  # masked with zeros
            self.assertEqual(client.exactly(2 + len(text))[2:], text)

        say(b"early")
        ready = self.beside(lambda: say(b"later"))
        said = self.play("messages", {"row": "/socket", "ready": ready, "later": "later"})
        self.assertEqual(said.count("early"), 2, said)

    def test_compressed_messages_are_shown_unpacked(self):
        proxy = self.start()
        run("node", PEER, "talk", "wss://ws.test/socket", proxy.url, "1000", "early", "early " * 400, "later", env=environment() | MODULES | {"NODE_EXTRA_CA_CERTS": proxy.ca_file})
        said = self.play("messages", {"row": "/socket", "ready": os.path.join(self.directory, "ready"), "later": "later"})
        self.assertEqual(said.count("early"), 802, said)

    def test_ten_thousand_rows_are_scrolled_without_delay(self):
        self.start()
        seen = self.play("many", {"count": 20_000})
        self.assertLess(seen["most"], 120, "rows in the document")
        self.assertEqual(seen["count"], "20001")
        self.assertIn("/19999", seen["last"])
        self.assertLess(seen["longest"], 1000, "milliseconds for one frame")
        print(f"20000 rows: at most {seen['most']} in the document, longest frame {seen['longest']:.0f} ms")

    def test_a_recorded_session_of_fifty_thousand_flows_opens_within_two_seconds(self):
        record = os.path.join(self.directory, "record")
        proxy = self.start("--record", record)
        for number in range(20):
            self.ask(proxy, f"https://good.test/v1/things?page={number}")
        proxy.stop()
        multiply(os.path.join(record, "flows.sqlite"), 50_000)
        self.start("--record", record)
        seen = self.play("opens", {"count": 50_000, "text": "page=19"})
        self.assertIn("page=19", seen["title"])
        self.assertLess(seen["first"], 2000 if os.getloadavg()[0] < 2 * os.cpu_count() else 20_000, seen)  # beside other tests it takes longer
        print(f"50,000 recorded flows: first rows after {seen['first']:.0f} ms, all after {seen['all']:.0f} ms")


def multiply(file, count):
    """The flows of a recorded session are repeated, as they were, until there are so many."""
    with contextlib.closing(sqlite3.connect(file)) as session, session:
        rows = session.execute("SELECT session, began, row FROM flows ORDER BY id").fetchall()
        contents = session.execute("SELECT document, request_body, response_body FROM contents ORDER BY id").fetchall()
        last, = session.execute("SELECT max(written) FROM flows").fetchone()
        for number in range(len(rows) + 1, count + 1):
            like = (number - 1) % len(rows)
            session.execute("INSERT INTO flows(id, session, written, began, row) VALUES(?, ?, ?, ?, json_set(?, '$.id', ?))", (number, rows[like][0], last + number, *rows[like][1:], number))
            session.execute("INSERT INTO contents VALUES(?, json_set(?, '$.id', ?), ?, ?)", (number, contents[like][0], number, *contents[like][1:]))


class Doing(LiveCase):
    def test_a_request_is_sent_again_changed_with_its_secrets_as_they_were(self):
        proxy = self.start()
        self.traffic(proxy)
        shown = self.play("replays", {"row": "/v1/things", "url": "https://good.test/v1/changed", "header": "X-New: yes", "body": "another, longer body: " + "x" * 99})
        self.assertIn("Bearer ***", shown)
        head, body = self.site.asked[-1]
        self.assertIn("POST /v1/changed HTTP/1.1", head)
        self.assertIn("X-New: yes", head)
        self.assertIn("Bearer verysecret", head)
        self.assertEqual(body.decode(), "another, longer body: " + "x" * 99)

    def test_two_flows_are_compared_line_by_line(self):
        proxy = self.start()
        self.traffic(proxy)
        less, more = self.play("compares", {"rows": ["/v1/things", "/v1/others"]})
        self.assertTrue(any("/v1/things?page=1" in each for each in less), less)
        self.assertTrue(any("/v1/others" in each for each in more), more)

    def test_a_request_copied_as_a_command_asks_the_same_again(self):
        proxy = self.start()
        hostile = HOSTILE + "$(touch pwned)`touch pwned`!\\"
        self.ask(proxy, "https://good.test/v1/copied?a=[1-2]&b={x}", "-H", f"X-Odd: {hostile}", "-H", "X-Empty;", "-H", "Authorization: Bearer verysecret", "--data-raw", f"@{hostile}\n'")
        asked = self.site.asked[-1]
        commands = self.play("copies", {"row": "/v1/copied", "secrets": True})
        trust = environment() | {"https_proxy": proxy.url, "CURL_CA_BUNDLE": proxy.ca_file}
        done = run("bash", "-c", commands["curl"], env=trust, cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, body = self.site.asked[-1]
        self.assertEqual((sorted(head.split("\r\n")), body), (sorted(asked[0].split("\r\n")), asked[1]))
        self.assertEqual(os.path.exists(os.path.join(self.directory, "pwned")), False)
        heads = f"globalThis.fetch = async (...given) => {{ console.log(JSON.stringify(given)); return {{status: 1, text: async () => ''}}; }};\n{commands['fetch']}"
        said = run("node", "--input-type=module", "-e", heads)
        url, options = json.loads(said.stdout.splitlines()[0])
        self.assertEqual((url, options["method"], options["body"].encode()), ("https://good.test/v1/copied?a=[1-2]&b={x}", "POST", asked[1]))
        self.assertIn(["X-Odd", hostile], options["headers"])
        stub = ("import sys, types, json\nr = types.ModuleType('requests')\nclass R: status_code = 1; text = ''\ndef request(*a, **k):\n print(json.dumps([a, k], default=lambda b: b.decode()))\n"
                " return R\nr.request = request\nsys.modules['requests'] = r\n")
        given, named = json.loads(run("python3", "-c", stub + commands["Python requests"]).stdout.splitlines()[0])
        self.assertEqual((given[1], named["data"].encode(), named["headers"]["X-Odd"]), (url, asked[1], hostile))

    def test_a_masked_secret_is_not_in_what_is_copied(self):
        proxy = self.start()
        self.traffic(proxy)
        for name, command in self.play("copies", {"row": "/v1/things"}).items():
            self.assertNotIn("verysecret", command, name)
            self.assertIn("Bearer ***", command, name)

    def test_the_flows_are_saved_as_har_and_read_back(self):
        proxy = self.start()
        self.traffic(proxy)
        file = os.path.join(self.directory, "saved.har")
        name, status, answer = self.play("saves", {"file": file})
        self.assertEqual((name, status), ("whytls.har", 200))
        with open(file, encoding="utf-8") as saved:
            entries = json.load(saved)["log"]["entries"]
        self.assertEqual(answer["imported"], len(entries))
        self.assertGreaterEqual(len(entries), 6)

    def test_a_browser_learns_whether_it_trusts_the_ca(self):
        proxy = self.start()
        self.assertIn("No: it refused", self.driver.play("trusts", self.page))
        home = os.path.join(self.directory, "home")
        trust(home, proxy.ca_file)
        trusting = Driver(HOME=home)
        self.addCleanup(trusting.stop)
        self.assertIn("Yes: it accepted", trusting.play("trusts", self.page))
        self.assertEqual(self.flows(), [], "the page's own handshakes are no flows")
        self.assertNotIn("client_", proxy.stderr.text)

    def test_a_pinned_row_outlives_the_others(self):
        proxy = self.start()
        self.traffic(proxy)
        rows, title = self.play("clears", {"pinned": "/v1/things"})
        self.assertEqual(len(rows), 1)
        self.assertIn("/v1/things", rows[0])
        self.assertIn("/v1/things", title)

    def test_a_paused_list_goes_on_receiving(self):
        proxy = self.start()
        self.traffic(proxy)
        ready = self.beside(lambda: self.ask(proxy, "https://good.test/while-paused"))
        self.assertEqual(self.play("pauses", {"ready": ready, "text": "/while-paused"}), 0)


class Guarding(LiveCase):
    def test_a_page_of_another_site_can_neither_read_nor_act(self):
        proxy = self.start()
        self.traffic(proxy)
        before = self.flows()
        elsewhere = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        self.addCleanup(elsewhere.server_close)
        self.addCleanup(elsewhere.shutdown)
        threading.Thread(target=elsewhere.serve_forever, args=(0.05,), daemon=True).start()
        for name in ("127.0.0.1", "elsewhere.test"):
            with self.subTest(name):
                seen = self.play("strangers", {"elsewhere": f"http://{name}:{elsewhere.server_address[1]}/"})
                for way in ("read", "token", "event", "script"):
                    self.assertEqual(seen[way], "refused", way)
                self.assertNotEqual(seen["framed"], "read")
        self.assertEqual(self.flows(), before, "nothing was cleared")


class Looking(LiveCase):
    def test_the_page_is_valid_html(self):
        self.start()
        file = os.path.join(self.directory, "live.html")
        with urllib.request.urlopen(self.page, timeout=PATIENCE) as response, open(file, "wb") as page:
            page.write(response.read())
        done = run(VALIDATOR, "--config", os.path.join(HERE, "html-validate.json"), "--formatter", "json", file, timeout=120)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual([(message["line"], message["ruleId"], message["message"]) for page in json.loads(done.stdout) for message in page["messages"]], [])

    @unittest.skipIf(SANITIZED, "how the page looks is the same beside a tree without sanitizers")
    def test_every_view_is_pictured_fits_and_is_accessible(self):
        os.makedirs(SCREENSHOTS, exist_ok=True)
        empty = self.start() and self.page
        proxy = self.start()
        self.traffic(proxy)
        views = {
            "empty": {"url": empty, "wait": ".start-here"}, "list": {"wait": ".rows .row"}, "failed": {"row": "/basket"}, "certificates": {"row": "/basket", "tab": "Certificates"},
            "tls": {"row": "/basket", "tab": "TLS"}, "client": {"row": "client_untrusted_ca"}, "json": {"row": "/v1/things", "tab": "Response"},
            "request": {"row": "/v1/things", "tab": "Request"}, "timing": {"row": "/v1/things", "tab": "Timing"}, "hosts": {"hash": "#hosts", "wait": ".hosts"},
            "trust": {"hash": "#trust", "wait": "#trust .card"}, "replay": {"row": "/v1/things", "press": "r"}, "keys": {"wait": ".rows .row", "press": "?"},
        }
        self.assertEqual(self.play("pictures", {"folder": SCREENSHOTS, "views": views}), [])


if __name__ == "__main__":
    main()

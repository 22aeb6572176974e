"""Chromium with this proxy in its settings: pages work as without it, and a site that fails is replaced by the reason."""
import base64
import hashlib
import os
import re
import shutil
import tempfile

from browser import CHROMIUM, Browser, Tab, trust
import http2
from harness import Case, Proxy, main, servers

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
GOOD = """
location = /favicon.ico { return 204; }  # whether Chromium has asked for it by now is chance
types { text/html html; text/javascript js; image/gif gif; application/json json; }
location = /old { add_header Set-Cookie "seen=yes; Secure; HttpOnly; SameSite=Strict"; absolute_redirect off; return 302 /index.html; }
location = /cookie { return 200 "$http_cookie"; }
"""
# Says in each response which of its connections that came over. An image is not kept: each is asked for.
MANY = """
location = /favicon.ico { return 204; }
types { text/html html; image/gif gif; }
add_header X-Asked-Over "$server_protocol connection $connection";
add_header Cache-Control no-store;
"""
PAGE = """<!doctype html><title>a good page</title><script src="/script.js"></script><img id="image" src="/pixel.gif"><p id="answer"></p>"""
IMAGES = "<!doctype html>" + "".join(f'<img src="/pixel.gif?{number}">' for number in range(100))
SCRIPT = """window.ran = true;
window.answered = fetch('/data.json').then(response => response.json()).then(data => data.value);"""


def echoing(connection):
    """A WebSocket (RFC 6455) whose first short message comes back."""
    requests = servers.Requests(connection)
    key = re.search(rb"(?i)^sec-websocket-key: (\S+)", requests.head(), re.MULTILINE)[1]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    frame = requests.body(2)
    masked = requests.body(4 + (frame[1] & 0x7f))
    message = bytes(byte ^ masked[at % 4] for at, byte in enumerate(masked[4:]))
    connection.sendall(bytes([frame[0], len(message)]) + message)
    servers.drain(connection)


class Bank:
    """A site with a session and no CORS. `fails` connections more are closed without a word."""

    def __init__(self):
        self.fails = 0
        self.asked = []  # method and Cookie of each request

    @property
    def methods(self):
        return [method for method, _ in self.asked]

    def __call__(self, connection):
        head = servers.Requests(connection).head()
        if self.fails > 0:
            self.fails -= 1
            return
        method = head.split(b" ")[0].decode()
        cookie = re.search(rb"(?i)^cookie: (.*?)\r", head, re.MULTILINE)
        self.asked.append((method, cookie[1] if cookie else b""))
        if method == "OPTIONS":
            connection.sendall(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            connection.sendall(servers.ok(fields=b"Set-Cookie: session=victim; Path=/; Secure; SameSite=None\r\nConnection: close\r\n"))


class ThroughTheProxy(Case):
    proxy_of_all = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = servers.Nginx(os.path.join(cls.shared, "good.test"), GOOD, cls.pki.leaf("good.test"))
        cls.addClassCleanup(cls.good.stop)
        for name, content in {"index.html": PAGE, "images.html": IMAGES, "script.js": SCRIPT, "data.json": '{"value": 42}'}.items():
            with open(os.path.join(cls.good.directory, name), "w", encoding="ascii") as file:
                file.write(content)
        with open(os.path.join(cls.good.directory, "pixel.gif"), "wb") as file:
            file.write(PIXEL)
        cls.wrong = cls.tls_upstream(cls.pki.leaf("*.cloudfront.net", subject="*.cloudfront.net"), servers.answering(servers.ok()))
        cls.echo = cls.tls_upstream(cls.pki.leaf("echo.test"), echoing)
        cls.proxy_of_all = cls.start_proxy({"good.test:443": cls.good, "shop.test:443": cls.wrong, "echo.test:443": cls.echo})
        cls.browser = cls.start_browser()
        cls.tab = Tab(cls.browser, cls.proxy_of_all.url)

    @classmethod
    def tls_upstream(cls, identity, handler, configure=None):
        server = servers.TlsServer(identity, handler, configure)
        cls.addClassCleanup(server.stop)
        return server

    @classmethod
    def start_proxy(cls, hosts, *options, own_ca=False):
        """Its upstreams are these alone: what Chromium asks its makers for reaches nobody. The browser trusts its CA, unless that is its own."""
        nobody = servers.ClosedPort()
        cls.addClassCleanup(nobody.stop)
        resolve = [word for name, server in (hosts | {"*:443": nobody, "*:80": nobody}).items()
                   for word in ("--resolve", f"{name}:127.0.0.1:{server.port}")]
        directory = tempfile.mkdtemp(prefix="proxy-", dir=cls.shared)
        if not own_ca and cls.proxy_of_all:
            shutil.copytree(cls.proxy_of_all.ca_dir, os.path.join(directory, "ca"))
        proxy = Proxy(directory, ["--trust", cls.pki.trust, *resolve, *options])
        cls.addClassCleanup(proxy.stop)
        return proxy

    @classmethod
    def start_browser(cls, *options, **program):
        """One that trusts the CA of the proxy of all, and no other certificate here."""
        home = tempfile.mkdtemp(prefix="chromium-", dir=cls.shared)
        trust(home, cls.proxy_of_all.ca_file)
        browser = Browser(home, *options, **program)
        cls.addClassCleanup(browser.stop)
        return browser

    def assert_explained(self, code, tab=None):
        """The page in the tab is the diagnosis."""
        said = (tab or self.tab).evaluate("[document.title, document.querySelector('h1').textContent, document.body.innerText]")
        self.assertIn(code, said[2])
        self.assertTrue(said[0] and said[1])

    def test_a_page_its_script_its_image_and_its_fetch_all_load(self):
        self.tab.open("https://good.test/index.html")
        self.assertEqual(self.tab.evaluate("[document.title, window.ran, document.images[0].naturalWidth]"), ["a good page", True, 1])
        self.assertEqual(self.tab.evaluate("window.answered"), 42)
        self.assertEqual(self.tab.complaints(), [])

    def test_a_page_of_a_hundred_images_comes_over_one_connection_of_http_2_on_each_leg(self):
        site = servers.Nginx(os.path.join(self.directory, "many.test"), MANY, self.pki.leaf("many.test"), http2=True, root=self.good.directory)
        self.started(site)
        tab = Tab(self.browser, self.start_proxy({"many.test:443": site}).url)
        tab.open("https://many.test/images.html")
        self.assertEqual(tab.evaluate("[...document.images].filter(image => image.naturalWidth === 1).length"), 100)
        self.assertEqual(tab.complaints(), [])
        came = [response for response in tab.responses() if "favicon" not in response["url"]]
        self.assertEqual(len({response["url"] for response in came}), 101)
        self.assertEqual({(response["status"], response["protocol"]) for response in came}, {(200, "h2")})
        self.assertEqual(len({response["connectionId"] for response in came}), 1, "from the browser to the proxy")
        asked = {response["headers"]["x-asked-over"] for response in came}
        self.assertEqual(len(asked), 1, "from the proxy to the server")
        self.assertRegex(asked.pop(), r"^HTTP/2\.0 connection \d+$")

    def test_a_redirect_and_its_cookie_are_the_sites_own(self):
        self.tab.open("https://good.test/old")
        self.assertEqual(self.tab.evaluate("location.href"), "https://good.test/index.html")
        self.assertEqual(self.tab.evaluate("fetch('/cookie').then(response => response.text())"), "seen=yes")

    def test_a_site_with_the_wrong_certificate_is_replaced_by_the_diagnosis_without_a_warning_page(self):
        self.tab.open("https://shop.test/basket?id=1")
        self.assert_explained("hostname_mismatch")
        self.assertIn("shop.test", self.tab.evaluate("document.title"))
        self.assertEqual(self.tab.evaluate("[location.href, document.contentType]"), ["https://shop.test/basket?id=1", "text/html"])
        self.assertEqual(self.wrong.received, b"")

    ASK_WITH_PREFLIGHT = """fetch('https://%s/v1/things', {method: 'PUT', body: '{}', credentials: 'include',
                headers: {Accept: 'application/json', 'Content-Type': 'application/json', Authorization: 'Bearer x'}})
            .then(async response => [response.status, response.headers.get('Proxy-Status'), await response.json()], error => String(error))"""

    def test_a_page_of_another_origin_reads_why_its_api_fails(self):
        self.tab.open("https://good.test/index.html")
        code, status = self.tab.evaluate("""fetch('https://shop.test/v1/things', {headers: {Accept: 'application/json'}})
            .then(async response => [(await response.json()).code, response.headers.get('Proxy-Status')])""")
        self.assertEqual(code, "hostname_mismatch")
        self.assertIn("hostname_mismatch", status)
        self.assertIn("TypeError", self.tab.evaluate(self.ASK_WITH_PREFLIGHT % "shop.test"), "what needs a preflight is not let pass")
        self.assertEqual(self.wrong.received, b"")

    def test_a_page_that_is_allowed_reads_why_a_request_with_a_preflight_fails(self):
        proxy = self.start_proxy({"good.test:443": self.good, "shop.test:443": self.wrong}, "--allow-origin", "https://good.test")
        tab = Tab(self.browser, proxy.url)
        tab.open("https://good.test/index.html")
        report = tab.evaluate(self.ASK_WITH_PREFLIGHT % "shop.test")
        self.assertEqual(report[0], 502, report)
        self.assertIn("hostname_mismatch", report[1])
        self.assertEqual(report[2]["code"], "hostname_mismatch")
        self.assertEqual(self.wrong.received, b"")

    def test_a_preflight_that_its_failing_server_never_saw_lets_no_request_pass_to_it(self):
        """A page of the same site, with the user's cookies, allowed or not: the server fails at the preflight and is back for the request."""
        for options in ([], ["--allow-origin", "https://good.test"]):
            with self.subTest(options):
                bank = Bank()
                server = self.tls_upstream(self.pki.leaf("bank.good.test"), bank)
                site = {"good.test:443": self.good, "bank.good.test:443": server}
                proxy = self.start_proxy(site, "--experiments", "off", "--resumption", "off", *options)
                tab = Tab(self.browser, proxy.url)
                tab.open("https://bank.good.test/login")
                tab.open("https://good.test/index.html")
                bank.fails = 1
                answers = [tab.evaluate(self.ASK_WITH_PREFLIGHT % "bank.good.test") for _ in range(3)]
                self.assertNotIn("PUT", bank.methods, answers)
                if options:
                    self.assertIn("Nothing of your request was sent", answers[0][2]["detail"], "which is about the PUT")
                self.assertIn("OPTIONS", bank.methods, "it came back")
                self.assertEqual(tab.evaluate("fetch('https://bank.good.test/', {mode: 'no-cors', credentials: 'include'}).then(answer => answer.type)"),
                                 "opaque")
                self.assertIn(("GET", b"session=victim"), bank.asked, "the user's cookie would have gone along")

    TALK = """new Promise(resolve => {
        const socket = new WebSocket('wss://%s/');
        socket.onopen = () => socket.send('hello');
        socket.onmessage = event => resolve(event.data);
        socket.onerror = () => resolve('refused');
    })"""

    def test_a_websocket_carries_messages_both_ways_and_a_failing_one_ends(self):
        self.tab.open("https://good.test/index.html")
        self.assertEqual(self.tab.evaluate(self.TALK % "echo.test"), "hello")
        self.assertEqual(self.tab.evaluate(self.TALK % "shop.test"), "refused")
        self.assertEqual(self.wrong.received, b"")

    def test_a_site_that_demanded_https_and_then_breaks_is_still_explained(self):
        contexts = []
        page = servers.ok(b"<title>well</title>", b"Content-Type: text/html\r\nStrict-Transport-Security: max-age=31536000\r\nConnection: close\r\n")

        def once(connection):
            servers.Requests(connection).head()
            connection.sendall(page)

        strict = self.tls_upstream(self.pki.leaf("strict.test"), once, contexts.append)
        contexts[0].num_tickets = 0
        tab = Tab(self.browser, self.start_proxy({"strict.test:443": strict}).url)
        tab.open("https://strict.test/")
        tab.open("http://strict.test/")
        self.assertEqual(tab.evaluate("[location.protocol, document.title]"), ["https:", "well"], "Chromium remembers")
        other = self.pki.self_signed("strict.test")
        contexts[0].load_cert_chain(other.chain, other.key)
        tab.open("http://strict.test/later")
        while tab.evaluate("document.title") == "well":  # over a connection that Chromium opened in advance, before the change
            tab.open("http://strict.test/later")
        self.assertEqual(tab.evaluate("location.href"), "https://strict.test/later")
        self.assert_explained("self_signed", tab)

    def test_the_proxys_auto_configuration_file_leads_the_browser_there(self):
        tab = Tab(self.start_browser(f"--proxy-pac-url={self.proxy_of_all.url}/proxy.pac", program=CHROMIUM))
        tab.open("https://good.test/index.html")
        self.assertEqual(tab.evaluate("document.title"), "a good page")
        tab.open("https://shop.test/")
        self.assert_explained("hostname_mismatch", tab)

    def test_an_https_proxy_has_its_tunnels_in_streams_of_one_connection(self):
        proxy = self.start_proxy({"good.test:443": self.good, "shop.test:443": self.wrong, "echo.test:443": self.echo})
        tab = Tab(self.start_browser(f"--proxy-server=https://127.0.0.1:{proxy.port}"))
        tab.open("https://good.test/index.html")
        self.assertEqual(tab.evaluate("[document.title, window.ran, document.images[0].naturalWidth]"), ["a good page", True, 1])
        self.assertEqual(tab.evaluate(self.TALK % "echo.test"), "hello")
        tab.open("https://shop.test/")
        self.assert_explained("hostname_mismatch", tab)
        proxy.stop()
        ids = [line["id"] for line in proxy.log() if line["event"] == "request" and line["url"].startswith("https://good.test/")]
        self.assertTrue(len(ids) >= 4 and all("." in each for each in ids), ids)

    def test_a_websocket_beside_a_page_of_http2_reaches_a_server_that_takes_it_over_http1(self):
        def either(connection):
            if connection.selected_alpn_protocol() == "h2":
                return http2.answering(b"<title>both</title>", fields=[("content-type", "text/html")])(connection)
            return echoing(connection)

        both = self.tls_upstream(self.pki.leaf("both.test"), either, http2.offering_h2("http/1.1"))
        proxy = self.start_proxy({"both.test:443": both})
        tab = Tab(self.browser, proxy.url)
        tab.open("https://both.test/")
        self.assertEqual(tab.evaluate("[document.title, performance.getEntriesByType('navigation')[0].nextHopProtocol]"), ["both", "h2"])
        self.assertEqual(tab.evaluate(self.TALK % "both.test"), "hello")
        proxy.stop()
        self.assertIn(("GET", 101), [(line["method"], line["status"]) for line in proxy.log() if line["event"] == "request"])

    def test_the_proxys_own_page_has_the_ca_to_download(self):
        self.tab.open("http://why.tls/")
        self.assertIn("whytls is running", self.tab.evaluate("document.body.innerText"))
        self.assertGreater(self.tab.evaluate("document.querySelectorAll('a[href=\"/ca.pem\"]').length"), 0)
        self.assertEqual(self.tab.complaints(), [])

    def test_without_trust_in_the_ca_the_browser_refuses_and_the_proxy_says_why(self):
        proxy = self.start_proxy({"good.test:443": self.good}, own_ca=True)
        with self.assertRaisesRegex(AssertionError, "ERR_CERT_AUTHORITY_INVALID"):
            Tab(self.browser, proxy.url).open("https://good.test/index.html")
        proxy.stderr.wait_for("client_untrusted_ca")


if __name__ == "__main__":
    main()

"""The gateway path in Chromium, which has no proxy set and trusts no CA of ours: a site works through it, log-in and all, and pages of
others cannot use it to reach what this machine reaches."""
import json
import os
import tempfile

from browser import Browser, Tab
from harness import Case, main, servers

# A site whose pages name each other by relative references, one by paths from its root, and whose session is a cookie that only HTTPS may carry.
SITE = """
default_type text/html;
location = / { return 200 "<title>home</title><form method=post action=login><button>log in</button></form>"; }
location = /login { absolute_redirect off; add_header Set-Cookie "sid=s3cret; Path=/; Secure; HttpOnly; SameSite=Strict"; return 303 /account; }
location = /account { return 200 "<title>account</title><p id=who>$http_cookie</p><a href=account>again</a>"; }
location = /rooted { return 200 "<title>rooted</title><script src=/script.js></script><form method=post action=/login><button>log in</button></form>"; }
location = /script.js { default_type text/javascript; return 200 "window.ran = true"; }
location = /echo { default_type text/plain; add_header Access-Control-Allow-Origin $http_origin; return 200 "$request_method $http_origin"; }
location = /shy { add_header Referrer-Policy no-referrer; return 200 "<title>shy</title><form method=post action=posted><button>go</button></form>"; }
location = /told { default_type text/plain; return 200 "$http_origin $http_sec_fetch_site"; }
location = /posted { return 200 "<title>posted</title>$http_origin"; }
"""
# Each asks the gateway from a page; what it resolves to tells whether the page got anything.
WAYS_TO_ASK = {
    "fetch": "fetch('%s').then(answer => answer.status + ' ' + answer.headers.get('Proxy-Status'))",
    "fetch without CORS": "fetch('%s', {mode: 'no-cors'}).then(answer => answer.type)",
    "fetch with a preflight": "fetch('%s', {method: 'DELETE', headers: {'X-Y': 'z'}}).then(answer => answer.status, error => error.name)",
    "image": "new Promise(resolve => { const image = new Image(); image.onload = image.onerror = event => resolve(event.type); image.src = '%s'; })",
    "script": """new Promise(resolve => { const script = document.createElement('script');
        script.onload = script.onerror = event => resolve(event.type); script.src = '%s'; document.head.append(script); })""",
    "frame": """new Promise(resolve => { const frame = document.createElement('iframe');
        frame.onload = event => resolve(event.type); frame.src = '%s'; document.body.append(frame); })""",
    "sandboxed frame": """new Promise(resolve => { const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts allow-forms';
        frame.onload = event => resolve(event.type); frame.src = '%s'; document.body.append(frame); })""",
    "beacon": "Promise.resolve(navigator.sendBeacon('%s', 'x'))",
    "WebSocket": "new Promise(resolve => { new WebSocket('%s'.replace('http:', 'ws:')).onerror = event => resolve(event.type); })",
}
FORM = "const form = document.createElement('form'); form.method = 'post'; form.action = '%s'; document.body.append(form); form.submit();"
LINK = "const link = document.createElement('a'); link.href = '%s'; document.body.append(link); link.click();"


class GatewayInChromium(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        browser = Browser(tempfile.mkdtemp(prefix="chromium-", dir=cls.shared))
        cls.addClassCleanup(browser.stop)
        cls.tab = Tab(browser)

    def setUp(self):
        super().setUp()
        self.foreign = self.started(servers.Site({"/": b"<!doctype html><title>another site</title><body>",
                                                  "/shy": b"<!doctype html><meta name=referrer content=no-referrer><body>"}))

    def gateway(self, upstream, *options):
        self.running = self.proxy(*options, hosts={"site.test:443": upstream})
        return f"{self.running.url}/https://site.test"

    def site(self):
        return self.started(servers.Nginx(os.path.join(self.directory, "site.test"), SITE, self.pki.leaf("site.test")))

    def witness(self):
        """A server that must not be reached."""
        return self.tls_server(self.pki.leaf("site.test"))

    def page_of(self, host, path="/"):
        return f"http://{host}:{self.foreign.port}{path}"

    def shown(self):
        return self.tab.evaluate("document.body.innerText")

    def test_a_log_in_with_form_redirect_and_a_strict_secure_cookie_holds(self):
        gateway = self.gateway(self.site())
        self.tab.open(gateway + "/")
        self.tab.follow("document.querySelector('button').click()")
        self.assertEqual(self.tab.evaluate("[document.title, location.href]"), ["account", gateway + "/account"])
        self.assertEqual(self.tab.evaluate("who.textContent"), "sid=s3cret")
        self.tab.follow("document.querySelector('a').click()")
        self.assertEqual(self.tab.evaluate("who.textContent"), "sid=s3cret")
        self.assertEqual(self.tab.evaluate("document.cookie"), "", "a script must not see it")
        self.assertIn("sid=s3cret", self.tab.evaluate("fetch('account').then(answer => answer.text())"))
        self.assertEqual(self.tab.evaluate("fetch('echo', {method: 'POST'}).then(answer => answer.text())"), "POST https://site.test")

    def test_paths_from_the_sites_root_lead_to_the_site(self):
        gateway = self.gateway(self.site())
        self.tab.open(gateway + "/rooted")
        self.assertTrue(self.tab.evaluate("window.ran"))
        self.assertEqual(self.tab.evaluate("fetch('/echo', {method: 'POST', body: 'x'}).then(answer => answer.text())"), "POST https://site.test")
        self.tab.follow("document.querySelector('button').click()")
        self.assertEqual(self.tab.evaluate("[location.href, who.textContent]"), [gateway + "/account", "sid=s3cret"])

    def test_a_form_of_a_site_that_hides_its_address_still_arrives(self):
        # Chromium then says "Origin: null" even to the page's own origin (Fetch §4.6), and Sec-Fetch-Site alone tells.
        self.tab.open(self.gateway(self.site()) + "/shy")
        self.tab.follow("document.querySelector('button').click()")
        self.assertEqual(self.tab.evaluate("document.title"), "posted", self.shown())

    def test_a_page_of_one_server_is_foreign_to_the_others_behind_the_gateway(self):
        """To the browser they are one origin: what it says of them is said anew."""
        site = self.site()
        other = self.tls_server(self.pki.leaf("other.test"), servers.answering(servers.ok(b"<!doctype html><body>", b"Content-Type: text/html\r\n")))
        proxy = self.proxy(hosts={"site.test:443": site, "other.test:443": other})
        ask = f"fetch('{proxy.url}/https://site.test/told', {{method: 'POST'}}).then(answer => answer.text())"
        for page, told in (("other.test", "https://other.test cross-site"), ("site.test", "https://site.test same-origin")):
            self.tab.open(f"{proxy.url}/https://{page}/")
            self.assertEqual(self.tab.evaluate(ask), told)

    def test_a_page_of_another_site_reaches_nobody_whatever_it_tries(self):
        upstream = self.witness()
        gateway = self.gateway(upstream) + "/secret"
        for page in (self.page_of("evil.test"), self.page_of("evil.test", "/shy"), self.page_of("127.0.0.1"), self.page_of("127.0.0.1", "/shy")):
            for way, script in WAYS_TO_ASK.items():
                with self.subTest(way, page=page):
                    self.tab.open(page)
                    got = self.tab.evaluate(script % gateway)
                    if "Proxy-Status" in script:
                        self.assertIn('403 whytls; error=http_request_denied; details="cross_site_request"', got)
                    if "preflight" in way:
                        self.assertEqual(got, "TypeError", "the preflight is refused")
        self.running.stop()
        asked = [line for line in self.running.log() if line["event"] == "request"]
        self.assertGreaterEqual(len(asked), 4 * (len(WAYS_TO_ASK) - 1))  # a beacon may come late
        self.assertEqual({line.get("code") for line in asked}, {"cross_site_request"}, json.dumps(asked, indent=1))
        self.assertEqual(upstream.connections, 0)

    def test_a_form_or_link_of_another_site_leads_to_a_page_that_says_how_to_allow_it(self):
        upstream = self.witness()
        gateway = self.gateway(upstream) + "/secret"
        for host in ("evil.test", "127.0.0.1"):
            for way in (FORM, LINK):
                with self.subTest(host, way=way[:20]):
                    self.tab.open(self.page_of(host))
                    self.tab.follow(way % gateway)
                    self.assertIn("cross_site_request", self.shown())
                    self.assertIn(f"--allow-origin http://{host}:{self.foreign.port}", self.shown())
        self.assertEqual(upstream.connections, 0)

    def test_another_name_that_leads_to_the_listener_is_refused(self):
        upstream = self.witness()
        self.gateway(upstream)
        self.tab.open(f"http://evil.test:{self.running.port}/https://site.test/")
        self.assertIn("cross_site_request", self.shown())
        self.assertIn("evil.test", self.tab.evaluate("document.title"))
        self.assertIn(f"http://127.0.0.1:{self.running.port}/https://site.test", self.shown())
        self.assertEqual(upstream.connections, 0)

    def test_an_origin_that_is_allowed_may_fetch_post_and_link(self):
        gateway = self.gateway(self.site(), "--allow-origin", self.page_of("friend.test", ""))
        self.tab.open(self.page_of("friend.test"))
        said = self.tab.evaluate(f"fetch('{gateway}/echo').then(answer => answer.text())")
        self.assertEqual(said, "GET " + self.page_of("friend.test", ""))
        ask = f"fetch('{gateway}/account', {{method: 'DELETE', headers: {{'X-Y': 'z'}}}}).then(answer => answer.status + answer.headers.get('Server'))"
        self.assertIn("200nginx", self.tab.evaluate(ask), "a server that knows no CORS, asked with a preflight")
        self.tab.follow(FORM % (gateway + "/posted"))
        self.assertEqual(self.tab.evaluate("document.title"), "posted")
        self.tab.open(self.page_of("friend.test"))
        self.tab.follow(LINK % (gateway + "/"))
        self.assertEqual(self.tab.evaluate("document.title"), "home")


if __name__ == "__main__":
    main()

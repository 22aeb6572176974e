"""The pages as a browser gets them: valid HTML, no wider than a phone, quiet in the console, readable by a screen reader, and able to copy
without a network. Screenshots and prints stay in the build tree (tests/screenshots) for people to look at."""
import functools
import http.server
import json
import os
import shutil
import tempfile
import threading
import urllib.request

from browser import UNDRAWN, Browser, Tab
from harness import Case, Proxy, main
from processes import BUILD, PATIENCE, SOURCE, environment, run

HERE = os.path.dirname(os.path.abspath(__file__))
SCREENSHOTS = os.path.join(BUILD, "tests", "screenshots")
VALIDATOR = os.path.join(SOURCE, "build", "node", "node_modules", ".bin", "html-validate")
WIDTHS = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}
# One of each make: names compared, the chain as a picture, a long list of fixes, no certificate, a warning, nothing wrong.
LOOKED_AT = ["hostname_mismatch", "missing_intermediate", "client_untrusted_ca", "protocol_version", "expires_soon", "ok", "hostile-1", "why.tls"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Pages(Case):
    @classmethod
    def setUpClass(cls):
        """Writes the pages of all golden cases, hostile ones and the proxy's own, serves them on loopback and starts the browser."""
        super().setUpClass()
        cls.folder = os.path.join(cls.shared, "pages")
        done = run(os.path.join(BUILD, "tests", "test-inspect"), "[.pages]", env=environment() | {"WHYTLS_PAGES": cls.folder})
        if done.returncode != 0:
            raise AssertionError(done.stdout)
        cls.save_own_page()
        cls.names = sorted(name.removesuffix(".html") for name in os.listdir(cls.folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=cls.folder))
        cls.port = server.server_address[1]
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        cls.tab = cls.new_tab()

    @classmethod
    def new_tab(cls, *options):
        browser = Browser(tempfile.mkdtemp(prefix="chromium-", dir=cls.shared), *options)
        cls.addClassCleanup(browser.stop)
        return Tab(browser)

    @classmethod
    def save_own_page(cls):
        proxy = Proxy(tempfile.mkdtemp(prefix="proxy-", dir=cls.shared), [])
        try:
            request = urllib.request.Request(proxy.url + "/", headers={"Accept": "text/html"})
            with urllib.request.urlopen(request, timeout=PATIENCE) as response, open(os.path.join(cls.folder, "why.tls.html"), "wb") as file:
                shutil.copyfileobj(response, file)
        finally:
            proxy.stop()

    def open(self, name, host="127.0.0.1"):
        self.tab.open(f"http://{host}:{self.port}/{name}.html")

    def assert_fits(self, where):
        wide = self.tab.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        self.assertLessEqual(wide, 0, f"{where}: {wide} pixels too wide")

    def assert_accessible(self, name):
        nodes = self.tab.accessible()
        roles = [role for role, _ in nodes]
        self.assertEqual(roles.count("main"), 1, name)
        self.assertEqual(self.tab.evaluate("[...document.querySelectorAll('h1')].filter(each => each.textContent).length"), 1, name)
        self.assertIn("heading", roles, name)
        for role, called in nodes:
            if role in ("image", "button", "heading", "link", "region", "RootWebArea"):
                self.assertTrue(called, f"{name}: a nameless {role}")
        pictures = self.tab.evaluate("document.querySelectorAll('svg').length")
        self.assertEqual(sum(role == "image" for role in roles), pictures, name)

    def validated(self, pages):
        """What the validator has against them."""
        done = run(VALIDATOR, "--config", os.path.join(HERE, "html-validate.json"), "--formatter", "json", pages, timeout=300)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return [(os.path.basename(page["filePath"]), message["line"], message["ruleId"], message["message"])
                for page in json.loads(done.stdout) for message in page["messages"]]

    def test_every_page_is_valid_html(self):
        self.assertGreater(len(self.names), 100)
        self.assertEqual(self.validated(os.path.join(self.folder, "*.html")), [])

    def test_the_validator_sees_what_is_wrong(self):
        page = os.path.join(self.directory, "bad.html")
        with open(os.path.join(self.folder, "ok.html"), encoding="utf-8") as good, open(page, "w", encoding="utf-8") as bad:
            bad.write(good.read().replace("</main>", "<ul><p>x</ul></main>"))
        self.assertIn("element-permitted-content", [rule for _, _, rule, _ in self.validated(page)])

    def test_every_page_fits_every_width_and_is_quiet_and_accessible(self):
        self.tab = self.new_tab(*UNDRAWN)
        for name in self.names:
            self.open(name)
            for width, height in WIDTHS.values():
                self.tab.resize(width, height)
                self.assert_fits(f"{name} at {width}")
            self.assert_accessible(name)
            self.assertEqual(self.tab.complaints(), [], name)
            self.assertEqual(len(self.tab.requests()), 1, name)

    def test_the_browser_sees_what_is_wrong(self):
        with open(os.path.join(self.folder, "ok.html"), encoding="utf-8") as good, \
                open(os.path.join(self.folder, "bad.html"), "w", encoding="utf-8") as bad:
            bad.write(good.read().replace("</main>", "<svg role='img' width='3000'></svg><img src='/x.png'><script>1</script></main>"))
        self.open("bad")
        self.tab.resize(*WIDTHS["phone"])
        with self.assertRaises(AssertionError):
            self.assert_fits("bad")
        with self.assertRaises(AssertionError):
            self.assert_accessible("bad")
        self.assertEqual({each["entry"]["source"] for each in self.tab.complaints()}, {"security"})

    def test_pages_are_pictured_light_and_dark_and_printed(self):
        shutil.rmtree(SCREENSHOTS, ignore_errors=True)
        os.makedirs(SCREENSHOTS)
        for name in LOOKED_AT:
            self.open(name)
            backgrounds = set()
            for scheme in ("light", "dark"):
                self.tab.prefer(scheme)
                backgrounds.add(self.tab.evaluate("getComputedStyle(document.body).backgroundColor"))
                for device, size in WIDTHS.items():
                    self.tab.resize(*size)
                    self.tab.screenshot(os.path.join(SCREENSHOTS, f"{name}-{device}-{scheme}.png"))
            self.assertEqual(len(backgrounds), 2, f"{name}: light and dark look alike")
            document = os.path.join(SCREENSHOTS, f"{name}.pdf")
            self.tab.print(document)
            with open(document, "rb") as file:
                self.assertEqual(file.read(5), b"%PDF-")

    def test_a_click_copies_the_command_without_a_network(self):
        # On loopback the page may use the clipboard; on another http:// host it may not, and the older way does it.
        for host in ("127.0.0.1", "api.example.com"):
            self.open("hostname_mismatch", host)
            self.tab.resize(*WIDTHS["desktop"])
            self.assertEqual(self.tab.evaluate("isSecureContext"), host == "127.0.0.1")
            x, y = self.tab.evaluate("""(() => {
                const button = document.querySelector('.copy button');
                button.scrollIntoView({block: 'center'});
                const box = button.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            })()""")
            self.tab.click(x, y)
            said = self.tab.evaluate("""new Promise(resolve => {
                const button = document.querySelector('.copy button');
                const look = () => button.textContent === 'Copy' ? requestAnimationFrame(look) : resolve(button.textContent);
                look();
            })""")
            self.assertEqual(said, "Copied", host)
            command = self.tab.evaluate("document.querySelector('.copy pre').textContent")
            self.assertEqual(len(self.tab.requests()), 1, host)
            self.assertEqual(self.tab.complaints(), [], host)
            self.open("ok")  # whence the clipboard can be read
            self.assertEqual(self.tab.evaluate("navigator.clipboard.readText()"), command, host)
            self.tab.evaluate("navigator.clipboard.writeText('')")


if __name__ == "__main__":
    main()

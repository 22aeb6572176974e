"""A headless Chromium spoken to over a pipe (https://chromedevtools.github.io/devtools-protocol/): JSON messages, each ended by NUL."""
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time

from processes import PATIENCE, environment, run

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
# Chromium without what only a window needs, which costs a third to start. It knows no proxy auto-configuration.
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM

# As root there is no sandbox to be had; small containers have no room in /dev/shm. Nothing is looked up: every name is this machine.
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
           "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--hide-scrollbars",
           "--host-resolver-rules=MAP * 127.0.0.1", "--remote-debugging-pipe",
           # A page takes the place of the last one in the same process: a new one for each costs a quarter of all time.
           "--disable-features=BackForwardCache,ProactivelySwapBrowsingInstance,RenderDocument,SpareRendererForSitePerProcess"]
# It draws a frame only when told to, and nothing tells it: for what is laid out, and never seen.
UNDRAWN = ("--enable-begin-frame-control", "--run-all-compositor-stages-before-draw")


def high(descriptor):
    """The same pipe end at a number that is in nobody's way: Chromium reads 3 and writes 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def trust(home, certificate):
    """Makes it a trust anchor of the browser at home there: Chromium's own store on Linux is NSS's database of the user."""
    store = os.path.join(home, ".pki", "nssdb")
    os.makedirs(store)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "whytls", "-t", "C,,", "-i", certificate]):
        done = run("certutil", "-d", f"sql:{store}", *arguments)
        if done.returncode != 0:
            raise AssertionError(done.stderr)


class Browser:
    def __init__(self, scratch, *options, program=SHELL):
        """`scratch` is an empty folder, for its profile and as its home; `options` are Chromium's own."""
        reads, self._commands = map(high, os.pipe())
        self._answers, writes = map(high, os.pipe())
        said = os.path.join(scratch, "said.txt")
        self._pid = os.posix_spawnp(
            program, [program, *OPTIONS, f"--user-data-dir={scratch}/profile", *options, "about:blank"],
            environment() | {"HOME": scratch, "XDG_CONFIG_HOME": scratch, "XDG_CACHE_HOME": scratch}, setpgroup=0,
            file_actions=[(os.POSIX_SPAWN_DUP2, reads, 3), (os.POSIX_SPAWN_DUP2, writes, 4),
                          (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                          (os.POSIX_SPAWN_OPEN, 1, said, os.O_WRONLY | os.O_CREAT, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)])
        os.close(reads)
        os.close(writes)
        self._buffer = b""
        self._calls = 0
        self.events = []

    def stop(self):
        os.close(self._commands)  # it ends when nobody can command it
        deadline = time.monotonic() + PATIENCE
        while os.waitpid(self._pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.killpg(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                raise AssertionError("Chromium did not end")
            select.select([self._answers], [], [], 0.05)
        os.close(self._answers)

    def call(self, method, session=None, **parameters):
        self._calls += 1
        number = self._calls
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def wait_for(self, event, session):
        while not any(each["method"] == event and each.get("sessionId") == session for each in self.events):
            self._receive()

    def _receive(self):
        """The next message; an event is kept as well."""
        while b"\0" not in self._buffer:
            if not select.select([self._answers], [], [], PATIENCE)[0]:
                raise AssertionError("Chromium says nothing")
            data = os.read(self._answers, 1 << 20)
            if not data:
                raise AssertionError("Chromium has ended")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(text)
        if "method" in message:
            self.events.append(message)
        return message


class Tab:
    """One page after another, and what went wrong in it."""

    def __init__(self, browser, proxy=None):
        """With that proxy it is a browser of its own, as far as sites can tell: cookies, caches and what else is remembered are not shared."""
        self.browser = browser
        context = browser.call("Target.createBrowserContext", proxyServer=proxy) if proxy else {}
        target = browser.call("Target.createTarget", url="about:blank", **context)["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"], **context)
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        return self.browser.call(method, self._session, **parameters)

    def open(self, url):
        self.browser.events.clear()
        failed = self.call("Page.navigate", url=url).get("errorText")
        if failed:
            raise AssertionError(f"{url}: {failed}")
        self.browser.wait_for("Page.loadEventFired", self._session)

    def follow(self, expression):
        """Evaluates what leads to another page, and waits for that."""
        self.browser.events.clear()
        self.evaluate(f"void setTimeout(() => {{ {expression} }})")
        self.browser.wait_for("Page.loadEventFired", self._session)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def prefer(self, scheme):
        """light or dark, as the system's setting says."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def evaluate(self, expression):
        """The value of a JavaScript expression, awaited, with the rights of a user's click."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _events(self):
        return [event for event in self.browser.events if event.get("sessionId") == self._session]

    def complaints(self):
        """What the console, the policy and the script said against the page."""
        return [event["params"] for event in self._events()
                if event["method"] in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")]

    def requests(self):
        """The addresses asked for since the page was opened, those within the page itself left out."""
        asked = (event["params"]["request"]["url"] for event in self._events() if event["method"] == "Network.requestWillBeSent")
        return [url for url in asked if not url.startswith("data:")]

    def responses(self):
        """What came from the network since the page was opened, as Chromium has it (the protocol's Network.Response)."""
        return [event["params"]["response"] for event in self._events() if event["method"] == "Network.responseReceived"]

    def accessible(self):
        """Role and name of each node that assistive technology is told of."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]

    def screenshot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip, optimizeForSpeed=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(image["data"]))

    def print(self, path):
        document = self.call("Page.printToPDF", printBackground=False)
        with open(path, "wb") as file:
            file.write(base64.b64decode(document["data"]))

"""The metrics as Prometheus reads them: promtool has nothing to say about them, and a Prometheus that scrapes them answers with them."""
import http.server
import json
import os
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from harness import Case, PATIENCE, main
from processes import BUILD, environment, run

CONFIGURATION = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- {job_name: whytls, static_configs: [{targets: ['127.0.0.1:%d']}]}
- {job_name: written, static_configs: [{targets: ['127.0.0.1:%d']}]}
"""


class Page(http.server.BaseHTTPRequestHandler):
    """Metrics of a proxy that has seen odd names."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *_):
        pass


class Metrics(Case):
    def metrics(self):
        path = os.path.join(self.directory, "metrics")
        done = run(os.path.join(BUILD, "tests", "test-inspect"), "[.metrics]", env=environment() | {"WHYTLS_METRICS": path})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def proxy_in_use(self):
        """The port of its live page: three requests passed, and one server had another's certificate."""
        good, wrong = self.tls_server(self.pki.leaf("good.test")), self.tls_server(self.pki.leaf("other.test"))
        proxy = self.proxy("--ui", "127.0.0.1:0", hosts={"good.test:443": good, "wrong.test:443": wrong})
        for host in ("good.test", "good.test", "good.test", "wrong.test"):
            self.curl(proxy, f"https://{host}/")
        return int(proxy.stderr.wait_for(r"^live page http://127\.0\.0\.1:(\d+)/")[1])

    def test_promtool_finds_nothing_odd(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.proxy_in_use()}/metrics", timeout=PATIENCE) as response:
            self.assertEqual(response.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            seen = response.read().decode()
        for text in (self.metrics(), seen):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_prometheus_scrapes_them(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        server.text = self.metrics()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        base = self.prometheus(self.proxy_in_use(), server.server_address[1])
        self.assertEqual(self.ask(base, 'whytls_handshakes_total{job="whytls",code="hostname_mismatch"}'), "1")
        self.assertEqual(self.ask(base, 'whytls_host_requests_total{job="whytls",host="good.test:443"}'), "3")
        self.assertEqual(self.ask(base, 'whytls_certificate_not_after_timestamp_seconds{job="whytls",host="good.test:443"} > bool time()'), "1")
        self.assertEqual(self.ask(base, 'count(whytls_request_duration_seconds_bucket{job="written"}) > bool 15'), "1")
        self.assertEqual(self.ask(base, r'whytls_host_requests_total{host="a\"b\\c\ndÿ:443"}'), "1")

    def prometheus(self, *ports):
        """A Prometheus that scrapes those ports; where it answers, which its log says."""
        with open(os.path.join(self.directory, "prometheus.yml"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION % ports)
        process = subprocess.Popen(["prometheus", f"--config.file={file.name}", f"--storage.tsdb.path={self.directory}/data", "--web.listen-address=127.0.0.1:0"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if "Listening on" in line:
                address = line.split("address=")[-1].split()[0]
                threading.Thread(target=process.stdout.read, daemon=True).start()
                return f"http://{address}"
        self.fail("Prometheus did not begin")

    def ask(self, base, query):
        """The value of the one series that the query has, as soon as it was scraped."""
        url = base + "/api/v1/query?query=" + urllib.parse.quote(query)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(url, timeout=5) as response:
                    series = json.load(response)["data"]["result"]
            except OSError:
                series = []
            if series:
                self.assertEqual(len(series), 1)
                return series[0]["value"][1]
            threading.Event().wait(0.1)
        self.fail(f"no answer to {query}")


if __name__ == "__main__":
    main()

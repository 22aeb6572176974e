"""Programs that print an answer's first line and nothing more of it still say why TLS failed."""
import os
import re
import urllib.error
import urllib.request

from harness import Case, main
from processes import SOURCE, environment, run

NEWMAN = os.path.join(SOURCE, "build", "node", "node_modules", ".bin", "newman")
CAUSE = "hostname_mismatch: the certificate is genuine, but it is for *.cloudfront.net, not for api.example.com"


class ReasonPhrase(Case):
    def setUp(self):
        super().setUp()
        self.wrong = self.tls_server(self.pki.leaf("*.cloudfront.net", subject="*.cloudfront.net"))
        self.running = self.proxy(hosts={"api.example.com:443": self.wrong})
        self.url = "https://api.example.com/v1/things"
        self.gateway = f"{self.running.url}/{self.url}"

    def first_line(self, *lines, proxy=None):
        """What the status line says to a request with these fields, inside a tunnel."""
        client = self.client(proxy or self.running).connect("api.example.com:443").start_tls("api.example.com")
        client.send("\r\n".join(["GET / HTTP/1.1", "Host: api.example.com", *lines, "", ""]).encode())
        return client.until(b"\r\n").decode("ascii").strip()

    def asking(self):
        return environment() | {"HTTPS_PROXY": self.running.url, "https_proxy": self.running.url}

    def test_it_is_the_code_and_the_title_in_ascii(self):
        said = self.first_line()
        self.assertTrue(said.startswith("HTTP/1.1 502 " + CAUSE), said)
        self.assertRegex(said, r"^HTTP/1\.1 502 [\x20-\x7e]{1,120}$")

    def test_a_foreign_page_reads_no_name_there(self):
        fixed = "HTTP/1.1 502 hostname_mismatch: the certificate is not for this host"
        for line in ("Origin: https://evil.example", "Sec-Fetch-Site: same-origin"):
            self.assertEqual(self.first_line(line), fixed)
        brief = self.proxy("--detail", "brief", hosts={"api.example.com:443": self.wrong})
        self.assertEqual(self.first_line(proxy=brief), fixed)
        off = self.proxy("--detail", "off", hosts={"api.example.com:443": self.wrong})
        self.assertEqual(self.first_line(proxy=off), "HTTP/1.1 502 Bad Gateway")

    def test_refusals_have_it_too(self):
        client = self.client(self.running)
        client.send(b"GET http://api.example.com/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")
        self.assertRegex(client.until(b"\r\n"), rb"^HTTP/1\.1 400 request_rejected: \S")
        closed = self.proxy("--proxy-auth", "bob:pw")
        client = self.client(closed)
        client.send(b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n")
        self.assertRegex(client.until(b"\r\n"), rb"^HTTP/1\.1 407 proxy_authentication_required: \S")
        client = self.client(self.running)
        client.send(b"GET /https://api.example.com/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n\r\n")
        self.assertRegex(client.until(b"\r\n"), rb"^HTTP/1\.1 403 cross_site_request: \S")

    def test_wget_prints_it(self):
        done = run("wget", "-O", os.devnull, "--tries=1", "--ca-certificate", self.running.ca_file, self.url, env=self.asking())
        self.assertIn("ERROR 502: " + CAUSE, done.stderr)

    def test_urllib_raises_it(self):
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.gateway)
        raised.exception.close()
        self.assertIn("HTTP Error 502: " + CAUSE, str(raised.exception))

    def test_npm_prints_it(self):
        home = {"HOME": self.directory, "npm_config_cache": os.path.join(self.directory, "npm")}
        done = run("npm", "view", "x", f"--registry={self.gateway}/", "--fetch-retries=0", "--no-update-notifier", env=environment() | home)
        self.assertIn("502 " + CAUSE, re.sub(r"\s+", " ", done.stderr))

    def test_newman_prints_it(self):
        collection = os.path.join(self.directory, "collection.json")
        with open(collection, "w", encoding="utf-8") as file:
            file.write('{"info": {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},'
                       f'"item": [{{"name": "x", "request": {{"method": "GET", "url": "{self.gateway}"}}}}]}}')
        done = run(NEWMAN, "run", collection, "--color", "off")
        self.assertIn("502 " + CAUSE, re.sub(r"\s+", " ", done.stdout))


if __name__ == "__main__":
    main()

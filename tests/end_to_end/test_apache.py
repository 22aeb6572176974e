"""Apache's httpd as an upstream: what it does otherwise than nginx passes as well."""
import gzip
import hashlib
import os

from apache import Apache
from harness import Case, main

TEXT = "".join(f"line {number}\n" for number in range(20000)).encode()
DIRECTIVES = """
    AddOutputFilterByType DEFLATE text/plain
    <Location /cgi/small>
        LimitRequestBody 1000
    </Location>
"""


class ApacheUpstream(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apache = Apache(os.path.join(cls.shared, "apache"), cls.pki.leaf("apache.test"), DIRECTIVES)
        cls.addClassCleanup(cls.apache.stop)
        with open(os.path.join(cls.apache.documents, "text.txt"), "wb") as file:
            file.write(TEXT)

    def setUp(self):
        super().setUp()
        self.running = self.proxy(hosts={"apache.test:443": self.apache})

    def curled(self, path, *arguments, **options):
        return self.curl_body(self.running, f"https://apache.test{path}", *arguments, **options)

    def test_one_connection_serves_files_heads_ranges_and_what_has_not_changed(self):
        client = self.tls_client(self.running, "apache.test")
        whole = client.get("/text.txt", host="apache.test")
        self.assertEqual((whole.status, whole.body), (200, TEXT))
        head = client.request("HEAD /text.txt HTTP/1.1\nHost: apache.test")
        self.assertEqual((head.status, head["Content-Length"]), (200, str(len(TEXT))))
        part = client.get("/text.txt", host="apache.test", Range="bytes=100-199")
        self.assertEqual((part.status, part.body, part["Content-Range"]), (206, TEXT[100:200], f"bytes 100-199/{len(TEXT)}"))
        parts = client.get("/text.txt", host="apache.test", Range="bytes=0-9,50-59")
        self.assertEqual(parts.status, 206)
        self.assertIn("multipart/byteranges", parts["Content-Type"])
        self.assertIn(TEXT[50:60], parts.body)
        self.assertEqual(client.get("/text.txt", host="apache.test", Range="bytes=99999999-").status, 416)
        same = client.get("/text.txt", host="apache.test", If_None_Match=whole["ETag"])
        self.assertEqual((same.status, same.body, same["ETag"]), (304, b"", whole["ETag"]))
        self.assertEqual(client.get("/nothing", host="apache.test").status, 404)
        self.assertEqual(client.get("/text.txt", host="apache.test").body, TEXT)
        self.running.stop()
        self.assertEqual(len([line for line in self.running.log() if line["event"] == "upstream_handshake"]), 1)

    def test_what_is_compressed_passes_as_it_is(self):
        client = self.tls_client(self.running, "apache.test")
        response = client.get("/text.txt", host="apache.test", Accept_Encoding="gzip")
        self.assertEqual((response["Content-Encoding"], response["Transfer-Encoding"]), ("gzip", "chunked"))
        self.assertLess(len(response.body), len(TEXT) / 2)
        self.assertEqual(gzip.decompress(response.body), TEXT)
        self.assertEqual(self.curled("/text.txt", "--compressed"), TEXT)

    def test_a_large_upload_arrives_with_a_length_and_in_chunks(self):
        content = os.urandom(1 << 20) * 16
        path = os.path.join(self.directory, "upload")
        with open(path, "wb") as file:
            file.write(content)
        for how in (["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"], ["-H", "Expect:"]):
            with self.subTest(how):
                self.assertEqual(self.curled("/cgi/digest", "-T", path, "-X", "POST", *how).decode().strip(), hashlib.sha256(content).hexdigest())

    def test_a_client_that_waits_for_100_continue_is_told_to_go_on(self):
        client = self.tls_client(self.running, "apache.test")
        client.send(b"POST /cgi/digest HTTP/1.1\r\nHost: apache.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(client.receive_head()[0], 100)
        client.send(b"hello")
        self.assertEqual(client.receive().text.strip(), hashlib.sha256(b"hello").hexdigest())

    def test_what_is_too_large_is_refused_before_it_was_sent(self):
        client = self.tls_client(self.running, "apache.test")
        client.send(b"POST /cgi/small HTTP/1.1\r\nHost: apache.test\r\nContent-Length: 100000000\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(client.receive().status, 413)
        path = os.path.join(self.directory, "large")
        with open(path, "wb") as file:
            file.truncate(30 << 20)
        for how in ("Expect:", "Transfer-Encoding: chunked"):
            with self.subTest(how):
                done = self.curl(self.running, "-T", path, "-X", "POST", "-H", how, "-o", "/dev/null", "-w", "%{http_code}", "https://apache.test/cgi/small")
                self.assertEqual(done.stdout, b"413", done.stderr)


if __name__ == "__main__":
    main()

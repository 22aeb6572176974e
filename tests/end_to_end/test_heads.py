"""Heads that are too large or malformed: named as what they are, shown as far as they are no secret."""
from harness import Case, main, servers

SECRET = "TOPSECRET"


class Heads(Case):
    def behind(self, response, *options):
        server = self.tls_server(self.pki.leaf("good.test"), servers.answering(response))
        return self.proxy(*options, hosts={"good.test:443": server})

    def told(self, proxy, **fields):
        """The answer in each of its forms, with stderr and the log."""
        texts = []
        for accept in ("text/plain", "text/html", "application/json"):
            client = self.tls_client(proxy, "good.test")
            response = client.get("/", host="good.test", Accept=accept, **fields)
            texts.append((response.status, response.text))
        proxy.stop()
        with open(proxy.log_file, encoding="utf-8") as log:
            everything = "".join(text for _, text in texts) + proxy.stderr.text + log.read()
        self.assertNotIn(SECRET, everything)
        return texts[0]

    def test_a_response_over_the_limit_is_named_as_too_large(self):
        cookies = b"".join(b"Set-Cookie: c%d=%s%s\r\n" % (i, SECRET.encode(), b"v" * 900) for i in range(100))
        status, text = self.told(self.behind(b"HTTP/1.1 200 OK\r\n" + cookies + b"Content-Length: 0\r\n\r\n"))
        self.assertEqual(status, 502)
        self.assertIn("is too large for whytls: the head is larger than 64 KiB (--max-header)", text)
        self.assertIn("--max-header 256K", text)
        self.assertNotIn("not valid HTTP", text)

    def test_a_request_over_the_limit_is_named_as_too_large(self):
        for name in ("Cookie", "AUTHORIZATION", "proxy-authorization"):
            with self.subTest(name):
                proxy = self.behind(servers.ok(), "--max-header", "2K")
                status, text = self.told(proxy, **{name: SECRET * 400})
                self.assertEqual(status, 431)
                self.assertIn("the head is larger than 2 KiB (--max-header)", text)
                self.assertIn("--max-header 8K", text)

    def test_the_malformed_line_of_a_response_is_shown(self):
        status, text = self.told(self.behind(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=TOPSECRET\r\nX: y\r\nlang=en; sessionID=TOPSECRET; n\r\n\r\n"))
        self.assertEqual(status, 502)
        self.assertIn("lang=en; sessionID=***; n", text)
        self.assertIn("--passthrough good.test", text)

    def test_the_rest_of_a_body_is_not_shown_as_the_begin_of_a_request(self):
        proxy = self.behind(servers.ok())
        client = self.tls_client(proxy, "good.test")
        client.send(b"POST / HTTP/1.1\r\nHost: good.test\r\nContent-Length: 3\r\n\r\na=bTOPSECRET=1 and more\r\n\r\n")
        self.assertEqual(client.receive("POST").status, 200)
        self.assertNotIn(SECRET, client.receive().text)


if __name__ == "__main__":
    main()

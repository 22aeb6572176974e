"""--insecure lets a server that failed verification through, marked on every response, for the hosts that it names and no other."""
import os

from harness import Case, main, servers
from over_http2 import over_http2
from processes import WHYTLS, run

MARK = 'details="hostname_mismatch"'


def statuses(connection):
    """Answers GET /204 with that status."""
    requests = servers.Requests(connection)
    while head := requests.head():
        status = head.split(b" ")[1].strip(b"/")
        if status in (b"204", b"304"):
            connection.sendall(b"HTTP/1.1 " + status + b" X\r\n\r\n")
        elif head.startswith(b"HEAD"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" + servers.ok())


class Insecure(Case):
    def setUp(self):
        super().setUp()
        self.bad = self.tls_server(self.pki.leaf("other.test"), statuses)
        self.hosts = {"bad.test:443": self.bad, "not.test:443": self.bad}

    def marked(self, response, status=200):
        self.assertEqual(response.status, status)
        self.assertIn(MARK, response["Proxy-Status"] or "")

    def test_every_response_on_a_connection_is_marked_whatever_its_form(self):
        client = self.tls_client(self.proxy("--insecure=bad.test", hosts=self.hosts), "bad.test")
        for _ in range(2):
            self.marked(client.get("/", "bad.test"))
            self.marked(client.get("/204", "bad.test"), 204)
            self.marked(client.get("/304", "bad.test"), 304)
            self.marked(client.request("HEAD / HTTP/1.1\nHost: bad.test"))

    def test_each_way_in_is_marked_and_no_other_host_is_let_through(self):
        proxy = self.proxy("--insecure=bad.test", hosts=self.hosts)
        ways = [lambda host: self.client(proxy).get(f"https://{host}/", host),
                lambda host: self.client(proxy).get(f"/https://{host}/", f"127.0.0.1:{proxy.port}"),
                lambda host: self.tls_client(proxy, host).get("/", host)]
        for way in ways:
            self.marked(way("bad.test"))
            self.assertEqual(way("not.test").status, 502)
        for host, expected in (("bad.test", 200), ("not.test", 502)):
            said = run("curl", "-si", "--max-time", 20, "--cacert", proxy.ca_file, "-x", f"socks5h://127.0.0.1:{proxy.port}", f"https://{host}/")
            self.assertRegex(said.stdout, rf"HTTP/[12.]+ {expected}")
            self.assertIn(MARK, said.stdout)
        proxy.stop()
        passed = [line for line in proxy.log() if line["event"] == "request" and line["status"] == 200]
        self.assertEqual([line.get("let_through") for line in passed], ["hostname_mismatch"] * 4)

    def test_the_start_says_whom_it_lets_through(self):
        for options, says in ((["--insecure"], "--insecure lets every host through"), (["--insecure=a.test", "--insecure=*"], "lets every host through"),
                              (["--insecure=a.test", "--insecure=*.b.test"], "--insecure lets a.test, *.b.test through")):
            self.assertIn(says, self.proxy(*options).stderr.text)

    def test_a_reverse_listener_marks_too(self):
        for pattern, status in (("bad.test", 200), ("not.test", 502)):
            proxy = self.proxy("--reverse", "https://bad.test", f"--insecure={pattern}", hosts=self.hosts)
            client = self.client(proxy)
            self.marked(client.get("/", "x.test"), status)
            self.marked(client.get("/", "x.test"), status)

    def test_a_request_let_through_stays_so_from_a_file(self):
        path = os.path.join(self.directory, "whytls.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write('insecure = ["bad.test"]\n')
        proxy = self.proxy("--config", path, hosts=self.hosts)
        self.marked(self.tls_client(proxy, "bad.test").get("/", "bad.test"))
        self.assertEqual(self.tls_client(proxy, "not.test").get("/", "not.test").status, 502)

    def test_a_file_with_a_mistake_ends_the_start_with_its_line(self):
        path = os.path.join(self.directory, "whytls.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write('workers = 1\nlistn = "127.0.0.1:0"\n')
        done = run(WHYTLS, "proxy", "--config", path)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, f"whytls: {path}:2: no option 'listn' (did you mean 'listen'?)\n")


InsecureOverHttp2 = over_http2(Insecure)


if __name__ == "__main__":
    main()

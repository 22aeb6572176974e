"""SIGHUP: anchors, client certificates and the CA are read again, and what was judged by the old ones is used no further."""
import os
import shutil
import signal
import ssl
import threading

from harness import main, servers
from http2_case import Http2Case
from processes import PATIENCE, WHYTLS, run

CLIENT = {"extended_key_usage": ["1.3.6.1.5.5.7.3.2"]}


class ReadAgain(Http2Case):
    def setUp(self):
        super().setUp()
        self.trust = os.path.join(self.directory, "trust.pem")
        self.good, self.other = self.pki.leaf("good.test"), self.pki.leaf("other.test")

    def trusting(self, *identities):
        """Puts their roots in place of what the trust file has."""
        with open(self.trust + ".new", "w", encoding="ascii") as file:
            for identity in identities:
                file.write(identity.file("root.pem").decode())
        os.rename(self.trust + ".new", self.trust)

    def running(self, *options, **named):
        return self.proxy(*options, trust=self.trust, start_new_session=True, **named)

    @staticmethod
    def said(proxy):
        return [line for line in proxy.stderr.text.splitlines() if line.startswith("SIGHUP: ")]

    def hang_up(self, proxy):
        """What it says of what it has taken."""
        before = len(self.said(proxy))
        proxy.process.send(signal.SIGHUP)
        proxy.stderr.wait_for(r"(?:^SIGHUP: .*\n(?:(?!SIGHUP: ).*\n)*){%d}" % (before + 1))
        return self.said(proxy)[-1]

    def test_a_server_is_refused_once_its_anchor_is_gone_over_connections_that_stand_too(self):
        server = self.tls_server(self.good)
        self.trusting(self.good, self.other)
        proxy = self.running("--workers", "3", hosts={"good.test:443": server})
        tunnels = [self.tls_client(proxy, "good.test") for _ in range(6)]
        gateway = self.client(proxy)
        for client in tunnels:
            self.assertEqual(client.get("/", "good.test").status, 200)
        self.assertEqual(gateway.get("/https://good.test/", f"127.0.0.1:{proxy.port}").status, 200)
        self.trusting(self.other)
        line = self.hang_up(proxy)
        self.assertIn(f"1 trust anchor from {self.trust} (0 new, 1 gone); the CA, unchanged", line)
        for client in [*tunnels, self.tls_client(proxy, "good.test")]:
            refused = client.get("/", "good.test", Accept="application/json")
            self.assertEqual((refused.status, refused.json["code"]), (502, "unknown_issuer"))
        self.assertEqual(gateway.get("/https://good.test/", f"127.0.0.1:{proxy.port}").status, 502)
        self.trusting(self.good)
        self.hang_up(proxy)
        self.assertEqual(tunnels[0].get("/", "good.test").status, 200)

    def test_a_connection_of_http2_carries_no_stream_beyond_its_anchor(self):
        go = threading.Event()
        self.addCleanup(go.set)

        def answer(stream):
            stream.head(200)
            if stream.path == "/long":
                go.wait(PATIENCE)
            stream.send(b"hello", ends=True)

        server = self.h2_server("h2.test", answer)
        trusted = self.pki.trust
        shutil.copy(trusted, self.trust)
        proxy = self.running(hosts={"h2.test:443": server})
        client = self.h2_client(proxy, "h2.test")
        long = client.ask("/long", "h2.test")
        self.assertEqual(client.done(client.ask("/", "h2.test")).status, 200)
        self.trusting(self.other)
        self.hang_up(proxy)
        self.assertEqual(client.done(client.ask("/", "h2.test")).status, 502)
        shutil.copy(trusted, self.trust)
        self.hang_up(proxy)
        self.assertEqual(client.done(client.ask("/", "h2.test")).status, 200)
        go.set()
        self.assertEqual(bytes(client.done(long).content), b"hello")
        self.assertEqual(server.handshakes, 2)

    def test_requests_of_many_threads_never_notice_that_files_are_read_again(self):
        self.trusting(self.good)
        proxy = self.running("--workers", "4", hosts={"good.test:443": self.tls_server(self.good)})
        stop, seen = threading.Event(), []

        def ask():
            client = None
            try:
                while not stop.is_set():
                    client = client if client and len(seen) % 5 else self.tls_client(proxy, "good.test")
                    seen.append(client.get("/", "good.test").status)
            except Exception as error:  # whatever it is, it belongs to what is judged below
                seen.append(error)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in range(20):
            self.trusting(self.good, *[self.other] * (number % 2))
            self.hang_up(proxy)
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(set(seen), {200})
        self.assertEqual(len({line.split(";")[0] for line in self.said(proxy)}), 3)  # unchanged at first, then one and two anchors

    def test_what_is_under_way_when_the_anchors_change_goes_on(self):
        begun, go = threading.Event(), threading.Event()

        def handler(connection):
            servers.Requests(connection).head()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            begun.set()
            go.wait(PATIENCE)
            connection.sendall(b"67890")

        self.addCleanup(go.set)
        self.trusting(self.good)
        proxy = self.running(hosts={"good.test:443": self.tls_server(self.good, handler)})
        client = self.tls_client(proxy, "good.test")
        client.send(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        self.assertTrue(begun.wait(PATIENCE))
        self.trusting(self.other)
        self.hang_up(proxy)
        go.set()
        self.assertEqual(client.receive().body, b"1234567890")

    def test_where_nothing_has_changed_connections_to_servers_are_kept(self):
        server = self.tls_server(self.good)
        self.trusting(self.good)
        proxy = self.running(hosts={"good.test:443": server})
        client = self.tls_client(proxy, "good.test")
        client.get("/", "good.test")
        self.assertEqual(self.hang_up(proxy), "SIGHUP: read again: 1 trust anchor, unchanged; the CA, unchanged")
        client.get("/", "good.test")
        self.assertEqual(server.handshakes, 1)

    def test_a_rotated_ca_mints_from_then_on_and_old_connections_go_on(self):
        self.trusting(self.good)
        proxy = self.running("--workers", "2", hosts={"good.test:443": self.tls_server(self.good)})
        old = self.tls_client(proxy, "good.test")
        old.get("/", "good.test")
        kept = shutil.copy(proxy.ca_file, os.path.join(self.directory, "old.pem"))
        home = os.path.join(self.directory, "home")
        os.mkdir(home)
        run(WHYTLS, "ca", "show", "--ca-dir", proxy.ca_dir)
        self.rotate(proxy.ca_dir)
        with self.assertRaises(ssl.SSLCertVerificationError):  # nobody has told the proxy yet
            self.tls_client(proxy, "good.test")
        self.assertIn("; a new CA, ", self.hang_up(proxy))
        for _ in range(4):  # on each loop, for the host whose leaf was kept
            self.assertEqual(self.tls_client(proxy, "good.test").get("/", "good.test").status, 200)
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.client(proxy).connect("good.test:443").start_tls("good.test", cafile=kept)
        self.assertEqual(old.get("/", "good.test").status, 200)
        with open(proxy.ca_file, "rb") as file:
            self.assertEqual(self.client(proxy).get("/ca.pem", f"127.0.0.1:{proxy.port}").body, file.read())

    def rotate(self, ca_dir):
        """Another CA in its place, as `whytls ca rotate` writes it; nothing of this machine is asked to trust it."""
        made = os.path.join(self.directory, "made")
        run(WHYTLS, "ca", "export", "--ca-dir", made)
        for name in ("ca-key.pem", "ca.pem"):
            os.replace(os.path.join(made, name), os.path.join(ca_dir, name))

    def test_a_client_certificate_that_was_renewed_is_shown_from_then_on(self):
        first, second = (self.pki.leaf(name, trusted=False, root={"subject": "Clients"}, **CLIENT) for name in ("first", "second"))
        roots = os.path.join(self.directory, "clients.pem")
        with open(roots, "wb") as file:
            file.write(first.file("root.pem") + second.file("root.pem"))

        def configure(context):
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(roots)

        def handler(connection):
            shown = dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]
            servers.answering(servers.ok(shown.encode()))(connection)

        chain, key = (os.path.join(self.directory, name) for name in ("own.pem", "own-key.pem"))

        def renew(identity):
            shutil.copy(identity.chain, chain)
            shutil.copy(identity.key, key)

        renew(first)
        self.trusting(self.good)
        proxy = self.running("--client-cert", chain, "--client-key", key, hosts={"good.test:443": self.tls_server(self.good, handler, configure)})
        client = self.tls_client(proxy, "good.test")
        self.assertEqual(client.get("/", "good.test").body, b"first")
        renew(second)
        self.assertIn("; 1 client certificate, new; ", self.hang_up(proxy))
        self.assertEqual(client.get("/", "good.test").body, b"second")
        shutil.copy(first.key, key)  # which is not its key
        self.assertIn("nothing is taken, and what was read before stays in force: --client-key", self.hang_up(proxy))
        self.assertEqual(client.get("/", "good.test").body, b"second")

    def test_what_cannot_be_read_leaves_everything_as_it_was(self):
        self.trusting(self.good, self.other)
        proxy = self.running(hosts={"good.test:443": self.tls_server(self.good)})
        client = self.tls_client(proxy, "good.test")
        old = shutil.copy(proxy.ca_file, os.path.join(self.directory, "old.pem"))
        self.rotate(proxy.ca_dir)
        for wrong in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
            with open(self.trust, "w", encoding="ascii") as file:
                file.write(wrong)
            line = self.hang_up(proxy)
            self.assertIn(f"nothing is taken, and what was read before stays in force: trust file {self.trust}", line)
            self.assertEqual(client.get("/", "good.test").status, 200)
            self.assertEqual(self.client(proxy).connect("good.test:443").start_tls("good.test", cafile=old).get("/", "good.test").status, 200)
        self.trusting(self.other)
        os.remove(os.path.join(proxy.ca_dir, "ca.pem"))
        self.assertIn("nothing is taken", self.hang_up(proxy))
        os.remove(os.path.join(proxy.ca_dir, "ca-key.pem"))
        self.assertIn("CA: there is none in", self.hang_up(proxy))
        self.assertEqual(os.listdir(proxy.ca_dir), [])
        self.assertEqual(client.get("/", "good.test").status, 200)

    def test_the_configuration_file_is_read_again_and_what_needs_a_restart_is_named(self):
        self.trusting(self.good)
        config, more = os.path.join(self.directory, "config.toml"), os.path.join(self.directory, "more.pem")

        with open(more, "wb") as file:
            file.write(self.other.file("root.pem"))
        self.write(config, "idle-timeout = 50\n")
        proxy = self.running("--config", config, hosts={"other.test:443": self.tls_server(self.other)})
        client = self.tls_client(proxy, "other.test")
        self.assertEqual(client.get("/", "other.test").status, 502)
        self.write(config, f"idle-timeout = 60\nverbose = true\nadd-trust = ['{more}']\n")
        line = self.hang_up(proxy)
        self.assertIn(f"2 trust anchors from {self.trust}, {more} (1 new, 0 gone)", line)
        self.assertTrue(line.endswith("; not taken without a restart: idle-timeout, verbose"), line)
        self.assertEqual(client.get("/", "other.test").status, 200)
        self.write(config, "idle-timeout = 'long'\n")
        self.assertTrue(self.hang_up(proxy).endswith(f"stays in force: {config}:1: idle-timeout takes SECONDS, not 'long'"))
        self.assertEqual(client.get("/", "other.test").status, 200)
        proxy.stop()
        self.assertEqual([line["detail"] for line in proxy.log() if line.get("what") == "read again"], self.said(proxy))

    def test_a_pipe_in_place_of_the_ca_is_not_waited_for(self):
        self.trusting(self.good)
        proxy = self.running(hosts={"good.test:443": self.tls_server(self.good)})
        os.remove(proxy.ca_file)
        os.mkfifo(proxy.ca_file)
        self.assertTrue(self.hang_up(proxy).endswith("ca.pem: a pipe"))

    def test_a_pipe_is_not_waited_for(self):
        pipe = os.path.join(self.directory, "config")
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda: self.write(pipe, "idle-timeout = 50\n"), daemon=True)
        writer.start()
        self.trusting(self.good)
        proxy = self.running("--config", pipe, hosts={"good.test:443": self.tls_server(self.good)})
        writer.join(PATIENCE)
        self.assertTrue(self.hang_up(proxy).endswith(f"stays in force: {pipe}: is a pipe, which cannot be read again"))
        self.assertEqual(self.tls_client(proxy, "good.test").get("/", "good.test").status, 200)

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()

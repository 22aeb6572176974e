"""--keylog: with its file, tshark reads what a capture of either side contains. The captures are written by relays that the bytes pass, so
no test needs a capturing device, or root."""
import os
import signal
import socket
import ssl
import stat
import struct
import subprocess
import threading

from harness import Case, main, servers
from processes import PATIENCE, WHYTLS, environment, run
from test_parent import parent_to

SECRET = r"(CLIENT_RANDOM|(CLIENT|SERVER)_(HANDSHAKE_TRAFFIC_SECRET|TRAFFIC_SECRET_0)|EXPORTER_SECRET) [0-9a-f]{64} ([0-9a-f]{64}|[0-9a-f]{96})"
WARNING = "can decrypt captures of whytls's TLS connections"


class Capture:
    """A relay to `port` that keeps what passes, as segments of TCP to `shown_port`."""

    def __init__(self, port, shown_port=443):
        self._port, self._shown_port = port, shown_port
        self._segments = []  # (connection, from its client, bytes)
        self._lock = threading.Lock()
        self._server = servers.Server(self._relay)
        self.port = self._server.port
        self.stop = self._server.stop

    def _relay(self, client):
        with socket.create_connection(("127.0.0.1", self._port), PATIENCE) as server:
            number = client.getpeername()[1]
            back = threading.Thread(target=self._pump, args=(number, False, server, client), daemon=True)
            back.start()
            self._pump(number, True, client, server)
            back.join(PATIENCE)

    def _pump(self, number, from_client, source, sink):
        try:
            while data := source.recv(16384):
                with self._lock:
                    self._segments.append((number, from_client, data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def write(self, path):
        """A pcap file of packets that begin with IPv4 (LINKTYPE_RAW)."""
        syn, ack, psh = 2, 16, 8
        next_byte = {}  # by connection and direction
        with open(path, "wb") as file, self._lock:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))

            def put(number, from_client, flags, data=b""):
                ports = (number, self._shown_port) if from_client else (self._shown_port, number)
                ours, theirs = (next_byte.get((number, side), 0) for side in (from_client, not from_client))
                tcp = struct.pack(">HHIIBBHHH", *ports, ours, theirs, 5 << 4, flags, 65535, 0, 0)
                ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp) + len(data), 0, 0, 64, 6, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
                file.write(struct.pack("<IIII", 0, 0, len(ip + tcp + data), len(ip + tcp + data)) + ip + tcp + data)
                next_byte[number, from_client] = ours + len(data) + (1 if flags & syn else 0)

            for number, from_client, data in self._segments:
                if (number, True) not in next_byte:
                    put(number, True, syn)
                    put(number, False, syn | ack)
                    put(number, True, ack)
                put(number, from_client, psh | ack, data)


class Keylog(Case):
    def setUp(self):
        super().setUp()
        self.keys = os.path.join(self.directory, "keys.log")

    def capture(self, port, shown_port=443):
        return self.started(Capture(port, shown_port))

    def read(self):
        with open(self.keys, encoding="ascii") as file:
            return file.read()

    def http_in(self, capture):
        """What tshark reads of HTTP: a line for each message, of method, target, status and body."""
        path = os.path.join(self.directory, f"{capture.port}.pcap")
        capture.write(path)
        fields = [word for name in ("request.method", "request.uri", "response.code", "file_data") for word in ("-e", f"http.{name}")]
        done = run("tshark", "-r", path, "-o", f"tls.keylog_file:{self.keys}", "-Y", "http", "-T", "fields", "-E", "separator=/s", *fields)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def server_of(self, version):
        def configure(context):
            context.maximum_version = version

        return self.tls_server(self.pki.leaf("good.test"), servers.answering(servers.ok(b"from-the-server")), configure)

    def assert_decrypted(self, capture, what):
        read = self.http_in(capture)
        for part in (f"GET {what}", "200 ", "from-the-server"):
            self.assertIn(part, read)

    def test_both_sides_of_a_tunnel_are_decrypted_in_tls_1_2_and_1_3(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "1.2"), (ssl.TLSVersion.TLSv1_3, "1.3")):
            with self.subTest(name):
                behind = self.capture(self.server_of(version).port)
                proxy = self.proxy("--keylog", self.keys, hosts={"good.test:443": behind})
                before = self.capture(proxy.port, 8080)
                done = run("curl", "-sS", "--http1.1", "--tls-max", name, "--proxy", f"http://127.0.0.1:{before.port}", "--cacert", proxy.ca_file,
                           f"https://good.test/tls-{name}")
                self.assertEqual(done.stdout, "from-the-server", done.stderr)
                proxy.stop()
                for side in (before, behind):
                    self.assert_decrypted(side, f"/tls-{name}")

    def test_without_a_key_log_nothing_is_decrypted(self):
        behind = self.capture(self.server_of(ssl.TLSVersion.TLSv1_3).port)
        proxy = self.proxy(hosts={"good.test:443": behind})
        self.assertEqual(self.curl_body(proxy, "https://good.test/"), b"from-the-server")
        proxy.stop()
        self.assertEqual(self.http_in(behind), "")
        self.assertNotIn(WARNING, proxy.stderr.text)

    def test_tls_to_a_reverse_listener_is_decrypted(self):
        behind = self.capture(self.server_of(ssl.TLSVersion.TLSv1_3).port)
        proxy = self.proxy("--keylog", self.keys, "--reverse", "https://good.test", "--listen-tls", hosts={"good.test:443": behind})
        before = self.capture(proxy.port)
        done = run("curl", "-sS", "--http1.1", "--cacert", proxy.ca_file, "--resolve", f"own.test:{before.port}:127.0.0.1", f"https://own.test:{before.port}/reverse")
        self.assertEqual(done.stdout, "from-the-server", done.stderr)
        proxy.stop()
        for side in (before, behind):
            self.assert_decrypted(side, "/reverse")

    def test_tls_to_the_proxy_itself_is_decrypted_and_tls_to_its_parent(self):
        server = self.server_of(ssl.TLSVersion.TLSv1_2)
        parent = self.capture(self.tls_server(self.pki.leaf("parent.test"), parent_to(server)).port)
        proxy = self.proxy("--keylog", self.keys, "--upstream-proxy", f"https://parent.test:{parent.port}",
                           hosts={f"parent.test:{parent.port}": parent}, env={"NO_PROXY": "", "no_proxy": ""})
        before = self.capture(proxy.port)
        done = run("curl", "-sS", "--http1.1", "--proxy", f"https://127.0.0.1:{before.port}", "--proxy-cacert", proxy.ca_file, "--cacert", proxy.ca_file,
                   "https://good.test/inside")
        self.assertEqual(done.stdout, "from-the-server", done.stderr)
        proxy.stop()
        for side in (before, parent):
            self.assertIn("CONNECT good.test:443", self.http_in(side))

    def test_a_client_that_had_to_say_hello_twice_logs_the_same_keys(self):
        theirs = os.path.join(self.directory, "theirs.log")
        proxy = self.proxy("--keylog", self.keys, hosts={"good.test:443": self.server_of(ssl.TLSVersion.TLSv1_2)})
        done = run("openssl", "s_client", "-proxy", f"127.0.0.1:{proxy.port}", "-connect", "good.test:443", "-CAfile", proxy.ca_file, "-verify_return_error",
                   "-groups", "ffdhe8192:P-256", "-msg", "-keylogfile", theirs)
        self.assertEqual(done.stdout.count(">>> TLS 1.3, Handshake [length"), 3, done.stdout)  # two ClientHellos and a Finished
        proxy.stop()
        with open(theirs, encoding="ascii") as file:
            expected = {line for line in file if not line.startswith(("#", "EXPORTER_SECRET"))}
        self.assertEqual(len(expected), 4)
        self.assertLessEqual(expected, set(self.read().splitlines(keepends=True)))

    def test_the_file_is_for_its_owner_alone_and_the_start_says_what_it_gives_away(self):
        proxy = self.proxy("--keylog", self.keys)
        self.assertEqual(stat.S_IMODE(os.stat(self.keys).st_mode), 0o600)
        self.assertIn(f"warning: --keylog: whoever reads {self.keys} {WARNING}", proxy.stderr.text)
        self.assertNotIn("readable by others", proxy.stderr.text)

    def test_a_file_that_is_there_is_appended_to_and_warned_of_when_others_can_read_it(self):
        with open(self.keys, "w", encoding="ascii") as file:
            file.write("# another program's\nCLIENT_RANDOM cut-of")
        os.chmod(self.keys, 0o644)
        proxy = self.proxy("--keylog", self.keys, hosts={"good.test:443": self.server_of(ssl.TLSVersion.TLSv1_2)})
        self.curl_body(proxy, "https://good.test/")
        proxy.stop()
        self.assertIn(f"warning: {self.keys}: this key log is readable by others (chmod 600 would end that)", proxy.stderr.text)
        first, cut, *ours = self.read().splitlines()
        self.assertEqual((first, cut), ("# another program's", "CLIENT_RANDOM cut-of"))
        self.assertGreaterEqual(len(ours), 2)
        for line in ours:
            self.assertRegex(line, f"^{SECRET}$")

    def test_the_variable_of_other_programs_names_the_file_where_the_option_does_not(self):
        others = os.path.join(self.directory, "others.log")
        for option, kept, left in (((), others, self.keys), (("--keylog", self.keys), self.keys, others), (("--keylog", ""), None, others)):
            with self.subTest(option):
                for path in (others, self.keys):
                    if os.path.exists(path):
                        os.unlink(path)
                proxy = self.proxy(*option, env={"SSLKEYLOGFILE": others})
                proxy.stop()
                self.assertFalse(os.path.exists(left))
                self.assertEqual(kept is not None, WARNING in proxy.stderr.text)
                if kept == others:
                    self.assertIn(f"warning: SSLKEYLOGFILE: whoever reads {others}", proxy.stderr.text)
                    self.assertTrue(os.path.exists(others))

    def test_lines_of_several_event_loops_stay_whole(self):
        proxy = self.proxy("--keylog", self.keys, "--workers", "4", hosts={"good.test:443": self.server_of(ssl.TLSVersion.TLSv1_3)})
        connections = 24
        threads = [threading.Thread(target=lambda: self.curl_body(proxy, "https://good.test/")) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        proxy.stop()
        lines = self.read().splitlines()
        for line in lines:
            self.assertRegex(line, f"^{SECRET}$")
        randoms = [line.split()[1] for line in lines]
        self.assertEqual(len(set(randoms)), 2 * connections)
        for random in set(randoms):
            self.assertGreaterEqual(randoms.count(random), 4)
        self.assertEqual(len(set(lines)), len(lines))

    def test_a_disk_that_is_full_is_told_once_and_the_proxy_goes_on(self):
        proxy = self.proxy("--keylog", "/dev/full", hosts={"good.test:443": self.server_of(ssl.TLSVersion.TLSv1_3)})
        for _ in range(3):
            self.assertEqual(self.curl_body(proxy, "https://good.test/"), b"from-the-server")
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count("whytls: the key log cannot be written: No space left on device"), 1)

    def test_a_file_that_was_moved_away_is_made_anew_on_sighup(self):
        proxy = self.proxy("--keylog", self.keys, hosts={"good.test:443": self.server_of(ssl.TLSVersion.TLSv1_3)}, start_new_session=True)
        self.curl_body(proxy, "https://good.test/")
        os.rename(self.keys, self.keys + ".1")
        proxy.process.send(signal.SIGHUP)
        self.curl_body(proxy, "https://good.test/")
        proxy.stop()
        self.assertRegex(self.read(), f"^{SECRET}\n")

    def test_a_tunnel_that_passes_untouched_leaves_no_keys(self):
        proxy = self.proxy("--keylog", self.keys, "--passthrough", "good.test", hosts={"good.test:443": self.server_of(ssl.TLSVersion.TLSv1_3)})
        done = self.curl(proxy, "--cacert", self.pki.trust, "https://good.test/", trusting=False)
        self.assertEqual(done.stdout, b"from-the-server", done.stderr)
        proxy.stop()
        self.assertEqual(self.read(), "")

    def test_a_check_keeps_one_too(self):
        server = self.capture(self.server_of(ssl.TLSVersion.TLSv1_3).port)
        done = run(WHYTLS, "check", "https://good.test/checked", "--trust", self.pki.trust, "--resolve", f"good.test:443:127.0.0.1:{server.port}", "--keylog", self.keys)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(WARNING, done.stderr)
        self.assert_decrypted(server, "/checked")

    def test_a_file_that_cannot_be_written_is_refused_by_the_name_that_asked_for_it(self):
        for arguments, variable, says in ((["--keylog", self.directory], {}, f"whytls: --keylog {self.directory}: Is a directory"),
                                          (["--keylog", "-"], {}, "--keylog takes a file, not -"),
                                          ([], {"SSLKEYLOGFILE": "/nowhere/keys"}, "whytls: SSLKEYLOGFILE /nowhere/keys: No such file or directory")):
            with self.subTest(arguments):
                done = subprocess.run([WHYTLS, "proxy", "--listen", "127.0.0.1:0", "--ca-dir", os.path.join(self.directory, "ca"), "--trust", self.pki.trust,
                                       *arguments], capture_output=True, text=True, timeout=PATIENCE, env=environment() | variable, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(says, done.stderr)


if __name__ == "__main__":
    main()

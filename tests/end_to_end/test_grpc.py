"""gRPC between the libraries that people use, each as client and as server: all kinds of call through a tunnel and a reverse listener, and what
a client is told of a server that fails."""
import hashlib
import json
import os

from harness import Case, main, servers
from processes import SOURCE, Process, environment, run

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {"node": ["node", os.path.join(HERE, "clients", "grpc.js")],
         "python": ["/usr/bin/python3", "-B", os.path.join(HERE, "clients", "grpc_peer.py")]}  # Debian's, which its package is for
MODULES = {"NODE_PATH": os.path.join(SOURCE, "build", "node", "node_modules"), "GRPC_VERBOSITY": "NONE"}
EVERY_KIND = {"unary": "hello", "initial": ["words", "0001feff"], "trailing": ["00ff80", hashlib.sha256(b"hello").hexdigest()], "collect": "a++b",
              "spread": ["a", "b", "c"], "chat": ["ONE", "TWO", "SIX"], "many": [str(number) for number in range(50)]}
OK, CANCELLED, DEADLINE_EXCEEDED, FAILED_PRECONDITION, UNIMPLEMENTED, UNAVAILABLE = 0, 1, 4, 9, 12, 14


class Server:
    def __init__(self, kind, identity):
        self.process = Process([*PEERS[kind], "serve", identity.chain, identity.key], env=environment() | MODULES)
        self.port = int(self.process.stdout.wait_for(r"^listening on (\d+)$")[1])

    def stop(self):
        self.process.stop()


class GrpcCase(Case):
    def talk(self, client, way, *stories):
        target, authority, env = way
        done = run(*PEERS[client], "talk", target, authority, *stories, env=environment() | MODULES | env)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        return said if len(stories) > 1 else said[stories[0]]


class Calls(GrpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peers = {}
        for kind in PEERS:
            cls.peers[kind] = Server(kind, cls.pki.leaf(f"{kind}.test"))
            cls.addClassCleanup(cls.peers[kind].stop)

    def through_a_tunnel(self, *options):
        proxy = self.proxy(*options, hosts={f"{kind}.test:443": server for kind, server in self.peers.items()})
        return proxy, lambda kind: (f"{kind}.test:443", proxy.ca_file, {"https_proxy": proxy.url, "http_proxy": proxy.url})

    PAIRS = [(client, server) for client in PEERS for server in PEERS]

    def test_all_four_kinds_of_call_metadata_4_mb_and_failures_pass_a_tunnel(self):
        for client, server in self.PAIRS:
            with self.subTest(client=client, server=server):
                proxy, way = self.through_a_tunnel()
                said = self.talk(client, way(server), "every_kind", "large", "failing", "missing")
                self.assertEqual((said["every_kind"], said["large"]), (EVERY_KIND, True))
                self.assertEqual((said["failing"]["code"], said["failing"]["details"]), (FAILED_PRECONDITION, "100% wrong, \u00e9 and\nmore"))
                self.assertEqual((said["failing"]["trailing"]["x-why-bin"], said["missing"]["code"]), (b"\0why".hex(), UNIMPLEMENTED))
                proxy.stop()
                lines = [line for line in proxy.log() if line["event"] == "request"]
                self.assertEqual({(line["method"], line["status"]) for line in lines}, {("POST", 200)})
                # Calls of a client may finish in any order, so they are counted.
                calls = [line["url"].rpartition("/")[2] for line in lines]
                self.assertEqual({name: calls.count(name) for name in calls}, {"Unary": 52, "Collect": 1, "Spread": 1, "Chat": 1, "Fail": 1, "None": 1})
                large = max(lines, key=lambda line: line["request_bytes"])
                self.assertEqual((large["request_bytes"], large["response_bytes"]), ((4 << 20) + 5, (4 << 20) + 5))

    def test_a_reverse_listener_in_the_clear_serves_them_too(self):
        for client, server in (("node", "python"), ("python", "node")):
            with self.subTest(client=client, server=server):
                proxy = self.proxy("--reverse", f"https://{server}.test", hosts={f"{server}.test:443": self.peers[server]})
                said = self.talk(client, (f"127.0.0.1:{proxy.port}", "", {}), "every_kind", "large")
                self.assertEqual((said["every_kind"], said["large"]), (EVERY_KIND, True))

    def test_a_deadline_and_a_cancellation_reach_the_server(self):
        for client, server in self.PAIRS:
            with self.subTest(client=client, server=server):
                _, way = self.through_a_tunnel()
                before = len(self.peers[server].process.stdout.text.splitlines())
                said = self.talk(client, way(server), "deadline", "cancel")
                self.assertEqual((said["deadline"]["code"], said["cancel"]["code"]), (DEADLINE_EXCEEDED, CANCELLED))
                lines = r"\A(?:.*\n){%d}" % before
                for story in ("deadline", "cancel"):
                    self.peers[server].process.stdout.wait_for(lines + rf"(?:.*\n)*ended {story}$")

    def test_a_stream_that_says_nothing_lives_by_its_clients_pings(self):
        """gRPC's C core sends a PING each second at most."""
        for client, server in (("node", "python"), ("python", "node")):
            with self.subTest(client=client, server=server):
                _, way = self.through_a_tunnel("--idle-timeout", "1.5")
                self.assertEqual(self.talk(client, way(server), "idle"), ["begun", "awake"])


class Diagnoses(GrpcCase):
    def test_a_client_is_told_why_its_server_failed_and_what_to_do(self):
        for client in PEERS:
            with self.subTest(client):
                wrong = Server(client, self.pki.leaf("other.test"))
                self.addCleanup(wrong.stop)
                proxy = self.proxy(hosts={"wrong.test:443": wrong})
                said = self.talk(client, ("wrong.test:443", proxy.ca_file, {"https_proxy": proxy.url, "http_proxy": proxy.url}), "unary", "streaming")
                for each in said.values():
                    self.assertEqual(each["code"], UNAVAILABLE, each)
                    self.assertIn("other.test", each["details"])
                    report = json.loads(bytes.fromhex(each["trailing"]["whytls-report-bin"]))
                    self.assertEqual(report["code"], "hostname_mismatch")
                    self.assertIn("[hostname_mismatch]", each["details"])
                    self.assertIn("Issue a certificate that lists wrong.test", each["details"])
                proxy.stop()
                self.assertEqual([(line["status"], line["code"]) for line in proxy.log() if line["event"] == "request"], [(200, "hostname_mismatch")] * 2)

    def test_a_server_that_is_not_there_is_told_of_as_unavailable(self):
        for client in PEERS:
            with self.subTest(client):
                proxy = self.proxy(hosts={"gone.test:443": self.started(servers.ClosedPort())})
                said = self.talk(client, ("gone.test:443", proxy.ca_file, {"https_proxy": proxy.url, "http_proxy": proxy.url}), "unary")
                self.assertEqual(said["code"], UNAVAILABLE, said)
                self.assertIn("gone.test", said["details"])
                self.assertIn("refused", said["details"])


if __name__ == "__main__":
    main()

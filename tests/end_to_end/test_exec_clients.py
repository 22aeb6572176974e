"""whytls exec with the programs that developers run, each before a server that is right and one that is not: a table of what came of it. No
program is told of the proxy or the CA but by what exec sets."""
import io
import json
import os
import re
import shlex
import shutil
import zipfile

from compiled import go_program, java_program
from harness import Case, main, servers
from processes import PATIENCE, SOURCE, WHYTLS, Process, environment, run

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
MODULES = os.path.join(SOURCE, "build", "node", "node_modules")
NEWMAN = os.path.join(MODULES, ".bin", "newman")
DEBIANS = "/usr/bin/python3"  # which its packages are for
GRPC_UNAVAILABLE = 14
BETWEEN = "= the other server ="
BROWSERS = ("Chromium", "Firefox")


def wheel():
    """The smallest that pip takes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("thing-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.2.3\n")
        archive.writestr("thing-1.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("thing-1.2.3.dist-info/RECORD", "")
    return file.getvalue()


# What programs ask for beside "/": a repository of git (its dumb protocol), npm's registry, a wheel, Cargo's index and search.
CONTENT = {
    "/repository/info/refs": (b"text/plain", b"0123456789012345678901234567890123456789\trefs/heads/hello\n"),
    "/repository/HEAD": (b"text/plain", b"ref: refs/heads/hello\n"),
    "/thing": (b"application/json", json.dumps({
        "name": "thing", "dist-tags": {"latest": "1.2.3"},
        "versions": {"1.2.3": {"name": "thing", "version": "1.2.3", "description": "hello", "dist": {"tarball": "https://good.test/thing.tgz"}}}}).encode()),
    "/thing-1.2.3-py3-none-any.whl": (b"application/octet-stream", wheel()),
    "/config.json": (b"application/json", b'{"dl": "https://good.test/dl", "api": "https://good.test"}'),
    "/api/v1/crates": (b"application/json", json.dumps({"crates": [{"name": "thing", "max_version": "1.2.3", "description": "hello"}],
                                                       "meta": {"total": 1}}).encode()),
}


def site(connection):
    requests = servers.Requests(connection)
    while head := requests.head():
        path = head.split(b" ")[1].decode().partition("?")[0]
        kind, body = CONTENT.get(path, (b"text/html", b"hello\n"))
        connection.sendall(servers.ok(body, b"Content-Type: " + kind + b"\r\n"))


def client(name, *more):
    return [*more, os.path.join(HERE, name)]


def node(way):
    return lambda case, host: client("exec_node.js", "node") + [way, f"https://{host}/"]


def python(way):
    return lambda case, host: client("exec_python.py", DEBIANS, "-B") + [way, f"https://{host}/"]


def java(way):
    return lambda case, host: ["java", *java_program(os.path.join(HERE, "ExecJava.java")), way, f"https://{host}/"]


def newman(case, host):
    collection = os.path.join(case.directory, f"{host}.json")
    with open(collection, "w", encoding="utf-8") as file:
        json.dump({"info": {"name": "whytls", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": [
            {"name": "one", "request": {"method": "GET", "url": f"https://{host}/"},
             "event": [{"listen": "test", "script": {"exec": ["console.log(pm.response.code + ' ' + pm.response.text().split('\\n')[0])"]}}]}]}, file)
    return [NEWMAN, "run", collection]


def chromium(case, host):
    return ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--dump-dom", f"https://{host}/"]


def firefox(case, host):
    return ["firefox-esr", "--headless", "--screenshot", os.path.join(case.directory, f"{host}.png"), f"https://{host}/"]


TOLD = r"for other\.test, not for (grpc-)?wrong\.test"
# Name; the programs that must be there; how it asks a host; what it prints of the good server, and of the other (patterns).
ROWS = [
    ("curl", ["curl"], lambda case, host: ["curl", "-sS", f"https://{host}/"], "^hello$", TOLD),
    ("wget", ["wget"], lambda case, host: ["wget", "-qO-", "--tries=1", "--content-on-error", f"https://{host}/"], "^hello$", TOLD),
    ("git", ["git"], lambda case, host: ["git", "ls-remote", f"https://{host}/repository"], "refs/heads/hello", "error: 502"),
    ("Python requests", [DEBIANS], python("requests"), "^200 hello$", TOLD),
    ("Python urllib", [DEBIANS], python("urllib"), "^200 hello$", TOLD),
    ("Python aiohttp", [DEBIANS], python("aiohttp"), "^200 hello$", TOLD),
    ("pip", ["pip"], lambda case, host: ["pip", "download", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--retries", "0", "-d",
                                         os.path.join(case.directory, host), f"https://{host}/thing-1.2.3-py3-none-any.whl"], "downloaded thing", "502"),
    ("Node https", ["node"], node("get"), "^200 hello$", TOLD),
    ("Node https, own agent", ["node"], node("agent"), "^200 hello$", TOLD),
    ("Node fetch", ["node"], node("fetch"), "^200 hello$", TOLD),
    ("undici", ["node"], node("undici"), "^200 hello$", TOLD),
    ("axios", ["node"], node("axios"), "^200 hello$", TOLD),
    ("newman", [NEWMAN], newman, "200 hello", TOLD),
    ("npm", ["npm"], lambda case, host: ["npm", "view", "thing", "version", "--registry", f"https://{host}/", "--fetch-retries=0", "--cache",
                                         os.path.join(case.directory, "npm")], "^1.2.3$", TOLD),
    ("Java HttpClient", ["java"], java("client"), "^200 hello$", TOLD),
    ("Java HttpsURLConnection", ["java"], java("connection"), "^200 hello$", TOLD),
    ("Go", ["go"], lambda case, host: [go_program(os.path.join(HERE, "exec_go.go")), f"https://{host}/"], "^200 hello$", TOLD),
    ("Ruby", ["ruby"], lambda case, host: client("exec_ruby.rb", "ruby") + [f"https://{host}/"], "^200 hello$", TOLD),
    ("PHP curl", ["php"], lambda case, host: client("exec_php.php", "php") + [f"https://{host}/"], "^200 hello$", TOLD),
    ("cargo", ["cargo"], lambda case, host: ["cargo", "search", "thing", "--index", f"sparse+https://{host}/"], '^thing = "1.2.3"', "502"),
    ("gRPC Node", ["node"], lambda case, host: client("exec_grpc.js", "node") + [f"https://grpc-{host}/"], "^200 hello$", f"{GRPC_UNAVAILABLE} .*{TOLD}"),
    ("gRPC Python", [DEBIANS], lambda case, host: python("grpc")(case, f"grpc-{host}"), "^200 hello$", f"{GRPC_UNAVAILABLE} .*{TOLD}"),
    ("Chromium", ["chromium"], chromium, "hello", TOLD),
    ("Firefox", ["firefox-esr", "certutil"], firefox, "", ""),  # says nothing; the log has what it got
]
# Of those, the ones that ask a proxy for loopback addresses; Go and Ruby do not.
LOOPBACK = ("curl", "Python urllib", "Node https", "Node fetch", "Java HttpClient")


class Clients(Case):
    def setUp(self):
        super().setUp()
        good, grpc = self.pki.leaf("good.test"), self.pki.leaf("grpc-good.test")
        wrong = self.pki.leaf("other.test")
        calls = self.started(Process([DEBIANS, "-B", os.path.join(HERE, "grpc_peer.py"), "serve", grpc.chain, grpc.key]))
        ports = {"good.test": self.tls_server(good, site).port, "wrong.test": self.tls_server(wrong, site).port,
                 "grpc-good.test": int(calls.stdout.wait_for(r"^listening on (\d+)$")[1])}
        ports["grpc-wrong.test"] = ports["wrong.test"]
        self.options = ["--trust", self.pki.trust]
        for host, port in ports.items():
            self.options += ["--resolve", f"{host}:443:127.0.0.1:{port}"]
        self.outside = environment() | {"HOME": self.directory, "TMPDIR": self.directory, "NODE_PATH": MODULES, "GRPC_VERBOSITY": "NONE",
                                        "CARGO_HOME": os.path.join(self.directory, "cargo"), "GIT_TERMINAL_PROMPT": "0", "NO_UPDATE_NOTIFIER": "1",
                                        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))}

    def came_of(self, name, command, good, told):
        """Three answers: whether the proxy saw it, whether it trusted the proxy, whether it and stderr told the failure; and what was said."""
        log = os.path.join(self.directory, re.sub(r"\W", "-", name) + ".jsonl")
        asks = [command(self, host) for host in ("good.test", "wrong.test")]
        # A browser must be the command itself.
        commands = asks if name in BROWSERS else [["sh", "-c", f"{shlex.join(asks[0])} 2>&1; echo; echo '{BETWEEN}'; {shlex.join(asks[1])} 2>&1"]]
        done = [run(WHYTLS, "exec", *self.options, "--log", log, "--", *one, env=self.outside, timeout=PATIENCE * 4) for one in commands]
        first, _, second = BETWEEN.join(each.stdout for each in done).partition(BETWEEN)
        said_by_whytls = "".join(line for each in done for line in each.stderr.splitlines(True) if line.startswith("whytls: "))
        with open(log, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        seen = any(line["event"] == "request" and "good.test" in line["url"] and line["status"] == 200 for line in lines)
        trusted = bool(re.search(good, first, re.MULTILINE)) and not any(line["event"] == "client_handshake" and line["verdict"] == "failed" and ".test" in line.get("host", "") for line in lines)
        answered = any(line["event"] == "request" and "wrong.test" in line["url"] and line.get("code") == "hostname_mismatch" for line in lines)
        failure = answered and bool(re.search(told, second)) and bool(re.search(TOLD + r" \[hostname_mismatch\]", said_by_whytls))
        return (seen, trusted, failure), first + BETWEEN + second + said_by_whytls

    def test_each_client_is_intercepted_trusts_the_proxy_and_its_failure_is_told(self):
        table, wrong = [], []
        for name, programs, command, good, told in ROWS:
            if not re.search(os.environ.get("WHYTLS_ONLY", ""), name):
                continue
            if missing := [program for program in programs if not shutil.which(program)]:
                table.append(f"{name:26}not tested: there is no {missing[0]} here")
                continue
            answers, said = self.came_of(name, command, good, told)
            table.append(f"{name:26}" + "".join(f"{'yes' if answer else 'NO':14}" for answer in answers))
            if not all(answers):
                wrong.append(f"{name}:\n{said}")
        print(f"\n{'client':26}{'intercepted':14}{'trusted':14}{'failure told':14}", *table, sep="\n", flush=True)
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_requests_in_the_clear_go_through_it_as_requests(self):
        plain = self.server(site).port
        log = os.path.join(self.directory, "plain.jsonl")
        asks = [["curl", "-sS", "http://plain.test/"], *(command(self, "plain.test") for command in map(node, ("get", "list", "fetch"))),
                python("urllib")(self, "plain.test")]
        script = "\n".join(shlex.join(ask).replace("https://", "http://") + " 2>&1; echo" for ask in asks)
        done = run(WHYTLS, "exec", "--resolve", f"plain.test:80:127.0.0.1:{plain}", "--log", log, "--", "sh", "-c", script, env=self.outside)
        self.assertEqual(done.stdout.split(), ["hello", *["200", "hello"] * 4], done.stderr)
        with open(log, encoding="utf-8") as file:
            asked = [each["method"] for each in map(json.loads, file) if each["event"] == "request"]
        self.assertEqual(asked, ["GET", "GET", "GET", "CONNECT", "GET"])  # Node's fetch asks for a tunnel, as its newer versions do

    def test_a_dispatcher_that_a_node_program_has_chosen_stays(self):
        done = run(WHYTLS, "exec", *self.options, "--", *node("chosen")(self, "good.test"), env=self.outside)
        self.assertIn("ENOTFOUND", done.stderr)

    def test_a_server_of_the_developers_own_on_loopback_is_led_through_it_too(self):
        local = self.tls_server(self.pki.leaf("localhost", "127.0.0.1"), site).port
        for name, programs, command, good, _ in ROWS:
            if name not in LOOPBACK or not all(map(shutil.which, programs)):
                continue
            with self.subTest(name):
                log = os.path.join(self.directory, re.sub(r"\W", "-", name) + "-local.jsonl")
                script = "\n".join(shlex.join(command(self, f"{host}:{local}")) + " 2>&1; echo" for host in ("localhost", "127.0.0.1"))
                done = run(WHYTLS, "exec", "--trust", self.pki.trust, "--log", log, "--", "sh", "-c", script, env=self.outside, timeout=PATIENCE * 4)
                self.assertEqual(len(re.findall(good, done.stdout, re.MULTILINE)), 2, done.stdout + done.stderr)
                with open(log, encoding="utf-8") as file:
                    asked = [each["url"] for each in map(json.loads, file) if each["event"] == "request"]
                self.assertEqual(len(asked), 2, asked)


if __name__ == "__main__":
    main()

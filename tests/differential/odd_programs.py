"""Servers of other programs than OpenSSL's: GnuTLS, Go, Java, Node, nginx and Python, each with what only it does, or does otherwise."""
import json
import os
import re
import ssl

from odd_keys import Openssl, ec, openssl, rsa

import servers
from compiled import go_program, java_program
from processes import Process

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "servers")
RSA = {"intermediate": {"key": "rsa2048"}, "key": "rsa2048"}
TLS_1_2, TLS_1_3 = 0x0303, 0x0304


class Many:
    """A program that reads the specifications of its servers, a line each, and says NAME and port of each."""

    def __init__(self, plan, kind, command):
        self._plan, self._kind, self._command, self._lines = plan, kind, command, []

    def add(self, name, line):
        self._lines.append(line)
        self._plan.add(name, lambda host: Named(self._process, name))

    def start(self):
        path = os.path.join(self._plan.directory, self._kind)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in self._lines)
        self._process = Process([*self._command(), path])
        self._plan.ends(self._process)


class Named:
    def __init__(self, process, name):
        try:
            self.port = int(process.stdout.wait_for(rf"^{re.escape(name)} (\d+)$", 120)[1])
        except AssertionError as error:
            raise AssertionError(f"{error}{process.stderr.text}") from error

    def stop(self):
        pass  # the process is ended as a whole


def add_to(plan):
    gnutls(plan)
    go(plan)
    java(plan)
    node(plan)
    nginx(plan)
    python(plan)


def gnutls(plan):
    def add(name, *options, **members):
        identity = plan.pki.leaf(f"gnutls-{name}.odd.test", **members)
        plan.add(f"gnutls-{name}", lambda host: servers.GnutlsServer(identity, *options))

    quiet = "--disable-client-cert"
    add("plain", quiet)
    add("wants-certificate")
    add("rsa", quiet, **RSA)
    for word in ("SAFE_RENEGOTIATION", "DISABLE_SAFE_RENEGOTIATION", "UNSAFE_RENEGOTIATION", "PARTIAL_RENEGOTIATION", "COMPAT", "SERVER_PRECEDENCE",
                 "NO_TICKETS", "NO_ETM", "NO_SESSION_HASH", "FORCE_ETM", "DISABLE_TLS13_COMPAT_MODE"):
        add(word.lower().replace("_", "-"), quiet, "--priority", f"NORMAL:%{word}")
        if "RENEGOTIATION" in word or word in ("NO_ETM", "NO_SESSION_HASH", "FORCE_ETM", "COMPAT"):
            add(word.lower().replace("_", "-") + "-1.2", quiet, "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS1.2:%{word}")
    for name, priority in (("secure192", "SECURE192"), ("suiteb", "SUITEB192"), ("x448", "NORMAL:-GROUP-ALL:+GROUP-X448"),
                           ("ffdhe3072", "NORMAL:-GROUP-ALL:+GROUP-FFDHE3072"), ("cbc", "NORMAL:-CIPHER-ALL:+AES-128-CBC"),
                           ("cbc-without-etm", "NORMAL:-CIPHER-ALL:+AES-128-CBC:%NO_ETM"), ("ccm", "NORMAL:-CIPHER-ALL:+AES-128-CCM")):
        add(name, quiet, "--priority", priority, **({"intermediate": {"key": "p384"}, "root": {"key": "p384"}, "key": "p384"} if "suiteb" in name else {}))
    add("small-records", quiet, "--recordsize", "600")
    add("early-data", quiet, "--earlydata")
    add("no-ticket", quiet, "--noticket")
    add("alpn", quiet, "--alpn", "http/1.1")


def go(plan):
    many = Many(plan, "go", lambda: [go_program(os.path.join(HERE, "serve.go"))])

    def add(name, members=None, **options):
        identity = plan.pki.leaf(f"go-{name}.odd.test", **(members or {}))
        many.add(f"go-{name}", json.dumps({"Name": f"go-{name}", "Chain": identity.chain, "Key": identity.key, "Lowest": TLS_1_2, **options}))

    add("http-1", Protocols=["http/1.1"])
    add("http-2-too")
    add("1.2", Highest=TLS_1_2)
    add("1.3", Lowest=TLS_1_3)
    add("no-tickets", NoTickets=True, Highest=TLS_1_2)
    add("p521", Curves=[25])
    add("wants-certificate", WantsCertificate=True)
    add("wants-certificate-1.2", WantsCertificate=True, Highest=TLS_1_2)
    add("ed25519", {"key": "ed25519"})
    add("rsa", RSA)
    many.start()


def java(plan):
    # Clients must show that they know RFC 5746: Java's own word for that.
    strict = ["-Dsun.security.ssl.allowLegacyHelloMessages=false", "-Dsun.security.ssl.allowUnsafeRenegotiation=false"]
    many = Many(plan, "java", lambda: ["java", *strict, *java_program(os.path.join(HERE, "Serve.java"))])

    def add(name, size=5, *options, **members):
        identity = plan.pki.leaf(f"java-{name}.odd.test", **members)
        key = os.path.join(identity.made, "pkcs8.pem")  # the only form that it reads
        openssl("pkcs8", "-topk8", "-nocrypt", "-in", identity.key, "-out", key)
        many.add(f"java-{name}", " ".join([f"java-{name}", identity.chain, key, str(size), *options]))

    add("plain")
    add("1.2", 5, "protocols=TLSv1.2")
    add("1.2-rsa", 5, "protocols=TLSv1.2", **RSA)
    add("1.3", 5, "protocols=TLSv1.3")
    add("key-updates", 100_000, "protocols=TLSv1.3")
    add("wants-certificate", 5, "wants=certificate")
    add("wants-certificate-1.2", 5, "wants=certificate", "protocols=TLSv1.2")
    add("alpn", 5, "alpn=http/1.1")
    add("cbc", 5, "protocols=TLSv1.2", "suites=TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")
    add("dhe", 5, "protocols=TLSv1.2", "suites=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", **RSA)
    many.start()


def node(plan):
    many = Many(plan, "node", lambda: ["node", os.path.join(HERE, "serve.js")])

    def add(name, **options):
        identity = plan.pki.leaf(f"node-{name}.odd.test", **options.pop("members", {}))
        many.add(f"node-{name}", json.dumps({"name": f"node-{name}", "chain": identity.chain, "key": identity.key, **options}))

    add("plain")
    add("http-2-too", http2="too")
    add("http-2-only", http2="only")
    add("1.2", maxVersion="TLSv1.2")
    add("p384", ecdhCurve="P-384")
    add("wants-certificate", requestCert=True, rejectUnauthorized=False)
    add("alpn-other", ALPNProtocols=["http/1.0", "http/1.1"])
    many.start()


def nginx(plan):
    def add(name, directives, **members):
        identity = plan.pki.leaf(f"nginx-{name}.odd.test", **members)
        plan.add(f"nginx-{name}", lambda host: servers.Nginx(os.path.join(plan.directory, f"nginx-{name}"),
                                                             directives + " location / { return 200 hello; }", identity))

    add("plain", "")
    add("http-2-too", "} server { listen 127.0.0.1:PORT ssl http2;")
    add("small-buffers", "ssl_buffer_size 1k;")
    add("no-tickets", "ssl_session_tickets off; ssl_protocols TLSv1.2;")
    add("early-data", "ssl_early_data on;")
    add("wants-certificate", "ssl_verify_client optional_no_ca;")
    add("wants-certificate-1.2", "ssl_verify_client optional_no_ca; ssl_protocols TLSv1.2;")


def python(plan):
    def add(name, configure, handler=None, identity=None):
        identity = identity or plan.pki.leaf(f"python-{name}.odd.test")
        plan.add(f"python-{name}", lambda host: servers.TlsServer(identity, handler or servers.answering(servers.ok()), configure))

    def insists_on_names(context):
        def look(_connection, name, _context):
            return None if name and name.endswith(".odd.test") else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

        context.sni_callback = look

    def asks_later(context):
        context.post_handshake_auth = True
        context.verify_mode = ssl.CERT_OPTIONAL

    def asking_later(connection):
        """Asks for a certificate after the handshake, of those that said they would bear it (RFC 8446 §4.6.2)."""
        requests = servers.Requests(connection)
        while requests.head():
            try:
                connection.verify_client_post_handshake()
            except ssl.SSLError:
                pass  # it did not say so
            connection.sendall(servers.ok())

    def many_tickets(context):
        context.num_tickets = 10

    add("insists-on-names", insists_on_names)
    add("asks-later", asks_later, asking_later)
    add("many-tickets", many_tickets)
    for name, key in (("ed448", ("-algorithm", "ED448")), ("rsa-4096", rsa(4096, 3)), ("p-521", ec("P-521"))):
        add(name, None, identity=Openssl(plan).leaf(f"python-{name}.odd.test", key))

"""An OpenTelemetry collector for the tests: it reads what it gets with OpenTelemetry's own definitions (clients/otlp.js), and answers as it is told."""
import base64
import gzip
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading

from processes import PATIENCE, SOURCE, environment

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(SOURCE, "build", "node", "node_modules")


class Definitions:
    """OpenTelemetry's, in a process of Node.js."""

    def __init__(self):
        self._process = subprocess.Popen(["node", os.path.join(HERE, "clients", "otlp.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env=environment() | {"NODE_PATH": MODULES}, text=True, bufsize=1)
        self._lock = threading.Lock()

    def ask(self, kind, text):
        with self._lock:
            self._process.stdin.write(f"{kind} {text}\n")
            return json.loads(self._process.stdout.readline())

    def stop(self):
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


class Post:
    def __init__(self, path, fields, message):
        self.path, self.fields, self.message = path, fields, message


class Listening(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a proxy that has left
            super().handle_error(request, client_address)


class Collector:
    """Keeps each request, read. `answer(post, number)` returns a status, fields and a body; without one it takes
    everything. `before` is called before each answer. One that does not read (`reads`) only takes."""

    def __init__(self, definitions, answer=None, port=0, identity=None, before=None, reads=True):
        self._reads = reads
        self._definitions, self._answer, self._before = definitions, answer or (lambda post, number: (200, {}, b"")), before
        self.posts, self.taken, self.wrong, self.connections = [], [], [], 0
        self._changed = threading.Condition()
        self._server = Listening(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._open = set()
        if identity:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(identity.chain, identity.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def _handler(collector):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with collector._changed:
                    collector.connections += 1
                    collector._open.add(self.connection)

            def finish(self):
                super().finish()
                with collector._changed:
                    collector._open.discard(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if collector._before:
                    collector._before()
                status, fields, answer = collector._take(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler

    def _take(self, path, fields, body):
        kind = path.rsplit("/", 1)[-1]
        raw = gzip.decompress(body)
        read = self._definitions.ask(kind, base64.b64encode(raw).decode()) if self._reads else {"wrong": None, "size": len(raw)}
        with self._changed:
            if read["wrong"] or read["size"] != len(raw):
                self.wrong.append(read)
            post = Post(path, fields, read)
            self.posts.append(post)
            answer = self._answer(post, len(self.posts))
            if answer[0] == 200:
                self.taken.append(post)
            self._changed.notify_all()
        return answer

    def partial(self, kind, **said):
        """The body of an answer that rejects a part."""
        text = base64.b64encode(json.dumps({"partialSuccess": said}).encode()).decode()
        return base64.b64decode(self._definitions.ask(f"{kind}_answer", text))

    def wait(self, wanted, timeout=PATIENCE):
        """Waits until `wanted(self)` is true; what it was."""
        with self._changed:
            found = self._changed.wait_for(lambda: wanted(self), timeout)
        if not found:
            raise AssertionError(f"did not come: {[(post.path, len(str(post.message))) for post in self.posts]}, wrong {self.wrong}")
        return found

    def _all(self, kind, resource, scope, items):
        for post in list(self.taken):
            if post.path.endswith(kind):
                for of_resource in post.message["read"][resource]:
                    for in_scope in of_resource[scope]:
                        yield from in_scope[items]

    def spans(self):
        """What it took."""
        return [simple(each) for each in self._all("traces", "resourceSpans", "scopeSpans", "spans")]

    def logs(self):
        return [simple(each) for each in self._all("logs", "resourceLogs", "scopeLogs", "logRecords")]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)
        for each in list(self._open):
            try:
                each.shutdown(2)
            except OSError:
                pass


def value(of):
    (kind, what), = of.items()
    if kind == "arrayValue":
        return [value(each) for each in what["values"]]
    return int(what) if kind == "intValue" else what


def attributes(of):
    return {each["key"]: value(each["value"]) for each in of.get("attributes", [])}


def simple(item):
    """With its attributes as a dictionary."""
    return item | {"attributes": attributes(item)}

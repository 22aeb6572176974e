"""Apache's httpd as an upstream, run by a configuration of its own."""
import os
import shutil
import socket

from processes import Process

HTTPD = shutil.which("apache2", path="/usr/sbin:/usr/bin") or "apache2"
MODULES = ("mpm_event", "authz_core", "ssl", "mime", "filter", "deflate", "alias", "cgid", "dir")
# A CGI script: says the SHA-256 of the request's body, without a length of its own.
DIGEST = """#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
sha256sum | cut -d ' ' -f 1
"""


class Apache:
    """Serves the files of `documents` over TLS, and the digest of what is posted to /cgi/digest or /cgi/small; `directives` go into its one server."""

    def __init__(self, directory, identity, directives):
        self.documents, scripts = (os.path.join(directory, name) for name in ("documents", "cgi"))
        for made in (self.documents, scripts):
            os.makedirs(made, exist_ok=True)
        for name in ("digest", "small"):
            self._write(os.path.join(scripts, name), DIGEST, 0o755)
        configuration = os.path.join(directory, "apache.conf")
        # httpd binds its port itself: one that was free a moment ago is tried, and another if it is not any more.
        for _ in range(5):
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
            self._write(configuration, self._configured(directory, identity, directives))
            self._process = Process([HTTPD, "-DFOREGROUND", "-f", configuration])
            if self._ready():
                return
        raise AssertionError("no port to be had for Apache")

    def _ready(self):
        """False when another had the port."""
        try:
            self._process.stderr.wait_for(r"resuming normal operations")
        except AssertionError:
            self.stop()
            if "could not bind" not in self._process.stderr.text:
                raise
            return False
        return True

    def _configured(self, directory, identity, directives):
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
        return f"""{modules}
            ServerRoot {directory}
            DefaultRuntimeDir {directory}
            PidFile {directory}/pid
            ScriptSock {directory}/cgid
            ErrorLog /dev/stderr
            LogLevel notice
            StartServers 1
            {user}
            Listen 127.0.0.1:{self.port}
            ServerName localhost
            SSLEngine on
            SSLCertificateFile {identity.chain}
            SSLCertificateKeyFile {identity.key}
            TypesConfig /dev/null
            AddType text/plain .txt
            DocumentRoot {self.documents}
            ScriptAlias /cgi/ {directory}/cgi/
            <Directory />
                Require all granted
            </Directory>
            {directives}
        """

    def stop(self):
        self._process.stop()

    @staticmethod
    def _write(path, text, mode=0o644):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, mode)

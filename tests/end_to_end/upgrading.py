"""Real servers that switch from clear text to TLS: OpenLDAP's, Prosody and Dovecot, each by a configuration of its own in a directory of
its own, on ports of 127.0.0.1. None reads what the system has configured."""
import grp
import os
import pwd
import shutil
import socket

from processes import Process, environment

SLAPD, DOVECOT, PROSODY = (shutil.which(name, path="/usr/sbin:/usr/bin") or name for name in ("slapd", "dovecot", "prosody"))


class Upgrading:
    """One such server. They bind their ports themselves: those that were free a moment ago are tried, and others if they are not any more."""

    ready = ""       # what it says once it serves, a pattern
    number_of_ports = 1

    def __init__(self, directory, identity):
        self.directory, self.identity = directory, identity
        for _ in range(5):
            free = [socket.create_server(("127.0.0.1", 0)) for _ in range(self.number_of_ports)]
            self.ports = [each.getsockname()[1] for each in free]
            for each in free:
                each.close()
            self._process = Process(self.command(), env=environment(), cwd=directory)
            if self._served():
                return
        raise AssertionError(f"no port to be had for {self.command()[0]}")

    def _served(self):
        """False when another had a port."""
        if "in use" not in self.speaks().wait_for(f"{self.ready}|[Aa]lready in use")[0]:
            return True
        self.stop()
        return False

    def command(self):
        raise NotImplementedError

    def speaks(self):
        return self._process.stderr

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def stop(self):
        self._process.stop()


class Slapd(Upgrading):
    """OpenLDAP's server, without any data. Without an identity it has no certificate."""

    ready = r"slapd starting"

    def command(self):
        tls = f"TLSCertificateFile {self.identity.chain}\nTLSCertificateKeyFile {self.identity.key}\n" if self.identity else ""
        config = self.write("slapd.conf", f"pidfile {self.directory}/pid\n{tls}")
        return [SLAPD, "-f", config, "-h", f"ldap://127.0.0.1:{self.ports[0]}", "-d", "stats"]


class Prosody(Upgrading):
    """An XMPP server of the domain mail.test: for clients at the first port, for servers at the second."""

    ready = r"\A(?=[\s\S]*'c2s' on \[127)(?=[\s\S]*'s2s' on \[127)"
    number_of_ports = 2

    def command(self):
        os.makedirs(os.path.join(self.directory, "data"), exist_ok=True)
        tls = f'ssl = {{ certificate = "{self.identity.chain}"; key = "{self.identity.key}" }}' if self.identity else ""
        config = self.write("prosody.lua", f"""
            pidfile = "{self.directory}/pid"
            data_path = "{self.directory}/data"
            certificates = "{self.directory}"
            interfaces = {{ "127.0.0.1" }}
            c2s_ports = {{ {self.ports[0]} }}
            s2s_ports = {{ {self.ports[1]} }}
            c2s_direct_tls_ports = {{}}
            s2s_direct_tls_ports = {{}}
            run_as_root = true
            modules_enabled = {{ {'"tls"; ' if self.identity else ""}"s2s" }}
            log = {{ info = "*console" }}
            {tls}
            VirtualHost "mail.test"
        """)
        return [PROSODY, "-F", "--config", config]

    def speaks(self):
        return self._process.stdout


class Dovecot(Upgrading):
    """Its ManageSieve at the first port, its LMTP at the second; nobody can log in. Started by root it runs as the users that came with it, since
    its login process must not be root; started by another, as that one."""

    ready = r"starting up for"
    number_of_ports = 2

    def command(self):
        root = os.geteuid() == 0
        own = pwd.getpwuid(os.geteuid()).pw_name
        internal, login = ("dovecot", "dovenull") if root else (own, own)
        group = "dovecot" if root else grp.getgrgid(os.getegid()).gr_name
        for folder in (self.directory, os.path.dirname(self.directory)):
            os.chmod(folder, 0o755)
        config = self.write("dovecot.conf", f"""
            base_dir = {self.directory}/run
            protocols = sieve lmtp
            ssl = {"yes" if self.identity else "no"}
            {f"ssl_cert = <{self.identity.chain}" if self.identity else ""}
            {f"ssl_key = <{self.identity.key}" if self.identity else ""}
            log_path = /dev/stderr
            default_internal_user = {internal}
            default_internal_group = {group}
            default_login_user = {login}
            service anvil {{
              chroot =
            }}
            service stats {{
              chroot =
            }}
            service managesieve-login {{
              chroot =
              inet_listener sieve {{
                address = 127.0.0.1
                port = {self.ports[0]}
              }}
            }}
            service lmtp {{
              inet_listener lmtp {{
                address = 127.0.0.1
                port = {self.ports[1]}
              }}
            }}
            passdb {{
              driver = static
              args = password={os.urandom(16).hex()}
            }}
            userdb {{
              driver = static
              args = uid=65534 gid=65534 home=/nonexistent
            }}
        """)
        return [DOVECOT, "-F", "-c", config]

"""run.py PACKAGE: installs the .deb into a fresh Debian 12, uses it there and removes it; a .tar.gz is unpacked and used in a
fresh Debian 12 and in a fresh Debian 13, which have none of its libraries.

debootstrap makes that system in a directory of its own (needs root, a mirror of Debian as apt is set up with, and minutes).
Commands run in it by chroot, in a mount namespace of their own. What is checked, and printed:
  * apt installs the package with what it depends on, and nothing of the system's is running afterwards;
  * the program, its man pages, completions, unit and configuration file are where they belong, and the unit is valid;
  * whytls ca issue makes, in there, what whytls verify accepts;
  * whytls check, in there, verifies a server on this machine's loopback, and says what is wrong with another;
  * a changed configuration file stays when the package is removed, and nothing does when it is purged;
  * the service, under a systemd that is process 1 in there: a user starts, asks, reloads and stops it."""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "end_to_end"))
from certificates import Pki
from servers import TlsServer, answering, ok

PACKAGE = os.path.abspath(sys.argv[1])
SUITE = "bookworm"
NEXT = "trixie"  # which mirrors keep beside it
# What apt, dpkg and the linker keep of their own work.
BOOKKEEPING = re.compile(r"/(var/lib/(dpkg|apt)|var/(log|cache)|etc/ld\.so\.cache|tmp)(/|$)|/var/lib/systemd/|.*-$")


def say(text):
    print(text, flush=True)


def mirror():
    """Where apt gets the suite from."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT) $(CREATED_BY)"],
                             capture_output=True, text=True, check=True).stdout
    for line in targets.splitlines():
        uri, *what = line.split()
        if what == [SUITE, "main", "Packages"]:
            return uri
    sys.exit(f"apt is set up with no mirror of {SUITE}")


class System:
    def __init__(self, root):
        self.root = root

    def run(self, *command, code=0):
        done = subprocess.run(["unshare", "--mount", "sh", "-ec", 'mount -t proc proc "$0/proc"; exec chroot "$0" "$@"', self.root, *command],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode != code:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}, not {code}\n{done.stdout}")
        return done.stdout

    def boot(self):
        """Systemd, until halt()."""
        self.booted = subprocess.Popen([os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot"), self.root])
        self.until(lambda: self.inside("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"), "systemd runs")

    def inside(self, *command):
        """Of what was booted."""
        first = subprocess.run(["pgrep", "-P", str(self.booted.pid), "-x", "unshare"], capture_output=True, text=True).stdout.split()
        first = first and subprocess.run(["pgrep", "-P", first[0]], capture_output=True, text=True).stdout.split()
        return subprocess.run(["nsenter", "--target", *(first or ["0"]), "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup",
                               "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def until(self, true, what):
        deadline = time.monotonic() + 60
        while not true() and time.monotonic() < deadline and self.booted.poll() is None:
            time.sleep(0.1)
        check(true(), what)

    def halt(self):
        self.inside("systemctl", "poweroff")
        try:
            self.booted.wait(60)
        finally:
            self.booted.kill()

    def has(self, path):
        return os.path.lexists(self.root + path)

    def files(self):
        found = set()
        for folder, folders, files in os.walk(self.root):
            inside = folder[len(self.root):]
            if inside.startswith(("/proc", "/sys", "/dev")):
                folders.clear()
                continue
            found |= {f"{inside}/{name}" for name in folders + files}
        return {path for path in found if not BOOKKEEPING.match(path)}

    def processes(self):
        """Of those that run, what has its root in here."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/root").startswith(self.root):
                    found.append(open(f"/proc/{pid}/cmdline", "rb").read().replace(b"\0", b" ").decode())
            except OSError:
                pass
        return found


def check(fact, text):
    say(f"{'ok  ' if fact else 'FAIL'} {text}")
    if not fact:
        sys.exit(1)


def installed(system, directory):
    for path in ("/usr/bin/whytls", "/usr/share/man/man1/whytls.1.gz", "/usr/share/man/man1/whytls-check.1.gz",
                 "/usr/share/bash-completion/completions/whytls", "/usr/share/zsh/vendor-completions/_whytls",
                 "/usr/share/fish/vendor_completions.d/whytls.fish", "/usr/lib/systemd/user/whytls.service", "/etc/whytls/whytls.toml",
                 "/usr/share/doc/whytls/copyright", "/usr/share/doc/whytls/changelog.gz"):
        check(system.has(path), path)
    check(system.run("dpkg-query", "-W", "-f", "${Conffiles}", "whytls").split()[0] == "/etc/whytls/whytls.toml", "the configuration file is a conffile")
    check(not system.processes(), "nothing runs that the installation started")
    # This machine's systemd reads the unit, with the program where it lies for it.
    with open(system.root + "/usr/lib/systemd/user/whytls.service", encoding="utf-8") as file:
        unit = file.read()
    copy = os.path.join(directory, "whytls.service")
    with open(copy, "w", encoding="utf-8") as file:
        file.write(unit.replace("=/usr/bin/whytls ", f"={system.root}/usr/bin/whytls "))
    verdict = subprocess.run(["systemd-analyze", "verify", "--user", "--man=no", copy], capture_output=True, text=True,
                             env=os.environ | {"XDG_RUNTIME_DIR": directory})
    check((verdict.returncode, verdict.stderr) == (0, ""), f"systemd-analyze verify: the unit is valid {verdict.stderr}")


def used(system, directory, program="whytls"):
    say(system.run(program, "--version").rstrip())
    pki = Pki(os.path.join(directory, "pki"))
    right, wrong = (TlsServer(pki.leaf(name), answering(ok())) for name in ("api.test", "other.test"))
    try:
        shutil.copy(pki.trust, system.root + "/root/trust.pem")

        def ask(server, code):
            return system.run(program, "check", f"api.test:{server.port}", "--trust", "/root/trust.pem", "--resolve",
                              f"api.test:{server.port}:127.0.0.1", code=code)

        told = ask(right, 0)
        check("ok" in told and "TLSv1.3" in told, "whytls check: " + told.strip())
        told = ask(wrong, 1)
        check("hostname_mismatch" in told, "whytls check: " + told.strip().splitlines()[0])
    finally:
        right.stop()
        wrong.stop()
        os.remove(system.root + "/root/trust.pem")
    check("unknown_issuer" in system.run(program, "explain", "--list"), "whytls explain --list")
    system.run(program, "ca", "issue", "app.test", "--ca-dir", "/root/ca", "--out", "/root/tls")
    told = system.run(program, "verify", "/root/tls/app.test.pem", "--host", "app.test", "--trust", "/root/ca/ca.pem")
    check("app.test" in told, "whytls ca issue, and whytls verify: " + told.strip().splitlines()[0])
    for folder in ("ca", "tls"):
        shutil.rmtree(f"{system.root}/root/{folder}")


def served(system):
    """A user's service, in what is not looked at afterwards."""
    system.run("apt-get", "-qq", "install", "--no-install-recommends", "/tmp/whytls.deb", "ca-certificates", "systemd", "systemd-sysv", "dbus-user-session",
               "libpam-systemd", "curl")
    system.run("useradd", "--create-home", "dev")
    system.boot()

    def as_user(command):
        return system.inside("su", "-", "dev", "-c", f"export XDG_RUNTIME_DIR=/run/user/$(id -u); {command}")

    def journal(text):
        return lambda: text in as_user("journalctl --user --unit whytls --output cat").stdout

    try:
        check(system.inside("loginctl", "enable-linger", "dev").returncode == 0, "a user manager runs")
        system.until(lambda: as_user("systemctl --user is-system-running").stdout.strip() == "running", "the user's systemd runs")
        done = as_user("systemctl --user enable --now whytls")
        check(done.returncode == 0, f"systemctl --user enable --now whytls {done.stderr.strip()}")
        system.until(journal("listening on 127.0.0.1:8080"), "the service listens")
        check("whytls is running" in as_user("curl -sS http://127.0.0.1:8080/").stdout, "its page is there")
        done = as_user("systemctl --user reload whytls")
        check(done.returncode == 0, f"systemctl --user reload whytls {done.stderr.strip()}")
        system.until(journal("SIGHUP"), "it has read its files again")
        done = as_user("systemctl --user stop whytls && systemctl --user show whytls --property Result")
        check(done.stdout == "Result=success\n", f"systemctl --user stop whytls {done.stdout}{done.stderr}".strip())
    finally:
        system.halt()


@contextlib.contextmanager
def fresh(suite):
    """A system of that suite, and the directory that it is in."""
    with tempfile.TemporaryDirectory(prefix="whytls-debian-") as directory:
        os.chmod(directory, 0o755)
        system = System(os.path.join(directory, "root"))
        say(f"debootstrap: {suite}, in {system.root}")
        log = os.path.join(directory, "debootstrap.log")
        with open(log, "w", encoding="utf-8") as file:
            if subprocess.run(["debootstrap", "--variant=minbase", suite, system.root, mirror()], stdout=file, stderr=file).returncode:
                sys.exit(open(log, encoding="utf-8").read())
        yield system, directory


def main():
    if os.geteuid() != 0:
        sys.exit("needs root: debootstrap and chroot do")
    if PACKAGE.endswith(".tar.gz"):
        for suite in (SUITE, NEXT):
            with fresh(suite) as (system, directory):
                subprocess.run(["tar", "-xzf", PACKAGE, "-C", system.root + "/opt"], check=True)
                used(system, directory, f"/opt/{os.path.basename(PACKAGE).removesuffix('.tar.gz')}/bin/whytls")
        return
    with fresh(SUITE) as (system, directory):
        system.run("apt-get", "-qq", "update")
        before = system.files()
        shutil.copy(PACKAGE, system.root + "/tmp/whytls.deb")
        say(system.run("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "--no-install-recommends", "/tmp/whytls.deb").rstrip())
        installed(system, directory)
        used(system, directory)
        with open(system.root + "/etc/whytls/whytls.toml", "a", encoding="utf-8") as file:
            file.write("verbose = true\n")
        system.run("apt-get", "-qq", "remove", "whytls")
        check(not system.has("/usr/bin/whytls") and system.has("/etc/whytls/whytls.toml"), "removed; a changed configuration file is kept")
        system.run("apt-get", "-qq", "purge", "--autoremove", "whytls")
        left = sorted(system.files() - before)
        check(not left, f"purged without a rest {' '.join(left)}")
        gone = sorted(before - system.files())
        check(not gone, f"and nothing of the system is missing {' '.join(gone)}")
        served(system)


main()

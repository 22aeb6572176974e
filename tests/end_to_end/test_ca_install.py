"""`whytls ca install`, `uninstall` and `rotate` with the real stores: the system's, NSS databases and Java's cacerts, and the real clients that
read them. All of it happens on copies: a scratch HOME, and a mount namespace for what belongs to the system."""
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

from browser import CHROMIUM, Browser, Tab
from compiled import java_program
from harness import Case, main
from processes import JVM_OPTIONS, SANITIZED, WHYTLS, environment, run

CLIENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
OF_TOOLS = ["-J" + option for option in JVM_OPTIONS]
ANCHORS = "/usr/local/share/ca-certificates"
IN_NAMESPACE = "WHYTLS_TEST_IN_NAMESPACE"
isolated = os.environ.get(IN_NAMESPACE)


def enter_namespace():
    """Runs this script again where mounts are its own; returns when that is not allowed."""
    for kind in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        if subprocess.run([*kind, "true"], capture_output=True, check=False).returncode == 0:
            os.environ[IN_NAMESPACE] = kind[-1]
            os.execvp(kind[0], [*kind, sys.executable, "-B", *sys.argv])


class Installing(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = os.path.join(cls.pki.leaf("other.test", root={"subject": "another CA"}).made, "root.pem")

    def setUp(self):
        super().setUp()
        self.home = os.path.join(self.directory, "home of Ann")
        os.mkdir(self.home)
        self.env = environment() | {"HOME": self.home, "JAVA_HOME": os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("keytool")))),
                                    "JAVA_TOOL_OPTIONS": " ".join(JVM_OPTIONS)}
        self.env.pop("XDG_DATA_HOME", None)
        self.ca_dir = os.path.join(self.directory, "the CA")
        self.databases = [os.path.join(self.home, ".pki/nssdb"), os.path.join(self.home, ".mozilla/firefox/a'b; $(c) \".default")]
        for database in self.databases:
            os.makedirs(database)
            self.certutil(database, "-N", "--empty-password")
            self.certutil(database, "-A", "-n", "another CA", "-t", "C,,", "-a", "-i", self.other)

    def certutil(self, database, *arguments):
        done = run("certutil", "-d", "sql:" + database, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def trusted(self, database):
        """Nickname to trust flags."""
        lines = (re.fullmatch(r"(\S.*?)\s+(\S*,\S*,\S*)\s*", line) for line in self.certutil(database, "-L").splitlines())
        return {line[1]: line[2] for line in lines if line and "SSL," not in line[0]}

    def ca(self, what, *arguments, code=0, env=None, ca_dir=None, **named):
        done = run(WHYTLS, "ca", what, "--ca-dir", ca_dir or self.ca_dir, *arguments, env=env or self.env, **named)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def fingerprint(self, ca_dir=None):
        done = run("openssl", "x509", "-in", os.path.join(ca_dir or self.ca_dir, "ca.pem"), "-noout", "-fingerprint", "-sha256")
        return done.stdout.split("=")[1].replace(":", "")[:8].lower()


class Browsers(Installing):
    """NSS alone, which needs no namespace."""

    def test_installing_adds_the_ca_to_each_database_once_and_uninstalling_takes_exactly_it_away(self):
        before = [self.trusted(database) for database in self.databases]
        self.assertEqual(before, [{"another CA": "C,,"}] * 2)
        said = self.ca("install", "--only", "nss")
        self.assertEqual(said.count("installed  "), 2, said)
        for database in self.databases:
            self.assertEqual(self.trusted(database), {"another CA": "C,,", f"whytls {self.fingerprint()}": "C,,"})
        self.assertEqual(self.ca("install", "--only", "nss").count("already there"), 2)
        self.assertIn("installed    Firefox", self.ca("show"))
        os.remove(os.path.join(self.ca_dir, "ca-key.pem"))
        self.assertEqual(self.ca("uninstall", "--only", "nss").count("removed"), 2)
        self.assertEqual([self.trusted(database) for database in self.databases], before)
        self.assertEqual(self.ca("uninstall", "--only", "nss").count("not there"), 2)

    def test_two_cas_of_one_user_do_not_meddle_with_each_other(self):
        second = os.path.join(self.directory, "second")
        self.ca("install", "--only", "nss")
        self.ca("install", "--only", "nss", ca_dir=second)
        self.ca("uninstall", "--only", "nss")
        self.assertEqual(list(self.trusted(self.databases[0])), ["another CA", f"whytls {self.fingerprint(second)}"])

    def test_a_rotated_ca_is_where_the_old_one_was_and_nowhere_else(self):
        self.ca("install", "--only", "nss")
        old = self.fingerprint()
        self.certutil(self.databases[1], "-D", "-n", f"whytls {old}")
        said = self.ca("rotate", "--only", "nss")
        new = self.fingerprint()
        self.assertNotEqual(new, old)
        self.assertIn("keeps the old one until it gets SIGHUP or is started again", said)
        self.assertEqual([list(self.trusted(each)) for each in self.databases], [["another CA", f"whytls {new}"], ["another CA"]])
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.ca_dir, "ca-key.pem")).st_mode), 0o600)

    def test_a_ca_that_was_rotated_away_and_stayed_behind_is_removed_by_the_next_install_and_by_uninstall(self):
        for what in ("install", "uninstall"):
            with self.subTest(what):
                self.ca("install", "--only", "nss")
                old = self.fingerprint()
                self.ca("rotate", "--only", "java")
                self.assertIn(f"whytls {old}", self.trusted(self.databases[0]))
                self.ca(what, "--only", "nss")
                self.assertNotIn(f"whytls {old}", self.trusted(self.databases[0]))

    def test_a_users_own_ca_is_not_rotated(self):
        os.mkdir(self.ca_dir)
        shutil.copy(self.other, os.path.join(self.ca_dir, "ca.pem"))
        done = run(WHYTLS, "ca", "rotate", "--ca-dir", self.ca_dir, "--only", "nss", env=self.env)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("a CA that whytls has not made", done.stderr)

    def test_uninstalling_and_rotating_never_make_a_ca(self):
        for what in ("uninstall", "rotate"):
            self.assertEqual(self.ca(what, code=1), "")
            self.assertFalse(os.path.exists(self.ca_dir))

    def test_a_database_with_a_password_is_left_alone_and_the_command_is_told(self):
        password = os.path.join(self.directory, "password")
        with open(password, "w", encoding="ascii") as file:
            file.write("secret\n")
        shutil.rmtree(self.databases[0])
        os.mkdir(self.databases[0])
        self.certutil(self.databases[0], "-N", "-f", password)
        said = self.ca("install", "--only", "nss", code=1)
        self.assertRegex(said, r"could not +Chromium.*certutil: .*\n +/\S*certutil -d .* -A ")
        self.assertEqual(said.count("installed  "), 1)
        self.assertEqual(self.trusted(self.databases[0]), {})

    def test_without_certutil_its_package_is_named(self):
        self.assertIn("libnss3-tools", self.ca("install", "--only", "nss", code=1, env=self.env | {"PATH": self.directory}))

    def test_chromiums_database_is_made_when_it_is_missing(self):
        shutil.rmtree(self.databases[0])
        self.ca("install", "--only", "nss")
        self.assertEqual(list(self.trusted(self.databases[0])), [f"whytls {self.fingerprint()}"])
        self.assertEqual(stat.S_IMODE(os.stat(self.databases[0]).st_mode), 0o700)

    @unittest.skipUnless(os.geteuid() == 0 and isolated != "--map-root-user", "only root can become somebody else")
    def test_who_is_not_root_is_told_the_command_and_everything_else_is_done(self):
        for folder, _, files in os.walk(self.directory):
            for each in (folder, *(os.path.join(folder, name) for name in files)):
                os.chown(each, 65534, 65534)
        said = self.ca("install", code=1, user=65534, group=65534, extra_groups=[])
        self.assertEqual(said.count("installed  "), 2, said)
        self.assertRegex(said, rf"could not +the system's store, .*: needs root\n +sudo \S*whytls ca install --ca-dir '{self.ca_dir}' --only system\n")
        self.assertRegex(said, r"could not +Java, .*: needs root\n +sudo env JAVA_HOME=\S+ \S*whytls ca install .* --only java\n")
        self.assertEqual(self.ca("uninstall", "--only", "nss", code=1).count("belongs to another user"), 2)
        self.assertEqual(self.ca("rotate", code=1), "")


@unittest.skipIf(SANITIZED, "what the stores' own tools and clients do is the same beside a tree without sanitizers")
@unittest.skipUnless(isolated, "mount namespaces are not allowed here: the system's store and Java's are not tried")
class Everything(Installing):
    def setUp(self):
        """Copies take the place of what the system has; its hooks, which speak to the package manager, are left out. The first test's
        are kept for the others: the tools that make them so take seconds."""
        super().setUp()
        self.cacerts = os.path.join(self.env["JAVA_HOME"], "lib/security/cacerts")
        as_it_is = lambda original: lambda copy: self.succeed("cp", "-a", original, copy)
        places = {"/etc/ssl": self.without_roots} | {original: as_it_is(original) for original in (ANCHORS, os.path.realpath(self.cacerts))} | {
            "/etc/ca-certificates": os.mkdir, "/etc/ca-certificates.conf": self.few_roots}
        kept = {place: os.path.join(self.shared, "kept" + place.replace("/", "-")) for place in places}
        made = all(map(os.path.exists, kept.values()))
        for place, make in places.items():
            self.mount(place, as_it_is(kept[place]) if made else make)
        if made:
            return
        shutil.copy(self.other, os.path.join(ANCHORS, "another.crt"))
        self.succeed("update-ca-certificates")
        self.keytool("-importcert", "-noprompt", "-alias", "another", "-file", self.other)
        for place, copy in kept.items():
            self.succeed("cp", "-a", place, copy)

    def mount(self, target, make):
        copy = tempfile.mktemp(prefix="copy-", dir=self.directory)
        make(copy)
        self.succeed("mount", "--bind", copy, target)
        self.addCleanup(self.succeed, "umount", target)

    def without_roots(self, copy):
        """The system's own tool looks at each link that there is, and takes seconds for hundreds of them."""
        self.succeed("cp", "-a", "/etc/ssl", copy)
        self.succeed("find", os.path.join(copy, "certs"), "-type", "l", "-delete")

    def few_roots(self, copy):
        """The system's own tool takes seconds for all of them, each time."""
        with open("/etc/ca-certificates.conf", encoding="utf-8") as file, open(copy, "w", encoding="utf-8") as out:
            out.writelines([line for line in file if line[0] not in "#!"][:5])

    def succeed(self, *arguments):
        done = run(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def keytool(self, *arguments):
        return self.succeed("keytool", *OF_TOOLS, *arguments, "-keystore", self.cacerts, "-storepass", "changeit")

    def state(self):
        """What every place holds."""
        with open("/etc/ssl/certs/ca-certificates.crt", encoding="utf-8") as file:
            bundle = file.read()
        links = {name: os.path.realpath(os.path.join("/etc/ssl/certs", name)) for name in sorted(os.listdir("/etc/ssl/certs"))}
        java = sorted(line for line in self.keytool("-list").splitlines() if "contains" not in line)
        return sorted(os.listdir(ANCHORS)), bundle, links, java, [self.trusted(database) for database in self.databases]

    def fetches(self, proxy, profile):
        """What each client prints when it asks through the proxy with no option about CAs."""
        url = "https://good.test/"
        commands = {
            "curl": ["curl", "-sS", "--proxy", proxy.url, url],
            "Python": [sys.executable, os.path.join(CLIENTS, "fetch.py"), url, proxy.url],
            "Node": ["node", os.path.join(CLIENTS, "fetch.js"), "good.test", proxy.port],
            "Java": ["java", *java_program(os.path.join(CLIENTS, "Fetch.java")), url, proxy.port],
        }
        said = {}
        for name, command in commands.items():
            done = run(*command, env=self.env | profile)
            said[name] = done.stdout or done.stderr
        browser = Browser(self.home, f"--proxy-server=127.0.0.1:{proxy.port}", program=CHROMIUM)
        try:
            tab = Tab(browser)
            tab.open(url)
            said["Chromium"] = tab.evaluate("document.body.innerText")
        except AssertionError as refused:
            said["Chromium"] = str(refused)
        finally:
            browser.stop()
        return said

    def test_clients_need_no_option_after_installing_and_refuse_after_uninstalling(self):
        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.pki.leaf("good.test"))})
        before = self.state()
        said = self.ca("install", ca_dir=proxy.ca_dir)
        self.assertEqual(said.count("installed  "), 4, said)
        name, value = re.search(r"export (\w+)=(\S+)", said).groups()
        fetched = self.fetches(proxy, {name: value})
        self.assertEqual(fetched, dict.fromkeys(fetched, "hello"))

        self.assertEqual(self.ca("install", ca_dir=proxy.ca_dir).count("already there"), 4)
        self.assertEqual(self.ca("uninstall", ca_dir=proxy.ca_dir).count("removed"), 4)
        self.assertEqual(self.state(), before)
        for client, text in self.fetches(proxy, {}).items():
            self.assertRegex(text, "(?i)certificate|CERT|unable_to_verify|self_signed", client)

    def test_a_rotated_ca_is_trusted_everywhere_and_the_old_one_nowhere(self):
        self.ca("install")
        old = self.fingerprint()
        self.ca("rotate")
        new = self.fingerprint()
        anchors, _, links, java, databases = self.state()
        for names in (anchors, links, java, databases):
            self.assertIn(new, str(names))
            self.assertNotIn(old, str(names))
        shown = self.ca("show")
        self.assertEqual(shown.count("installed  "), 4, shown)

    def test_the_copy_that_debian_puts_into_javas_store_counts_and_goes_too(self):
        before = self.state()
        self.ca("install", "--only", "system")
        self.keytool("-importcert", "-noprompt", "-alias", f"debian:whytls-{self.fingerprint()}.pem", "-file", os.path.join(self.ca_dir, "ca.pem"))
        self.assertIn("already there  Java", self.ca("install", "--only", "java"))
        self.ca("uninstall")
        self.assertEqual(self.state(), before)

    def test_a_file_of_the_same_name_with_another_certificate_is_not_touched(self):
        self.ca("install", "--only", "nss")
        path = os.path.join(ANCHORS, f"whytls-{self.fingerprint()}.crt")
        shutil.copy(self.other, path)
        for what in ("install", "uninstall"):
            self.assertIn("is another certificate", self.ca(what, "--only", "system", code=1))
            with open(path, encoding="ascii") as file, open(self.other, encoding="ascii") as other:
                self.assertEqual(file.read(), other.read())


if __name__ == "__main__":
    if not isolated:
        enter_namespace()
    main()

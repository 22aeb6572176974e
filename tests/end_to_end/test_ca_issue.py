"""`whytls ca issue`: the files, who accepts the certificate, what is renewed and what is never touched."""
import json
import os
import re
import shutil
import stat
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", room) for room in ("differential", "zoo")]
import clients
from harness import Case, main
from processes import SANITIZED, WHYTLS, environment, run
from servers import Nginx, Server, answering, ok


@dataclass(frozen=True)
class Files:
    chain: str
    key: str


@dataclass(frozen=True)
class Asked:
    name: str
    host: str
    server: Server
    trust: str
    named: bool = True


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Issuing(Case):
    def setUp(self):
        super().setUp()
        self.ca_dir = os.path.join(self.directory, "the CA")
        self.ca_file = os.path.join(self.ca_dir, "ca.pem")
        self.out = os.path.join(self.directory, "of the server", "tls")
        # No Java: its tool takes most of a second each time that it is asked whether the CA is installed.
        self.env = environment() | {"HOME": self.directory, "JAVA_HOME": self.directory}

    def run_issue(self, *arguments, **named):
        return run(WHYTLS, "ca", "issue", *arguments, "--ca-dir", self.ca_dir, env=self.env, **named)

    def issue(self, *names, stem=None, **named):
        """What it prints, and the identity that it made."""
        done = self.run_issue(*names, "--out", self.out, **named)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, self.files(stem) if stem else None

    def files(self, stem):
        return Files(os.path.join(self.out, stem + ".pem"), os.path.join(self.out, stem + "-key.pem"))

    def refused(self, code, *arguments, says):
        done = self.run_issue(*arguments, "--out", self.out)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertRegex(done.stderr, says)

    def sans(self, file):
        text = run("openssl", "x509", "-in", file, "-noout", "-ext", "subjectAltName").stdout
        return re.findall(r"(?:DNS|IP Address):([^\s,]+)", text)

    def verifies(self, file, *hosts):
        for host in hosts:
            done = run(WHYTLS, "verify", file, "--host", host, "--trust", self.ca_file, "--profile", "strict")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn("validity_too_long", done.stdout)

    def of_server(self, identity):
        return run("openssl", "x509", "-in", identity.chain, "-noout", "-pubkey").stdout, run("openssl", "pkey", "-in", identity.key, "-pubout").stdout


class Making(Issuing):
    def test_the_directory_the_certificate_and_a_key_for_its_owner_alone_are_made(self):
        said, made = self.issue("localhost", "127.0.0.1", "::1", stem="localhost+2")
        self.assertEqual(sorted(os.listdir(self.out)), ["localhost+2-key.pem", "localhost+2.pem"])
        self.assertEqual([stat.S_IMODE(os.stat(file).st_mode) for file in (made.chain, made.key)], [0o644, 0o600])
        self.assertEqual(*self.of_server(made))
        self.assertEqual(self.sans(made.chain), ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"])
        self.assertEqual(read(made.chain).count(b"BEGIN"), 1)
        end = run("openssl", "x509", "-in", made.chain, "-noout", "-enddate", "-dateopt", "iso_8601").stdout.strip().split("=")[1]
        for part in (f"certificate  {made.chain}\n", f"private key  {made.key}\n", "covers       localhost, 127.0.0.1, ::1\n",
                     f"valid until  {end[:-1]} UTC\n", f"  ssl_certificate     \"{made.chain}\";\n",
                     f"  ssl_certificate_key \"{made.key}\";\n"):
            self.assertIn(part, said)

    def test_files_are_called_as_mkcert_calls_them(self):
        for names, stem in ((["a.test"], "a.test"), (["*.a.test"], "_wildcard.a.test"), (["*.a.test", "a.test", "b.test"], "_wildcard.a.test+2"),
                            (["::1"], "__1"), (["A.test.", "a.test"], "a.test")):
            with self.subTest(names):
                self.issue(*names)
                self.assertTrue(os.path.exists(os.path.join(self.out, stem + "-key.pem")), os.listdir(self.out))
                shutil.rmtree(self.out)

    def test_without_out_they_go_to_the_working_directory(self):
        os.makedirs(self.out)
        self.assertEqual(self.run_issue("a.test", cwd=self.out).returncode, 0)
        self.assertEqual(sorted(os.listdir(self.out)), ["a.test-key.pem", "a.test.pem"])

    def test_internationalized_names_become_a_labels(self):
        said, made = self.issue("bücher.test", "*.bücher.test", stem="xn--bcher-kva.test+1")
        self.assertEqual(self.sans(made.chain), ["xn--bcher-kva.test", "*.xn--bcher-kva.test"])
        self.assertIn("covers       xn--bcher-kva.test, *.xn--bcher-kva.test\n", said)
        self.verifies(made.chain, "bücher.test", "www.bücher.test")

    def test_it_is_valid_for_no_longer_than_clients_allow(self):
        for options, days in ([], 397), (["--days", "1"], 3), (["--days", "823"], 825):
            with self.subTest(options):
                _, made = self.issue("a.test", *options, stem="a.test")
                dates = run("openssl", "x509", "-in", made.chain, "-noout", "-dates", "-dateopt", "iso_8601").stdout
                begin, end = (re.search(rf"{which}=(\S+) ", dates)[1] for which in ("notBefore", "notAfter"))
                self.assertEqual(run("date", "-ud", f"{begin} + {days} days", "+%F").stdout.strip(), end)
        for days in ("0", "824", "-1", "x", "1.5"):
            self.refused(2, "a.test", f"--days={days}", says=f"--days takes 1 to 823, not '{days}'")

    def test_a_bad_name_is_named_with_the_reason_and_nothing_is_made(self):
        for name, says in (("https://a.test/x", "URL.*; did you mean a.test\\?"), ("a.test:8443", "; did you mean a.test\\?"), ("*.test", "one label"),
                           ("a b", "contains a blank"), ("1.2.3", "IPv4"), ("fe80::1%eth0", "zone"), ("", "is empty")):
            with self.subTest(name):
                self.refused(2, "good.test", name, says=f"ca issue: the name '{re.escape(name)}' .*{says}")
        self.refused(2, says="ca issue takes the names of the server")
        self.assertFalse(os.path.exists(self.out) or os.path.exists(self.ca_dir))

    def test_a_users_own_intermediate_is_written_after_the_leaf(self):
        issuer = self.pki.leaf("x.test", intermediate={}).made
        os.mkdir(self.ca_dir)
        shutil.copy(os.path.join(issuer, "intermediate.pem"), self.ca_file)
        shutil.copy(os.path.join(issuer, "intermediate-key.pem"), os.path.join(self.ca_dir, "ca-key.pem"))
        said, made = self.issue("a.test", stem="a.test")
        self.assertEqual(read(made.chain).count(b"BEGIN"), 2)
        self.assertIn("Clients must trust the root that this intermediate CA comes from.", said)
        done = run(WHYTLS, "verify", made.chain, "--host", "a.test", "--trust", os.path.join(issuer, "root.pem"))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_what_the_ca_may_not_certify_is_not_issued(self):
        made = self.pki.leaf("x.test", root={"permitted": ["DNS:allowed.test"]}, intermediate=None).made
        os.mkdir(self.ca_dir)
        shutil.copy(os.path.join(made, "root.pem"), self.ca_file)
        shutil.copy(os.path.join(made, "root-key.pem"), os.path.join(self.ca_dir, "ca-key.pem"))
        self.issue("www.allowed.test")
        self.refused(1, "other.test", says="no client would accept its certificate for other.test: name_constraint \\(whytls explain")


class Renewing(Issuing):
    def test_the_same_names_in_any_order_renew_the_certificate_and_keep_the_key(self):
        _, made = self.issue("a.test", "b.test", "c.test", stem="a.test+2")
        before, key = read(made.chain), read(made.key)
        said, _ = self.issue("a.test", "c.test", "b.test")
        self.assertIn(f"{made.chain} (renewed)\n", said)
        self.assertIn(f"{made.key} (as it was)\n", said)
        self.assertNotEqual(read(made.chain), before)
        self.assertEqual(read(made.key), key)
        self.verifies(made.chain, "a.test", "b.test", "c.test")
        self.assertEqual(len(os.listdir(self.out)), 2)

    def test_a_lost_key_is_made_anew(self):
        _, made = self.issue("a.test", stem="a.test")
        os.remove(made.key)
        self.issue("a.test")
        self.assertEqual(*self.of_server(made))
        self.assertEqual(stat.S_IMODE(os.stat(made.key).st_mode), 0o600)

    def test_after_the_ca_was_rotated_the_new_one_renews(self):
        _, made = self.issue("a.test", stem="a.test")
        self.assertEqual(run(WHYTLS, "ca", "rotate", "--ca-dir", self.ca_dir, env=self.env).returncode, 0)
        self.assertNotEqual(run(WHYTLS, "verify", made.chain, "--host", "a.test", "--trust", self.ca_file).returncode, 0)
        self.issue("a.test")
        self.verifies(made.chain, "a.test")

    def test_nothing_foreign_is_replaced_and_the_way_round_is_said(self):
        way = "; it stays as it is: move it away, or choose another directory with --out"
        foreign = self.pki.leaf("a.test")
        mine = self.files("a.test")
        os.makedirs(self.out)

        def stays(files, says):
            before = [read(file) for file in files]
            self.refused(1, "a.test", says=re.escape(says + way))
            self.assertEqual([read(file) for file in files], before)

        shutil.copy(foreign.key, mine.key)
        stays([mine.key], f"{mine.key}: is there without its certificate")
        shutil.copy(foreign.chain, mine.chain)
        stays([mine.chain, mine.key], f"{mine.chain}: is there already, and is not just a certificate of this CA with its chain")
        with open(mine.chain, "w", encoding="ascii") as file:
            file.write("no certificate\n")
        stays([mine.chain], f"{mine.chain}: is there already, and is not just a certificate of this CA with its chain")
        os.remove(mine.chain)
        os.remove(mine.key)
        self.issue("a.test")
        with open(mine.chain, "ab") as file:
            file.write(read(mine.key))
        stays([mine.chain, mine.key], f"{mine.chain}: is there already, and is not just a certificate of this CA with its chain")
        os.remove(mine.chain)
        os.remove(mine.key)
        self.issue("a.test")
        shutil.copy(foreign.key, mine.key)
        stays([mine.key], f"{mine.key}: is there already and no key of a.test.pem")
        self.issue("b.test", "c.test")
        self.refused(1, "b.test", "d.test", says=re.escape("is there already, for other names (b.test, c.test)" + way))

    def test_a_symbolic_link_stays_one_and_one_that_leads_nowhere_is_refused(self):
        _, made = self.issue("a.test", stem="a.test")
        elsewhere = self.files("elsewhere")
        for file, target in ((made.chain, elsewhere.chain), (made.key, elsewhere.key)):
            os.rename(file, target)
            os.symlink(target, file)
        before = read(elsewhere.chain)
        self.issue("a.test")
        self.assertTrue(os.path.islink(made.chain) and os.path.islink(made.key))
        self.assertNotEqual(read(elsewhere.chain), before)
        self.assertEqual(*self.of_server(elsewhere))
        os.symlink(os.path.join(self.out, "nowhere"), self.files("b.test").chain)
        self.refused(1, "b.test", says="b.test.pem: is a symbolic link that leads to no file")

    def test_a_name_as_long_as_may_be_gets_a_file(self):
        name = ".".join(["a" * 60] * 4) + ".test"
        self.issue(name, "b.test")
        self.assertEqual(sorted(len(file) for file in os.listdir(self.out)), [206, 210])

    def test_a_dollar_that_nginx_would_expand_is_warned_of(self):
        self.out = os.path.join(self.directory, "$HOME")
        self.assertIn("nginx takes $ for a variable", self.issue("a.test")[0])

    def test_what_is_no_regular_file_is_not_waited_for(self):
        os.makedirs(self.out)
        pipe = os.path.join(self.out, "a.test.pem")
        os.mkfifo(pipe)
        self.refused(1, "a.test", says=f"{pipe}: is no regular file")
        os.mkdir(os.path.join(self.out, "b.test-key.pem"))
        self.refused(1, "b.test", says="b.test-key.pem: is no regular file")

    def test_several_at_once_leave_a_certificate_and_its_key(self):
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: self.run_issue("a.test", "--out", self.out), range(8)))
        self.assertEqual([one.returncode for one in done], [0] * 8, [one.stderr for one in done])
        self.assertEqual(*self.of_server(self.files("a.test")))
        self.assertEqual(len(os.listdir(self.out)), 2)


class Trusting(Issuing):
    def database(self):
        database = os.path.join(self.directory, ".pki/nssdb")
        os.makedirs(database)
        self.assertEqual(run("certutil", "-d", "sql:" + database, "-N", "--empty-password").returncode, 0)
        return database

    def test_how_to_trust_the_ca_is_said_until_it_is_installed_wherever_that_is_known(self):
        self.database()
        command = f"\n  whytls ca install --ca-dir '{self.ca_dir}'\n"
        self.assertIn("\nClients must trust the CA; on this machine:" + command, self.issue("a.test")[0])
        done = run(WHYTLS, "ca", "install", "--ca-dir", self.ca_dir, "--only", "nss", env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = self.issue("a.test")[0]
        self.assertRegex(said, r"\nThe CA is not yet in (?!.*nssdb).+:" + re.escape(command))

    def test_the_key_is_warned_of_when_others_can_read_it(self):
        _, made = self.issue("a.test", stem="a.test")
        os.chmod(made.key, 0o644)
        done = self.run_issue("a.test", "--out", self.out)
        self.assertRegex(done.stderr, f"{re.escape(made.key)}.*other users|{re.escape(made.key)}.*read")


class Accepting(Issuing):
    def test_nginx_serves_it_as_it_is_told_to(self):
        said, made = self.issue("localhost", "127.0.0.1", stem="localhost+1")
        as_told = Files(*re.search(r"In nginx \(and reload it\):\n  ssl_certificate +(.+);\n  ssl_certificate_key (.+);\n", said).groups())
        self.assertEqual(as_told.chain, f'"{made.chain}"')
        nginx = self.started(Nginx(os.path.join(self.directory, "nginx"), "location / { return 200 hello; }", identity=as_told))
        for host in ("localhost", "127.0.0.1"):
            done = run("curl", "-sS", "--noproxy", "*", "--cacert", self.ca_file, f"https://{host}:{nginx.port}/")
            self.assertEqual(done.stdout, "hello", done.stderr)

    @unittest.skipIf(SANITIZED, "what other programs say is the same beside a tree without sanitizers")
    def test_every_client_accepts_its_names_and_no_other(self):
        _, made = self.issue("app.example.test", "*.example.test", "localhost", stem="app.example.test+2")
        server = self.tls_server(made, answering(ok()))
        good = [Asked(host, host, server, self.ca_file) for host in ("app.example.test", "www.example.test", "localhost")]
        bad = [Asked("bad", "a.b.example.test", server, self.ca_file)]
        self.verifies(made.chain, *(one.host for one in good))
        for name in clients.present():
            with self.subTest(name):
                directory = os.path.join(self.directory, re.sub(r"\W", "-", name))
                os.mkdir(directory)
                said = clients.CLIENTS[name][1](good + bad, self.ca_file, 60, directory)
                self.assertEqual([said[one.name] for one in good], [clients.ACCEPTS] * len(good), said)
                self.assertNotEqual(said["bad"], clients.ACCEPTS)

    def test_a_server_of_ones_own_is_no_proxy_to_whytls(self):
        _, made = self.issue("own.test", stem="own.test")
        hosts = {"own.test:443": self.tls_server(made)}
        refused = self.curl(self.proxy(hosts=hosts), "https://own.test/").stdout.decode()
        self.assertIn("the certificate is from whytls ca issue", refused)
        self.assertNotIn("proxy_loop", refused)
        self.assertEqual(self.curl_body(self.proxy("--add-trust", self.ca_file, hosts=hosts), "https://own.test/"), b"hello")

    def test_what_a_report_of_a_self_signed_certificate_advises_mends_it(self):
        server = self.tls_server(self.pki.self_signed("own.test"))
        done = run(WHYTLS, "check", "own.test", "--resolve", f"own.test:443:127.0.0.1:{server.port}", "--json", env=self.env)
        command = json.loads(done.stdout)["problems"][0]["fixes"][0]["command"]
        self.assertEqual(command, "whytls ca issue own.test && whytls ca install")
        self.assertEqual(run(WHYTLS, *command.split(" && ")[0].split()[1:], "--out", self.out, env=self.env).returncode, 0)
        mended = self.tls_server(self.files("own.test"))
        ca = os.path.join(self.directory, ".local/share/whytls/ca.pem")
        done = run(WHYTLS, "check", "own.test", "--resolve", f"own.test:443:127.0.0.1:{mended.port}", "--add-trust", ca, env=self.env)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_addresses_are_accepted_by_openssl(self):
        _, made = self.issue("127.0.0.1", "::1", stem="127.0.0.1+1")
        self.verifies(made.chain, "127.0.0.1", "::1")
        for address, code in (("127.0.0.1", 0), ("::1", 0), ("127.0.0.2", 2)):
            done = run("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", self.ca_file, "-verify_ip", address, made.chain)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)


if __name__ == "__main__":
    main()

"""`whytls verify`: files are judged as a connection would be, with one report each and an exit code."""
import json
import os
import pty
import re
import subprocess

from harness import Case, main
from processes import PATIENCE, WHYTLS, environment, run

CONNECTION = re.compile(r"s_client|between whytls|of your request|SNI|ALPN|the server sent|:443|whytls proxy")


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


class Verify(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forged = os.path.join(cls.shared, "forged")
        os.mkdir(cls.forged)
        certificates = [
            {"name": "root", "kind": "root", "subject": "Test Root"},
            {"name": "other", "kind": "root", "subject": "Other Root"},
            {"name": "ca", "kind": "intermediate", "issuer": "root", "subject": "Test CA", "not_after": 40.5},
            {"name": "ca2", "kind": "intermediate", "issuer": "root", "subject": "Test CA 2"},
            {"name": "leaf", "issuer": "ca", "host": "api.test", "not_before": -1, "not_after": 50},
            {"name": "expired", "issuer": "ca", "host": "api.test", "not_after": -3},
            {"name": "alone", "issuer": "self", "host": "api.test"},
            {"name": "cut", "issuer": "ca", "host": "api.test", "truncate": 10},
            {"name": "no-aki", "issuer": "ca", "host": "api.test", "not_before": -1, "not_after": 50, "authority_key_identifier": None},
            {"name": "fresh-list", "crl_of": "ca", "next_update": 6},
            {"name": "list", "crl_of": "ca", "revoked": ["leaf"], "reason": "keyCompromise"},
            {"name": "good", "ocsp_for": "leaf"},
            {"name": "bad", "ocsp_for": "leaf", "status": "revoked"},
        ]
        done = subprocess.run([os.path.join(os.path.dirname(WHYTLS), "whytls-forge"), cls.forged], input=json.dumps(certificates),
                              capture_output=True, text=True, env=environment(), timeout=PATIENCE)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def path(self, name):
        return os.path.join(self.forged, name)

    def file(self, *names, text=""):
        """A file of those certificates, in that order, behind some text."""
        path = os.path.join(self.directory, "chain.pem")
        with open(path, "w", encoding="ascii") as file:
            file.write(text + "".join(read(self.path(name + ".pem")) for name in names))
        return path

    def verify(self, code, *arguments, host="api.test", trust="root", **options):
        chosen = ["--host", host] if host else []
        done = run(WHYTLS, "verify", *arguments, *chosen, "--trust", self.path(trust + ".pem"), **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def report(self, code, *arguments, **named):
        lines = self.verify(code, *arguments, "--json", **named).stdout.splitlines()
        self.assertEqual(len(lines), 1)
        return json.loads(lines[0])

    def steps(self, report):
        return {step["step"]: step["status"] for step in report["steps"]}

    def test_a_good_chain_verifies_and_every_step_is_shown(self):
        done = self.verify(0, self.file("leaf", "ca"))
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.splitlines()[0].endswith("chain.pem verifies for api.test"), done.stdout)
        self.assertRegex(done.stdout, r"(?m)^  ok    trust   ")
        self.assertRegex(done.stdout, r"(?m)^  skip  dns … handshake  .*offline")
        self.assertNotRegex(done.stdout, CONNECTION)
        self.assertNotIn("\x1b", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)
        report = self.report(0, self.file("leaf", "ca"))
        self.assertEqual(report["verdict"], "ok")
        self.assertEqual(report["trust"], {"source": self.path("root.pem"), "anchors": 1})
        self.assertEqual([one["from"] for one in report["chain"]], ["served", "served", "trust store"])

    def test_openssl_agrees(self):
        for names, trust in ((["leaf", "ca"], "root"), (["leaf"], "root"), (["leaf", "ca"], "other"), (["expired", "ca"], "root"),
                             (["alone"], "root")):
            with self.subTest(names=names, trust=trust):
                chain = self.file(*names)
                theirs = run("openssl", "verify", "-purpose", "sslserver", "-verify_hostname", "api.test", "-no-CApath", "-no-CAstore", "-CAfile",
                             self.path(trust + ".pem"), "-untrusted", chain, chain)
                self.verify(0 if theirs.returncode == 0 else 1, chain, trust=trust)

    def test_what_is_wrong_is_said_in_the_words_of_a_file(self):
        for names, arguments, code, title in (
                (["expired", "ca"], {}, "expired", r"the certificate expired 3 days ago"),
                (["leaf", "ca"], {"host": "www.test"}, "hostname_mismatch", r"it is for api\.test, not for www\.test"),
                (["leaf", "ca", "root"], {"trust": "other"}, "untrusted_root", r"the chain ends in \"Test Root\""),
                (["leaf"], {}, "unknown_issuer", r"the issuer \"Test CA\" of the certificate is not in the file and is not trusted here"),
                (["leaf", "ca2"], {}, "unknown_issuer", r"is \"Test CA\", but the file holds \"Test CA 2\" instead"),
                (["alone"], {}, "self_signed", r"signs itself"),
                (["cut", "ca"], {}, "malformed_certificate", r"cannot be read")):
            with self.subTest(names=names, code=code):
                chain = self.file(*names)
                shown = self.verify(1, chain, **arguments).stdout
                self.assertRegex(shown.splitlines()[0] + " " + shown.splitlines()[1], re.compile(title, re.IGNORECASE))
                self.assertIn(f"{code}, in {chain},", shown.replace("\n", " "))
                self.assertIn("What to do", shown)
                self.assertNotRegex(shown, CONNECTION)
                report = self.report(1, chain, **arguments)
                self.assertEqual((report["code"], report["verdict"], report["file"]), (code, "failed", chain))
                self.assertNotIn("port", report)

    def test_commands_of_the_fixes_run_on_the_file(self):
        chain = self.file("leaf", "ca")
        commands = [fix["command"] for problem in self.report(1, chain, host="www.test")["problems"] for fix in problem["fixes"]
                    if fix.get("command", "").startswith("openssl x509")]
        self.assertTrue(commands)
        for command in commands:
            done = run("sh", "-c", command)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("DNS:api.test", done.stdout)

    def test_pem_der_standard_input_text_and_keys_are_taken(self):
        self.verify(0, self.file("leaf", "ca", text="Issued for the tests\n"))
        self.verify(0, self.path("leaf.der"), "--add-trust", self.path("ca.pem"))
        both = read(self.file("leaf", "ca"))
        done = subprocess.run([WHYTLS, "verify", "-", "--host", "api.test", "--trust", self.path("root.pem")], input=both, text=True,
                              capture_output=True, env=environment(), timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("The standard input verifies for api.test", done.stdout)
        with open(os.path.join(self.directory, "all.pem"), "w", encoding="ascii") as file:
            file.write(both + read(self.path("leaf-key.pem")))
        done = self.verify(0, file.name)
        self.assertIn("private key", done.stderr)
        self.assertNotIn("PRIVATE", done.stdout)

    def test_der_and_pem_behind_one_another_are_read_as_one_chain(self):
        def der(name):
            return subprocess.run(["openssl", "x509", "-in", self.path(name + ".pem"), "-outform", "DER"], capture_output=True, check=True).stdout

        def verified(text):
            done = subprocess.run([WHYTLS, "verify", "-", "--host", "api.test", "--trust", self.path("root.pem")], input=text,
                                  capture_output=True, env=environment(), timeout=PATIENCE)
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        pem = read(self.path("ca.pem")).encode()
        for text in (der("leaf") + pem, der("leaf") + der("ca"), read(self.path("leaf.pem")).encode() + der("ca")):
            code, shown, _ = verified(text)
            self.assertEqual(code, 0, shown)
        code, _, said = verified(der("leaf") + der("ca")[:-1])
        self.assertEqual((code, said.count("\n")), (2, 1))
        self.assertIn("neither a whole DER certificate nor PEM", said)
        self.assertIn("openssl x509 -inform DER", said)
        code, shown, _ = verified(der("ca") + der("leaf"))
        self.assertEqual(code, 1, shown)
        self.assertIn("number 2", shown)
        self.assertNotIn("awk", shown)

    def test_a_private_cas_lifetimes_are_its_own_affair(self):
        with open(os.path.join(self.directory, "long.json"), "w", encoding="ascii") as file:
            json.dump([{"name": "own", "kind": "root", "subject": "Own Root"}, {"name": "long", "issuer": "own", "host": "api.test", "not_after": 800}], file)
        with open(file.name, encoding="ascii") as made:
            subprocess.run([os.path.join(os.path.dirname(WHYTLS), "whytls-forge"), self.directory], stdin=made, check=True, timeout=PATIENCE)
        own, chain = os.path.join(self.directory, "own.pem"), os.path.join(self.directory, "long.pem")
        codes = lambda *trust: [one["code"] for one in json.loads(run(WHYTLS, "verify", chain, "--host", "api.test", "--json", *trust).stdout)["problems"]]
        self.assertIn("validity_too_long", codes("--trust", own))
        self.assertNotIn("validity_too_long", codes("--trust", self.path("root.pem"), "--add-trust", own))
        report = json.loads(run(WHYTLS, "verify", self.path("ca.pem"), "--trust", self.path("root.pem"), "--json").stdout)
        self.assertNotIn("validity_too_long", [one["code"] for one in report["problems"]])

    def test_without_a_host_no_name_is_asked_and_that_is_said(self):
        report = self.report(0, self.file("leaf", "ca"), host=None)
        hostname = next(step for step in report["steps"] if step["step"] == "hostname")
        self.assertEqual((hostname["status"], hostname["summary"]), ("skip", "no host name was asked for (--host)"))
        self.assertNotIn("host", report)

    def test_a_ca_first_fails_and_the_servers_own_certificate_is_judged(self):
        report = self.report(1, self.file("ca", "leaf"))
        self.assertEqual((report["code"], report["verdict"]), ("chain_order", "failed"))
        self.assertIn("number 2 of 2", report["title"])
        self.assertNotIn("verifies all the same", self.verify(1, self.file("ca", "leaf")).stdout)
        report = self.report(1, self.file("root", "ca", "expired"))
        self.assertEqual(report["code"], "expired")
        self.assertEqual([problem["code"] for problem in report["problems"]].count("chain_order"), 1)

    def test_a_file_out_of_order_is_told_both_orders_and_the_command_that_sorts_it(self):
        for names, there, needed in ((("root", "ca", "leaf"), ["Test Root", "Test CA", "api.test"], ["number 3", "number 2"]),
                                     (("ca", "leaf"), ["Test CA", "api.test"], ["number 2", "number 1"])):
            with self.subTest(names=names):
                chain = self.file(*names, text="Issued for the tests\n")
                problem = next(one for one in self.report(1, chain)["problems"] if one["code"] == "chain_order")
                evidence = problem["evidence"]
                self.assertEqual([f"number {at + 1}, CN={name}" for at, name in enumerate(there)], evidence["order_in_the_file"])
                self.assertEqual([row.split(",")[0] for row in evidence["order_needed"]], needed)
                done = run("sh", "-c", problem["fixes"][0]["command"], cwd=self.directory)
                self.assertEqual(done.returncode, 0, done.stderr)
                ordered = os.path.join(self.directory, "ordered.pem")
                self.assertEqual(read(ordered), read(self.path("leaf.pem")) + read(self.path("ca.pem")))
                self.assertEqual(self.report(0, ordered)["verdict"], "ok")
                self.assertIn("order in the file", self.verify(1, chain).stdout)

    def test_the_command_that_sorts_a_file_counts_its_blocks_as_we_do_and_never_empties_it(self):
        commented = "".join("# " + line + "\n" for line in read(self.path("root.pem")).splitlines())
        for name in ("a=b.pem", "ordered.pem"):
            with self.subTest(name):
                text = commented + read(self.path("ca.pem")) + read(self.path("leaf.pem"))
                with open(os.path.join(self.directory, name), "w", encoding="ascii") as file:
                    file.write(text)
                command = next(one for one in self.report(1, os.path.join(self.directory, name))["problems"] if one["code"] == "chain_order")[
                    "fixes"][0]["command"]
                self.assertEqual(run("sh", "-c", command, cwd=self.directory).returncode, 0)
                self.assertEqual(read(os.path.join(self.directory, name)), text)
                output = os.path.join(self.directory, command.rsplit(">", 1)[1])
                self.assertEqual(read(output), read(self.path("leaf.pem")) + read(self.path("ca.pem")))
                os.remove(output)


    def test_a_missing_intermediate_handed_in_gives_the_chain_to_send(self):
        chain = self.file("leaf")
        report = self.report(1, chain, "--untrusted", self.path("ca.pem"))
        self.assertEqual(report["code"], "missing_intermediate")
        self.assertEqual([one["from"] for one in report["chain"]], ["served", "untrusted file", "trust store"])
        fixed = os.path.join(self.directory, "fixed-chain.pem")
        with open(fixed, "w", encoding="ascii") as file:
            file.write(report["fixed_chain"])
        self.assertEqual(self.report(0, fixed)["verdict"], "ok")
        shown = self.verify(1, chain, "--untrusted", self.path("ca.pem")).stdout
        self.assertRegex(shown, r"jq -er[ \\\n]+\.fixed_chain")
        self.assertEqual(self.report(1, chain, "--untrusted", self.path("ca2.pem"))["code"], "unknown_issuer")

    def test_a_list_and_a_response_answer_about_revocation(self):
        chain = self.file("leaf", "ca")
        self.assertEqual(self.steps(self.report(0, chain))["revocation"], "skip")
        self.assertEqual(self.report(1, chain, "--crl", self.path("list.crl"))["code"], "revoked")
        self.assertEqual(self.report(1, chain, "--ocsp", self.path("bad.ors"))["code"], "revoked")
        self.assertEqual(self.steps(self.report(0, chain, "--ocsp", self.path("good.ors")))["revocation"], "pass")
        pem = os.path.join(self.directory, "list.pem")
        self.assertEqual(run("openssl", "crl", "-in", self.path("list.crl"), "-inform", "DER", "-out", pem).returncode, 0)
        shown = self.verify(1, chain, "--crl", pem).stdout
        self.assertIn(pem, shown)
        self.assertNotRegex(shown, CONNECTION)

    def test_an_answer_about_another_chain_is_told_to_be_of_no_use(self):
        other = self.file("expired", "ca")
        for option, name, says in (("--ocsp", "good.ors", "says nothing about"), ("--crl", "list.crl", None)):
            done = self.verify(1, other, option, self.path(name))
            self.assertEqual(done.stderr, f"whytls: {self.path(name)} {says} a certificate of this chain\n" if says else "")

    def test_a_report_that_cannot_be_written_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([WHYTLS, "verify", self.file("leaf", "ca"), "--trust", self.path("root.pem")], stdout=full,
                                  stderr=subprocess.PIPE, text=True, env=environment(), timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)

    def test_commands_to_type_again_hold_the_options_that_were_given(self):
        shown = self.verify(1, self.path("leaf.pem"), "--untrusted", self.path("ca.pem")).stdout.replace(" \\\n", " ")
        self.assertRegex(" ".join(shown.split()), "--trust [^ ]*root.pem --untrusted [^ ]*ca.pem --json")

    def test_the_moment_at_which_a_chain_breaks_is_said_with_its_cause(self):
        chain = self.file("leaf", "ca")
        shown = self.verify(0, chain, "--until-breaks").stdout
        self.assertRegex(shown.replace("\n", " "), r"Verifies until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, in 40 days: then the intermediate \"Test CA\" expires\.")
        report = self.report(0, chain, "--until-breaks")
        self.assertEqual((report["breaks"]["depth"], report["breaks"]["code"]), (1, "expired"))
        self.assertEqual(self.report(1, chain, "--at", report["breaks"]["at"])["code"], "expired")
        last = run("date", "-u", "-d", report["breaks"]["at"] + " - 1 second", "+%Y-%m-%dT%H:%M:%SZ").stdout.strip()
        self.report(0, chain, "--at", last)
        listed = self.report(0, chain, "--until-breaks", "--crl", self.path("fresh-list.crl"))["breaks"]
        self.assertEqual((listed["code"], listed["source"]), ("revocation_unavailable", self.path("fresh-list.crl")))
        self.assertIsNone(self.report(1, self.file("expired", "ca"), "--until-breaks")["breaks"])

    def test_a_rule_for_issuers_is_a_warning_where_a_client_enforces_it_and_an_error_in_the_strict_profile(self):
        chain = self.file("no-aki", "ca")
        lenient = self.report(0, chain)
        self.assertEqual(lenient["verdict"], "warning")
        self.assertIn(("profile_violation", "warning"), [(one["code"], one["severity"]) for one in lenient["problems"]])
        self.assertIn("profile_violation", self.verify(0, chain, "--profile", "client").stdout)
        self.assertEqual(self.report(1, chain, "--profile", "strict")["code"], "profile_violation")

    def test_several_files_get_a_report_each_and_one_bad_one_fails_all(self):
        good, bad = self.path("leaf-chain.pem"), self.path("expired-chain.pem")
        done = self.verify(1, good, bad, "--json")
        self.assertEqual([(json.loads(line)["file"], json.loads(line)["verdict"]) for line in done.stdout.splitlines()], [(good, "ok"), (bad, "failed")])
        self.verify(0, good, good)

    def test_colour_is_for_terminals_that_want_it(self):
        def shown(**variables):
            primary, secondary = pty.openpty()
            process = subprocess.Popen([WHYTLS, "verify", self.path("leaf-chain.pem"), "--host", "api.test", "--trust", self.path("root.pem")],
                                       stdin=subprocess.DEVNULL, stdout=secondary, env=environment() | {"TERM": "xterm"} | variables)
            os.close(secondary)
            output = b""
            try:
                while chunk := os.read(primary, 65536):
                    output += chunk
            except OSError:
                pass  # Linux: the other end is closed
            os.close(primary)
            self.assertEqual(process.wait(PATIENCE), 0)
            return output

        self.assertIn(b"\x1b[32mok\x1b[0m", shown())
        self.assertNotIn(b"\x1b", shown(NO_COLOR="1"))
        self.assertNotIn(b"\x1b", shown(TERM="dumb"))

    def store(self):
        """A bundle of roots."""
        path = os.path.join(self.directory, "roots.pem")
        made = run("sh", "-c", f"for i in 1 2 3 4 5; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null "
                   f"-subj /CN=Root$i -days 9; done >{path}")
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def pkcs12(self):
        path = os.path.join(self.directory, "leaf.p12")
        made = run("openssl", "pkcs12", "-export", "-in", self.path("leaf.pem"), "-inkey", self.path("leaf-key.pem"), "-passout", "pass:x", "-out", path)
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def test_a_file_that_cannot_be_used_is_named_with_its_line(self):
        def written(text):
            path = os.path.join(self.directory, f"wrong-{len(text)}.pem")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            return path

        leaf = read(self.path("leaf.pem"))
        cases = [([os.path.join(self.directory, "none.pem")], "cannot be read: No such file"), ([self.directory], "cannot be read"),
                 ([written("")], "is empty"), ([written("hello\n")], "holds no certificate"), ([written(leaf[:200])], "line 1"),
                 ([self.path("leaf-key.pem")], "holds an EC PRIVATE KEY"), ([self.store()], "a trust store"), ([self.pkcs12()], "PKCS #12"), ([self.path("leaf.pem"), "--untrusted", self.path("leaf-key.pem")], "leaf-key.pem"),
                 ([self.path("leaf.pem"), "--untrusted", self.path("cut.pem")], "cannot be parsed"),
                 ([self.path("leaf.pem"), "--crl", self.path("leaf.pem")], "no revocation list"),
                 ([self.path("leaf.pem"), "--crl", self.path("leaf.der")], "holds a certificate, not a revocation list"),
                 ([self.path("leaf.pem"), "--ocsp", self.path("leaf.der")], "holds a certificate, not an OCSP response"),
                 ([self.path("leaf.pem"), "--trust", self.path("none.pem")], "none.pem")]
        for arguments, says in cases:
            with self.subTest(arguments):
                done = run(WHYTLS, "verify", *arguments)
                self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (2, "", 1), done.stderr)
                self.assertIn(says, done.stderr)
                self.assertIn(arguments[-1], done.stderr)

    def test_help_says_how(self):
        done = run(WHYTLS, "verify", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for part in ("--host", "--until-breaks", "--untrusted", "--json", "Exit code: 0"):
            self.assertIn(part, done.stdout)


if __name__ == "__main__":
    main()

"""OCSP held against openssl: it reads our requests, we judge its responses, and it judges the forge's as we do."""
import json
import os
import re
import subprocess

from harness import Case, main
from processes import BUILD, environment, run

NEVER = "491231235959Z"


class Revocation(Case):
    def made(self, *more):
        """Makes a CA, its leaf of serial number 7 and whatever else the forge is told."""
        made = os.path.join(self.directory, "made")
        os.makedirs(made)
        specs = [{"name": "ca", "kind": "root"}, {"name": "leaf", "issuer": "ca", "serial": 7, "chain": ["ca"]}, *more]
        subprocess.run([os.path.join(BUILD, "whytls-forge"), made], input=json.dumps(specs), text=True, check=True, timeout=60,
                       env=environment())
        self.made_in = made

    def path(self, name):
        return os.path.join(self.made_in, name)

    def ours(self, *arguments):
        return subprocess.run([os.path.join(BUILD, "whytls-ocsp"), *arguments], check=True, capture_output=True, timeout=60,
                              env=environment()).stdout

    def judge(self, response):
        return self.ours("judge", self.path("leaf-chain.pem"), self.path(response)).decode().strip()

    def answered(self, index, *options):
        """The response of `openssl ocsp` to our own request, by its database."""
        with open(self.path("request.der"), "wb") as file:
            file.write(self.ours("request", self.path("leaf-chain.pem")))
        with open(self.path("index.txt"), "w", encoding="ascii") as file:
            file.write(index)
        signer = options or ("-rsigner", self.path("ca.pem"), "-rkey", self.path("ca-key.pem"))
        done = run("openssl", "ocsp", "-index", self.path("index.txt"), "-CA", self.path("ca.pem"), "-reqin", self.path("request.der"),
                   "-respout", self.path("response.der"), "-ndays", "3", *signer)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.judge("response.der")

    def test_openssl_reads_the_request(self):
        self.made()
        with open(self.path("request.der"), "wb") as file:
            file.write(self.ours("request", self.path("leaf-chain.pem")))
        done = run("openssl", "ocsp", "-reqin", self.path("request.der"), "-req_text", "-noverify")
        self.assertIn("Hash Algorithm: sha1", done.stdout)
        self.assertRegex(done.stdout, r"Serial Number: 0?7\b")
        self.assertNotIn("Nonce", done.stdout)

    def test_what_openssl_says_is_understood(self):
        self.made()
        self.assertEqual(self.answered(f"V\t{NEVER}\t\t07\tunknown\t/CN=leaf\n"), "good")
        self.assertEqual(self.answered(f"R\t{NEVER}\t260101000000Z,keyCompromise\t07\tunknown\t/CN=leaf\n"), "revoked keyCompromise")
        self.assertEqual(self.answered(f"V\t{NEVER}\t\t08\tunknown\t/CN=other\n"), "revocation_unavailable")

    def test_a_responder_that_openssl_speaks_for_is_understood_by_name_and_by_key(self):
        self.made({"name": "responder", "issuer": "ca", "extended_key_usage": ["OCSPSigning"]})
        signer = ("-rsigner", self.path("responder.pem"), "-rkey", self.path("responder-key.pem"))
        index = f"V\t{NEVER}\t\t07\tunknown\t/CN=leaf\n"
        self.assertEqual(self.answered(index, *signer), "good")
        self.assertEqual(self.answered(index, *signer, "-resp_key_id"), "good")

    def test_openssl_and_we_agree_on_what_the_forge_makes(self):
        self.made({"name": "responder", "issuer": "ca", "extended_key_usage": ["OCSPSigning"]},
                  {"name": "impostor", "issuer": "ca"},
                  {"name": "good", "ocsp_for": "leaf"},
                  {"name": "revoked", "ocsp_for": "leaf", "status": "revoked", "reason": "keyCompromise"},
                  {"name": "delegated", "ocsp_for": "leaf", "responder": "responder", "responder_by_key": True},
                  {"name": "old", "ocsp_for": "leaf", "this_update": -9, "next_update": -2},
                  {"name": "broken", "ocsp_for": "leaf", "broken_signature": True},
                  {"name": "usurped", "ocsp_for": "leaf", "responder": "impostor"},
                  {"name": "refused", "ocsp_for": "leaf", "response_status": "tryLater"})
        for name, expected, theirs in (("good", "good", r"leaf\.pem: good"), ("revoked", "revoked keyCompromise", r"leaf\.pem: revoked"),
                                       ("delegated", "good", r"leaf\.pem: good"), ("old", "revocation_unavailable", "Status times invalid|status expired"),
                                       ("broken", "revocation_unavailable", "Response [Vv]erify [Ff]ailure"),
                                       ("usurped", "revocation_unavailable", "Response [Vv]erify [Ff]ailure"),
                                       ("refused", "revocation_unavailable tryLater", "trylater")):
            with self.subTest(name):
                self.assertEqual(self.judge(name + ".ors"), expected)
                done = run("openssl", "ocsp", "-respin", self.path(name + ".ors"), "-issuer", self.path("ca.pem"), "-cert",
                           self.path("leaf.pem"), "-CAfile", self.path("ca.pem"), "-no_nonce")
                self.assertTrue(re.search(theirs, done.stdout + done.stderr), done.stdout + done.stderr)

    def test_openssl_reads_the_forges_list(self):
        self.made({"name": "list", "crl_of": "ca", "revoked": ["leaf", 99], "reason": "superseded"})
        done = run("openssl", "crl", "-inform", "DER", "-in", self.path("list.crl"), "-noout", "-text", "-CAfile", self.path("ca.pem"))
        self.assertIn("verify OK", done.stderr)
        self.assertRegex(done.stdout, r"Serial Number: 0?7\b")
        self.assertIn("Superseded", done.stdout)


if __name__ == "__main__":
    main()

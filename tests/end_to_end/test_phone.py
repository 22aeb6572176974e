"""The way of a phone to the CA: the QR code in the live page's view Trust the CA, as Chromium draws it and as a decoder reads it, and what the phone
gets there. In network namespaces of the test's own, where there is another machine."""
import json
import os
import re
import ssl
import urllib.request

from harness import Case, PATIENCE
from namespaces import Neighbour, main
from processes import run
from test_live_page import Driver

HERE = "10.77.0.1"


class Phone(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.neighbour = Neighbour()
        cls.addClassCleanup(cls.neighbour.stop)
        cls.driver = Driver()
        cls.addClassCleanup(cls.driver.stop)

    def start(self, *options):
        proxy = self.proxy("--ui", "127.0.0.1:0", *options)
        self.page = proxy.stderr.wait_for(r"^live page (http://\S+)")[1]
        return proxy

    def beyond(self, address="0.0.0.0"):
        """A proxy for the neighbour too; the port of that listener."""
        proxy = self.start("--listen", f"{address}:0", "--allow-remote", "--allow-anonymous")
        return proxy, int(proxy.stderr.wait_for(rf"^listening on {re.escape(address)}:(\d+)")[1])

    def state(self):
        with urllib.request.urlopen(self.page + "api/state", timeout=PATIENCE) as response:
            return json.load(response)

    def shown(self):
        return self.driver.play("phone", self.page, {"folder": self.directory})

    def decoded(self, picture):
        done = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.rstrip("\n")

    def test_the_code_leads_another_machine_to_the_ca_itself(self):
        proxy, port = self.beyond()
        url = f"http://{HERE}:{port}/ca.der"
        seen = self.shown()
        self.assertEqual([each["name"] for each in seen["codes"]], [f"QR code of {url}"] * len(seen["codes"]))
        self.assertEqual({each["scheme"] for each in seen["codes"]}, {"light", "dark"})
        for each in seen["codes"]:
            self.assertEqual(self.decoded(each["picture"]), url)
        self.assertIn(url, seen["text"])
        self.assertEqual(seen["violations"], [])
        file = os.path.join(self.directory, "got.der")
        done = self.neighbour.run("curl", "-sS", "--noproxy", "*", "-D", "-", "-o", file, url)
        self.assertRegex(done.stdout, r"(?i)content-type: application/x-x509-ca-cert\n")
        self.assertRegex(done.stdout, r'(?i)content-disposition: inline; filename="whytls-ca.crt"\n')
        with open(file, "rb") as der, open(proxy.ca_file, encoding="ascii") as pem:
            self.assertEqual(der.read(), ssl.PEM_cert_to_DER_cert(pem.read()))

    def test_commands_name_the_proxy_as_the_page_was_reached_where_it_listens_on_every_address(self):
        proxy = self.proxy("--listen", "0.0.0.0:0", "--ui", "0.0.0.0:0", "--allow-remote", "--proxy-auth", "user:pass")
        port, page = (proxy.stderr.wait_for(rf"(?m)^{what}:(\d+)")[1] for what in (r"listening on 0\.0\.0\.0", r"live page http://127\.0\.0\.1"))
        done = self.neighbour.run("curl", "-sS", "--noproxy", "*", "-u", "user:pass", f"http://{HERE}:{page}/api/state")
        self.assertEqual(json.loads(done.stdout)["proxy"], f"{HERE}:{port}")

    def test_of_several_addresses_one_is_chosen(self):
        _, port = self.beyond("[::]")
        places = self.state()["reachable"]
        self.assertEqual([(each["address"], each["interface"]) for each in places], [(f"{HERE}:{port}", "near"), (f"[fd77::1]:{port}", "near")])
        seen = self.shown()
        self.assertEqual(seen["choices"], [f"{HERE}:{port} (near)", f"[fd77::1]:{port} (near)"])
        self.assertEqual({self.decoded(each["picture"]) for each in seen["codes"]}, {f"http://{HERE}:{port}/ca.der", f"http://[fd77::1]:{port}/ca.der"})

    def test_a_listener_on_one_address_is_named_by_it(self):
        _, port = self.beyond(HERE)
        self.assertEqual([each["address"] for each in self.state()["reachable"]], [f"{HERE}:{port}"])

    def test_who_is_reached_by_no_one_else_shows_no_code_and_says_how_to_be(self):
        self.start()
        port = self.state()["proxy"].rpartition(":")[2]
        self.assertEqual(self.state()["reachable"], [])
        seen = self.shown()
        self.assertEqual(seen["codes"], [])
        self.assertIn(f"whytls proxy --listen 0.0.0.0:{port} --allow-remote --allow-anonymous", seen["text"])
        self.assertEqual(seen["violations"], [])

    def test_each_systems_steps_are_there(self):
        self.beyond()
        text = self.shown()["text"]
        for part in ("Encryption & credentials > Install a certificate > CA certificate", '<certificates src="user"/>',
                     "VPN & Device Management", "Certificate Trust Settings"):
            self.assertIn(part, text)


if __name__ == "__main__":
    main()

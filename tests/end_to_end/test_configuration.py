"""Options that are not on the command line: the environment, the user's own file, and what is in force after all."""
import json
import os
import re

from harness import Case, Proxy, main, servers
from processes import PATIENCE, WHYTLS, environment, run

# Of the proxy's options, values where the default (of `whytls config`) is none.
SOME = {"reverse": "https://a.test", "allow-origin": "http://a.test", "proxy-auth": "me:geheim", "add-trust": "CERT", "trust": "CERT", "transparent": "127.0.0.1:0", "at": "2026-01-01",
        "client-cert": "x.test=CERT", "client-key": "x.test=KEY", "client-key-password": "geheim", "resolve": "a.test:443:127.0.0.1",
        "upstream-proxy": "http://me:geheim@127.0.0.1:1", "no-proxy": "b.test", "insecure": "a.test", "passthrough": "c.test", "log": "log.jsonl",
        "record": "recorded", "har": "a.har", "redact": "key", "otlp": "http://127.0.0.1:4318", "otlp-header": "key: geheim", "keylog": "keys"}
NOT_VALUES = {"config", "no-config", "help", "version"}  # where the others come from, and what prints and exits


class Configuration(Case):
    def setUp(self):
        super().setUp()
        self.home = os.path.join(self.directory, "home")
        self.file = os.path.join(self.home, "whytls", "config.toml")
        os.makedirs(os.path.dirname(self.file))
        self.env = environment() | {"XDG_CONFIG_HOME": self.home, "WHYTLS_NO_CONFIG": "", "HOME": self.home}

    def write(self, text, path=None):
        with open(path or self.file, "w", encoding="utf-8") as file:
            file.write(text)
        return path or self.file

    def whytls(self, *arguments, code=0, **variables):
        done = run(WHYTLS, *arguments, env=self.env | variables, cwd=self.directory)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def in_force(self, *arguments, **variables):
        return json.loads(self.whytls("config", "--json", *arguments, **variables).stdout)

    def test_no_option_of_the_proxy_is_without_a_variable(self):
        options = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", self.whytls("proxy", "--help").stdout, re.MULTILINE)) - NOT_VALUES
        client = self.pki.leaf("client.test")
        defaults = self.in_force()
        self.assertEqual(set(defaults), options)
        values = {}
        for option in options:
            value = SOME.get(option, defaults[option].get("value"))
            value = ";".join(value) if isinstance(value, list) else {True: "1", False: "0"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            values[option] = value.replace("CERT", client.chain).replace("KEY", client.key)
        variables = {"WHYTLS_" + option.upper().replace("-", "_"): value for option, value in values.items()}
        found = self.in_force("--show-secrets", **variables)
        for option in sorted(options):
            with self.subTest(option=option):
                self.assertEqual(found[option]["origin"], "environment WHYTLS_" + option.upper().replace("-", "_"))
                if option in SOME:
                    self.assertIn(found[option]["value"], (values[option], [values[option]]))
        self.assertNotIn("geheim", self.whytls("config", **variables).stdout)

    def test_what_the_proxy_would_refuse_is_refused(self):
        self.assertIn("nosuch.pem: cannot be read", self.whytls("config", "--add-trust", "nosuch.pem", code=2).stderr)

    def test_a_file_that_cannot_be_used_is_told_with_the_place_that_names_it(self):
        for code, line in ((2, 'add-trust = ["nosuch.pem"]'), (2, 'trust = "nosuch.pem"'), (2, 'log = "no/such.log"'), (1, 'record = "/proc/such"'),
                           (1, 'har = "no/such.har"'), (2, 'keylog = "no/such"'), (1, 'ca-dir = "/proc/such"'), (2, 'client-cert = "a.test=nosuch.pem"')):
            self.write("# a comment\nidle-timeout = 7\n" + line + "\n")
            with self.subTest(line):
                self.assertIn(f"whytls: {self.file}:3: ", self.whytls("proxy", "--listen", "127.0.0.1:0", "--ui", "off", code=code).stderr)
        os.remove(self.file)
        self.assertIn("WHYTLS_ADD_TRUST: add-trust: trust file nosuch.pem: cannot be read",
                      self.whytls("check", "a.test", code=2, WHYTLS_ADD_TRUST="nosuch.pem").stderr)
        self.assertIn("whytls: trust file nosuch.pem", self.whytls("check", "a.test", "--add-trust", "nosuch.pem", code=2, WHYTLS_ADD_TRUST="other.pem").stderr)

    def test_a_path_in_a_file_or_a_variable_may_begin_at_home(self):
        anchors = os.path.join(self.home, "a.pem")
        with open(self.pki.leaf("a.test").chain, encoding="ascii") as source:
            self.write(source.read(), anchors)
        self.write('add-trust = ["~/a.pem"]\nkeylog = "~/keys"\nno-proxy = "~/x"\n')
        found = self.in_force(WHYTLS_LOG="~/log.jsonl", WHYTLS_NO_PROXY="")
        self.assertEqual([found[each]["value"] for each in ("add-trust", "keylog", "log", "no-proxy")],
                         [[anchors], f"{self.home}/keys", f"{self.home}/log.jsonl", "~/x"])
        self.write('client-cert = "a.test=~/nosuch.pem"\n')
        self.assertIn(f"{self.home}/nosuch.pem: cannot be read", self.whytls("config", code=2).stderr)
        self.write('client-key-password = "file:~/nosuch"\n')
        self.assertIn(f"{self.home}/nosuch", self.whytls("config", code=2).stderr)
        other = self.write("idle-timeout = 7\n", os.path.join(self.home, "other.toml"))
        self.assertEqual(self.in_force(WHYTLS_CONFIG="~/other.toml")["idle-timeout"]["origin"], f"{other}:1")

    def test_a_list_that_is_set_to_nothing_has_its_origin(self):
        self.write("listen = []\nadd-trust = []\ninsecure = true\n")
        found = self.in_force(WHYTLS_INSECURE="0")
        self.assertEqual(found["listen"], {"value": ["127.0.0.1:8080"], "origin": f"default, for {self.file}:1 names none"})
        self.assertEqual(found["add-trust"], {"value": [], "origin": f"{self.file}:2"})
        self.assertEqual(found["insecure"], {"value": [], "origin": "environment WHYTLS_INSECURE"})
        self.assertNotIn("value", found["trust"])
        text = self.whytls("config", WHYTLS_INSECURE="0").stdout
        self.assertIn("\ninsecure = []  # environment WHYTLS_INSECURE\n", text)
        self.assertIn("\n# trust: not set\n", text)
        again = self.write(text, os.path.join(self.directory, "again.toml"))
        self.assertEqual(self.in_force("--config", again)["insecure"]["value"], [])

    def test_a_file_that_leads_nowhere_is_told_with_both_names(self):
        os.symlink("/no/such.toml", self.file)
        said = self.whytls("config", code=2).stderr
        self.assertIn(f"{self.file} is a link to /no/such.toml, which is not there; --no-config goes on without it", said)
        self.whytls("config", "--no-config")

    def test_a_password_is_in_no_message(self):
        for line in ("proxy-auth = me:geheim", "client-key-password = geheim", "otlp-header = key: geheim", "upstream-proxy = http://me:geheim@a.test"):
            self.write(line + "\n")
            said = self.whytls("config", code=2).stderr
            self.assertIn("a text stands in quotes", said)
            self.assertNotIn("geheim", said)
        self.write('proxy-auth = "me:geheim"\n')
        self.assertIn("the value of --proxy-auth is left out: --show-secrets prints it", self.whytls("config").stderr)

    def test_a_file_that_others_may_write_is_not_read_unless_it_is_named(self):
        self.write("idle-timeout = 7\n")
        os.chmod(self.file, 0o666)
        self.assertIn("config.toml is not read: everyone may write it", self.whytls("config").stderr)
        self.assertEqual(self.in_force()["idle-timeout"]["origin"], "default")
        self.assertEqual(self.in_force("--config", self.file)["idle-timeout"]["value"], 7)

    def test_a_key_of_many_parts_is_refused(self):
        self.write("log = 'x'\n" + ".".join(["a"] * 80_000) + " = 1\n")
        self.assertIn("config.toml:2: a line with more than 4096 dots", self.whytls("config", code=2).stderr)

    def test_the_users_own_file_holds_for_the_proxy_and_is_named_once(self):
        self.write('proxy-auth = "me:word"\n')
        plain = self.server(servers.answering(servers.ok(b"seen")))
        directory = os.path.join(self.directory, "proxy")
        os.mkdir(directory)
        proxy = self.started(Proxy(directory, ["--trust", self.pki.trust, "--resolve", f"plain.test:80:127.0.0.1:{plain.port}"],
                                   env={"XDG_CONFIG_HOME": self.home, "WHYTLS_NO_CONFIG": ""}))
        self.assertEqual(self.curl(proxy, "-w", "%{http_code}", "-o", "/dev/null", "http://plain.test/").stdout, b"407")
        self.assertEqual(self.curl_body(proxy, "--proxy-user", "me:word", "http://plain.test/"), b"seen")
        proxy.stop()
        self.assertEqual(proxy.stderr.text.count(self.file), 1)
        self.assertIn(f"whytls: options come from {self.file} too (--no-config leaves it out)\n", proxy.stderr.text)

    def test_a_file_that_cannot_be_used_ends_every_command_that_would_read_it(self):
        self.write("\nidle-timeout = 'soon'\n")
        for command in (["proxy"], ["config"], ["exec", "--", "true"]):
            said = self.whytls(*command, code=2).stderr
            self.assertEqual(said, f"whytls: {self.file}:2: idle-timeout takes SECONDS, not 'soon'\n")
        self.whytls("check", "--trust", self.pki.trust, "127.0.0.1:1", code=3)  # which has no such option
        self.whytls("explain", "expired")
        self.write("idle-timeouts = 1\n")
        for command in (["proxy"], ["check", "a.test"], ["verify", "-"], ["ca", "show"]):
            self.assertIn(f"{self.file}:1: no option 'idle-timeouts'", self.whytls(*command, code=2).stderr)
        self.whytls("exec", "--no-config", "--", "true")
        self.whytls("exec", "--", "true", WHYTLS_NO_CONFIG="1")

    def test_the_tests_read_no_file_of_the_one_who_runs_them(self):
        self.write("nonsense = 1\n")
        done = run(WHYTLS, "config", env=environment() | {"XDG_CONFIG_HOME": self.home})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_one_file_serves_proxy_exec_and_check(self):
        server = self.tls_server(self.pki.leaf("good.test"))
        self.write(f'listen = ["127.0.0.1:1"]\nui = "127.0.0.1:2"\ntrust = ["{self.pki.trust}"]\nresolve = ["good.test:443:127.0.0.1:{server.port}"]\n')
        self.whytls("check", "good.test")
        done = self.whytls("exec", "--", "curl", "-sS", "--max-time", PATIENCE, "https://good.test/")
        self.assertEqual(done.stdout, "hello")
        self.assertEqual(self.in_force()["listen"], {"origin": f"{self.file}:1", "value": ["127.0.0.1:1"]})

    def test_what_config_prints_is_a_file_that_says_the_same(self):
        printed = self.whytls("config", "--idle-timeout", "7", "-k", "--trust", self.pki.trust, "--listen", "[::1]:0",
                              WHYTLS_UPSTREAM_PROXY="http://me:geheim@127.0.0.1:1").stdout
        self.assertNotIn("geheim", printed)
        self.assertRegex(printed, r"(?m)^idle-timeout = 7  # command line$")
        path = self.write(printed, os.path.join(self.directory, "again.toml"))
        first = self.in_force("--idle-timeout", "7", "-k", "--trust", self.pki.trust, "--listen", "[::1]:0")
        second = self.in_force("--config", path)
        self.assertEqual({name: one.get("value") for name, one in first.items()}, {name: one.get("value") for name, one in second.items()})

    def test_a_variable_that_is_misspelt_is_told_and_one_of_others_is_not(self):
        self.assertEqual(self.whytls("config", WHYTLS_CHAOS_SEED="1", WHYTLS_BUILD="x", WHYTLS_FOO="1").stderr, "")
        self.assertEqual(self.whytls("config", WHYTLS_LISTN="127.0.0.1:0").stderr,
                         "whytls: warning: WHYTLS_LISTN names no option; did you mean WHYTLS_LISTEN?\n")


if __name__ == "__main__":
    main()

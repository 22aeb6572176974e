"""What the report says that other clients say (`elsewhere`) is what they say: the real ones are asked for the same servers.

The table has the wording of the versions named in VERSIONS, where it must be found exactly; of another version a text counts as well when
`whytls explain --error` finds the same cause in it."""
import json
import os
import re
import socket
import ssl
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import scenarios
from compiled import java_program
from harness import Case, main
from processes import PATIENCE, SANITIZED, WHYTLS, environment, run

CLIENTS = os.path.join(os.path.dirname(__file__), "clients")
VERSIONS = {"curl (OpenSSL)": r"curl 7\.88.* OpenSSL/3\.0\.", "Python (ssl)": r"OpenSSL 3\.0\.", "Node, Postman": r"3\.0\.", "Java": r"17\."}


def curl(scenario, trust):
    done = run("curl", "--silent", "--show-error", "--max-time", PATIENCE, "--noproxy", "*", "--cacert", trust, "--resolve",
               f"{scenario.host}:{scenario.port}:127.0.0.1", f"https://{scenario.host}:{scenario.port}/")
    return done.stderr.strip() if done.returncode else "accepts"


def python(scenario, trust):
    context = ssl.create_default_context(cafile=trust)
    try:
        with socket.create_connection(("127.0.0.1", scenario.port), PATIENCE) as plain:
            with context.wrap_socket(plain, server_hostname=scenario.host) as secure:
                secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
                while secure.recv(65536):
                    pass
    except OSError as error:
        return str(error)
    return "accepts"


def of_each(asked, ask, trust):
    with ThreadPoolExecutor(4) as pool:
        return dict(zip((one.name for one in asked), pool.map(lambda one: ask(one, trust), asked)))


def lines(asked, *command, form):
    """What a program says that takes a server a line and answers in lines."""
    done = subprocess.run(command, input="".join(form(one) + "\n" for one in asked), capture_output=True, text=True, timeout=PATIENCE * 4,
                          env=environment())
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.splitlines()


def node(asked, trust):
    def form(one):
        return json.dumps({"name": one.name, "host": one.host, "port": one.port})

    answers = [json.loads(line) for line in lines(asked, "node", os.path.join(CLIENTS, "node.js"), trust, form=form)]
    return {one["name"]: one["text"] + (f" [{one['code']}]" if one["code"] else "") for one in answers}


def java(asked, trust):
    answers = lines(asked, "java", *java_program(os.path.join(CLIENTS, "Tls.java")), trust, form=lambda one: f"{one.name} {one.host} {one.port}")
    return dict(line.split("\t", 1) for line in answers)


def versions():
    return {"curl (OpenSSL)": run("curl", "--version").stdout, "Python (ssl)": ssl.OPENSSL_VERSION,
            "Node, Postman": run("node", "-p", "process.versions.openssl").stdout,
            "Java": run("java", "-XshowSettings:properties", "-version").stderr.partition("java.specification.version = ")[2].split("\n")[0] + "."}


def pattern(said):
    """The text with "…" for anything."""
    return re.compile(".*".join(re.escape(part) for part in said["text"].split("…")), re.DOTALL)


@unittest.skipIf(SANITIZED, "what other programs say is the same beside a tree without sanitizers")
class Elsewhere(Case):
    @classmethod
    def setUpClass(cls):
        """Starts all servers, and hears what the clients say that ask one server each time."""
        super().setUpClass()
        cls.asked = scenarios.all_of(cls)
        cls.curl_said, cls.python_said = (of_each(cls.asked, ask, cls.pki.trust) for ask in (curl, python))

    def reports(self, asked):
        proxy = self.proxy(*[part for one in asked for part in ("--resolve", f"{one.host}:{one.port}:127.0.0.1")])
        for one in asked:
            response = self.client(proxy).get(f"https://{one.host}:{one.port}/", host=f"{one.host}:{one.port}", Accept="application/json")
            yield one, response.json if response.status == 502 else {"elsewhere": []}

    def agrees(self, said, heard, known_version, code):
        if (said["verdict"] == "accepts") != (heard == "accepts"):
            return False
        if said["verdict"] == "accepts" or (pattern(said).search(heard) and (f"[{said['error']}]" in heard if "error" in said else True)):
            return True
        causes = json.loads(run(WHYTLS, "explain", "--json", "--error", heard).stdout)["causes"]
        return not known_version and code in [cause["code"] for cause in causes]

    def test_the_real_clients_say_what_the_report_says_that_they_say(self):
        asked, trust = self.asked, self.pki.trust
        with ThreadPoolExecutor(2) as pool:
            node_said, java_said = pool.submit(node, asked, trust), pool.submit(java, asked, trust)
            heard = {"curl (OpenSSL)": self.curl_said, "Python (ssl)": self.python_said,
                     "Node, Postman": node_said.result(), "Java": java_said.result()}
        known = {client: bool(re.search(VERSIONS[client], version)) for client, version in versions().items()}
        compared, wrong = 0, []
        for one, report in self.reports(asked):
            self.assertEqual(report.get("code", ""), one.code, one.name)
            for said in report["elsewhere"]:
                if said["client"] not in heard:
                    continue
                compared += 1
                text = heard[said["client"]][one.name]
                if not self.agrees(said, text, known[said["client"]], one.code):
                    wrong.append(f"{one.name}: {said} but it said: {text}")
            if not one.code:
                self.assertEqual({client: texts[one.name] for client, texts in heard.items()}, dict.fromkeys(heard, "accepts"))
        self.assertEqual(wrong, [], "\n".join(wrong))
        self.assertGreater(compared, 150)
        print(f"elsewhere: {compared} verdicts of {len(heard)} clients on {len(asked)} servers compared", flush=True)

    def test_what_was_heard_leads_back_to_its_cause(self):
        for one, text in [(one, said[one.name]) for said in (self.curl_said, self.python_said) for one in self.asked]:
            if text == "accepts" or "-" in one.name and one.name.split("-")[-1] in ("expired", "mismatch"):
                continue
            causes = json.loads(run(WHYTLS, "explain", "--json", "--error", text).stdout)["causes"]
            with self.subTest(one.name, text=text):
                self.assertIn(one.code, [cause["code"] for cause in causes])


if __name__ == "__main__":
    main()

"""Postman's own runner through the proxy: a request that passes, and one whose 502 the collection's script reads."""
import json
import os

from harness import Case, main
from processes import SOURCE, environment, run

NEWMAN = os.path.join(SOURCE, "build", "node", "node_modules", ".bin", "newman")


def request(name, url, *script):
    return {"name": name, "request": {"method": "GET", "url": url, "header": [{"key": "Accept", "value": "application/json"}]},
            "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": list(script)}}]}


COLLECTION = {
    "info": {"name": "whytls", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "item": [
        request("an API that works", "https://good.test/v1/things",
                "pm.test('the answer is the API\\'s own', () => {",
                "    pm.response.to.have.status(200);",
                "    pm.expect(pm.response.text()).to.equal('hello');",
                "});"),
        request("an API behind the wrong certificate", "https://api.example.com/v1/things",
                "pm.test('the answer says why', () => {",
                "    pm.response.to.have.status(502);",
                "    pm.expect(pm.response.headers.get('Proxy-Status')).to.include('hostname_mismatch');",
                "    const report = pm.response.json();",
                "    pm.expect(report.code).to.equal('hostname_mismatch');",
                "    pm.expect(report.provider).to.equal('Amazon CloudFront');",
                "    pm.expect(report.problems[0].fixes).to.not.be.empty;",
                "});"),
    ],
}


class Newman(Case):
    def test_a_collection_runs_and_its_scripts_read_both_answers(self):
        good = self.tls_server(self.pki.leaf("good.test"))
        wrong = self.tls_server(self.pki.leaf("*.cloudfront.net", subject="*.cloudfront.net"))
        proxy = self.proxy(hosts={"good.test:443": good, "api.example.com:443": wrong})
        collection, report = (os.path.join(self.directory, name) for name in ("collection.json", "report.json"))
        with open(collection, "w", encoding="utf-8") as file:
            json.dump(COLLECTION, file)
        done = run(NEWMAN, "run", collection, "--ssl-extra-ca-certs", proxy.ca_file, "--reporters", "cli,json", "--reporter-json-export", report,
                   env=environment() | {"HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(report, encoding="utf-8") as file:
            stats = json.load(file)["run"]["stats"]["assertions"]
        self.assertEqual((stats["total"], stats["failed"]), (2, 0), done.stdout)
        self.assertEqual(wrong.received, b"")


if __name__ == "__main__":
    main()

"""A HAR as other programs read it: har-validator holds each part against the schema of HAR 1.2."""
import json
import os

from harness import Case, main
from processes import BUILD, SOURCE, environment, run

MODULES = os.path.join(SOURCE, "build", "node", "node_modules")
VALIDATE = """
const validate = require("har-validator");
validate.har(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")))
    .catch(error => { console.log(JSON.stringify(error.errors, null, 1)); process.exit(1); });
"""


class Har(Case):
    def test_each_kind_of_flow_is_written_as_a_valid_entry(self):
        path = os.path.join(self.directory, "flows.har")
        done = run(os.path.join(BUILD, "tests", "test-inspect"), "[.har]", env=environment() | {"WHYTLS_WRITE_HAR": path})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)["log"]["entries"]
        self.assertEqual(len(entries), 6)
        for entry in entries:
            phases = [entry["timings"][phase] for phase in ("blocked", "dns", "connect", "send", "wait", "receive")]
            self.assertAlmostEqual(sum(phase for phase in phases if phase > 0), entry["time"], places=2)
        done = run("node", "-e", VALIDATE, path, env=environment() | {"NODE_PATH": MODULES})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    main()

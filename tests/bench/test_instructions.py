"""The judge of counted instructions: a planted slow-down fails, and what callgrind writes is read rightly."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import callgrind

HERE = os.path.dirname(os.path.abspath(__file__))
BASELINE = {"keep_alive": 50_000, "connection": 2_000_000}
# Two functions; one calls the other and one of another library.
PROFILE = """# callgrind format
desc: Trigger: Client Request: keep_alive

positions: line
events: Ir

ob=(1) /build/bench-instructions
fl=(1) ???
fn=(1) proxy::outer()
0 100
cfn=(2) inner'2
calls=3 0
0 4000
+1 20
cob=(2) /lib/libc.so.6
cfn=(3) memcpy
calls=1 0
* 77

fn=(2)
0 3000
-5 1000

ob=(2)
fn=(3)
0 77
"""


def judged(baseline, counted, *options):
    with tempfile.TemporaryDirectory(prefix="whytls-") as directory:
        paths = [os.path.join(directory, name) for name in ("baseline.json", "counted.json")]
        for path, figures in zip(paths, (baseline, counted)):
            with open(path, "w", encoding="utf-8") as file:
                json.dump(figures, file)
        run = subprocess.run([sys.executable, os.path.join(HERE, "instructions.py"), *options, "--baseline", paths[0], "--counted", paths[1]],
                             capture_output=True, text=True)
        with open(paths[0], encoding="utf-8") as file:
            return run.returncode, run.stdout + run.stderr, json.load(file)


class Instructions(unittest.TestCase):
    def test_growth_of_six_per_cent_fails_and_names_both_counts_and_the_way_on(self):
        code, said, _ = judged(BASELINE, BASELINE | {"keep_alive": 53_000}, "--check")
        self.assertEqual(code, 1, said)
        self.assertIn("keep_alive: 53,000 instructions, 6.0% more than the baseline's 50,000", said)
        self.assertIn("./dev bench instructions --write", said)
        self.assertNotIn("connection:", said)

    def test_growth_of_four_per_cent_passes(self):
        code, said, _ = judged(BASELINE, {"keep_alive": 52_000, "connection": 2_080_000}, "--check")
        self.assertEqual(code, 0, said)

    def test_what_became_faster_passes_and_is_pointed_out(self):
        code, said, _ = judged(BASELINE, BASELINE | {"connection": 1_000_000}, "--check")
        self.assertEqual(code, 0, said)
        self.assertIn("the baseline can be lowered", said)

    def test_a_scenario_that_only_one_side_knows_fails(self):
        for baseline, counted, words in ((BASELINE, {"connection": 2_000_000}, "keep_alive: in the baseline, and not counted"),
                                         ({"connection": 2_000_000}, BASELINE, "keep_alive: counted, and not in the baseline")):
            code, said, _ = judged(baseline, counted, "--check")
            self.assertEqual(code, 1, said)
            self.assertIn(words, said)

    def test_what_was_counted_becomes_the_baseline_by_write_alone(self):
        slower = BASELINE | {"keep_alive": 90_000}
        self.assertEqual(judged(BASELINE, slower)[0], 0)
        self.assertEqual(judged(BASELINE, slower, "--check")[2], BASELINE)
        self.assertEqual(judged(BASELINE, slower, "--write")[2], slower)

    def test_a_profile_is_added_up_without_what_calls_cost(self):
        self.assertEqual(callgrind.scenario_of(PROFILE), "keep_alive")
        self.assertEqual(dict(callgrind.instructions(PROFILE)),
                         {("/build/bench-instructions", "proxy::outer()"): 120, ("/build/bench-instructions", "inner'2"): 4000, ("/lib/libc.so.6", "memcpy"): 77})

    def test_what_follows_the_last_scenario_belongs_to_none(self):
        self.assertIsNone(callgrind.scenario_of("desc: Trigger: Program termination\n"))


if __name__ == "__main__":
    unittest.main()

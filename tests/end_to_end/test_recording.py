"""A recorded session read by `whytls log --record`: all of it, a part of it, and while it is written."""
import json
import os
import signal
import sqlite3
import subprocess
import unittest

from harness import Case, main
from processes import BUILD, PATIENCE, WHYTLS, Process, environment, run


class Recorder:
    """whytls-record: each flow that is kept is in the file when keep() returns."""

    def __init__(self, directory):
        self.process = subprocess.Popen([os.path.join(BUILD, "whytls-record"), directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment(), text=True, bufsize=1)
        self.expect("ready")

    def expect(self, word):
        line = self.process.stdout.readline()
        assert line == word + "\n", line

    def keep(self, *flows):
        for flow in flows:
            self.process.stdin.write(flow + "\n")
            self.expect("kept")

    def end(self, by=None):
        if by:
            self.process.send_signal(by)
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Recording(Case):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.directory, "session")

    def recorder(self):
        recorder = Recorder(self.path)
        self.addCleanup(recorder.process.wait)
        self.addCleanup(recorder.process.kill)
        return recorder

    def recorded(self, *flows, by=None):
        recorder = self.recorder()
        recorder.keep(*flows)
        recorder.end(by)

    def log(self, code, *arguments):
        done = run(WHYTLS, "log", "--record", self.path, *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_the_table_is_that_of_a_log(self):
        self.recorded("1 over GET https://a.test/1 200", "2 over POST https://b.test/2 502 hostname_mismatch", "3 begun GET https://a.test/3 0")
        self.assertEqual(self.log(0).stdout.splitlines(), [
            "time (UTC)           event    result                                        ms  where",
            "2026-11-30 00:53:21  request  200                                         12.5  GET https://a.test/1",
            "2026-11-30 00:53:22  request  502 hostname_mismatch                       12.5  POST https://b.test/2",
            "                     What went wrong",
            "2026-11-30 00:53:23  request  - not complete                              12.5  GET https://a.test/3"])

    def test_each_choice_of_a_log_is_one_of_a_recording(self):
        self.recorded("1 over GET https://a.test/1 200", "2 over POST https://b.test/2 502 hostname_mismatch", "3 over GET https://c.test/3 404")
        for options, shown in (((), "123"), (("--failed",), "2"), (("--host", "*.test"), "123"), (("--host", "a.test"), "1"),
                               (("--filter", "status:>=400 -failed"), "3"), (("--filter", "mime:json proto:http/1.1 code:host"), "2"),
                               (("--since", "2026-11-30T00:53:22Z"), "23"), (("--since", "2026-11-30T00:53:22Z", "--host", "c.test"), "3")):
            with self.subTest(options):
                done = self.log(0, "--json", *options)
                self.assertEqual("".join(json.loads(line)["url"][-1] for line in done.stdout.splitlines()), shown)
                self.assertEqual(done.stderr, "")
        self.assertEqual(self.log(0, "--host", "none.test").stderr, f"whytls: no flow of {self.path} matches\n")

    def test_har_has_what_is_wanted_with_heads_and_bodies(self):
        self.recorded("1 over GET https://a.test/1 200", "2 over POST https://b.test/2 502 hostname_mismatch", "3 over GET https://b.test/3 404")
        har = json.loads(self.log(0, "--har", "--host", "b.test").stdout)["log"]
        self.assertEqual([(entry["request"]["url"], entry["response"]["status"]) for entry in har["entries"]],
                         [("https://b.test/2", 502), ("https://b.test/3", 404)])
        self.assertEqual(har["entries"][1]["response"]["content"]["text"], '{"of":3}')
        none = self.log(0, "--har", "--host", "none.test")
        self.assertEqual((json.loads(none.stdout)["log"]["entries"], none.stderr), ([], f"whytls: no flow of {self.path} matches\n"))

    def test_har_is_whole_though_a_flow_cannot_be_read(self):
        self.recorded("1 over GET https://a.test/1 200", "2 over GET https://a.test/2 200")
        with sqlite3.connect(os.path.join(self.path, "flows.sqlite")) as file:
            file.execute("DELETE FROM contents WHERE id = 1")
        done = self.log(1, "--har")
        self.assertEqual([entry["request"]["url"] for entry in json.loads(done.stdout)["log"]["entries"]], ["https://a.test/2"])
        self.assertEqual(done.stderr, f"whytls: {self.path}, flow 1 has no document\n")

    def test_a_recording_goes_on_over_sessions_though_one_was_killed(self):
        self.recorded("1 over GET https://a.test/1 200", by=signal.SIGKILL)
        self.recorded("1 over GET https://a.test/2 200")
        rows = [json.loads(line) for line in self.log(0, "--json").stdout.splitlines()]
        self.assertEqual([(row["id"], row["url"]) for row in rows], [(1, "https://a.test/1"), (2, "https://a.test/2")])

    def test_it_is_read_and_followed_while_it_is_written(self):
        recorder = self.recorder()
        recorder.keep("1 over GET https://a.test/1 200", "2 begun GET https://a.test/2 0")
        self.assertIn("a.test/2", self.log(0).stdout)
        process = self.started(Process([WHYTLS, "log", "--record", self.path, "--follow", "--filter", "a.test"]))
        process.stdout.wait_for("GET https://a.test/1$")
        recorder.keep("3 over GET https://b.test/3 200", "4 over GET https://a.test/4 502 expired", "2 over GET https://a.test/2 200")
        process.stdout.wait_for(r"GET https://a\.test/4  \(What went wrong\)$")
        process.stdout.wait_for("200 .*GET https://a.test/2$")
        self.assertEqual((process.stdout.text.count("\n"), process.stderr.text), (4, ""))
        recorder.end()
        self.recorded("1 over GET https://a.test/5 200")
        process.stdout.wait_for("GET https://a.test/5$")

    def test_a_second_writer_is_refused_with_the_first_ones_id(self):
        recorder = self.recorder()
        done = run(os.path.join(BUILD, "whytls-record"), self.path)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"the process {recorder.process.pid} records there already", done.stderr)
        recorder.end()

    def test_mistakes_are_one_line_and_exit_2(self):
        plain = os.path.join(self.directory, "plain")
        with open(plain, "w", encoding="ascii") as file:
            file.write("x")
        for arguments, said in ((["--record", os.path.join(self.directory, "none")], "no recording is there"), (["--record", plain], "is a file"),
                                (["x", "--har"], "log --har takes --record DIR"), (["--record", plain, "--har", "--json"], "--har or --json, not both"),
                                (["x", "--record", plain], "log reads a FILE or --record DIR, not x and"), ([], "or --record DIR")):
            done = run(WHYTLS, "log", *arguments)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
            self.assertIn(said, done.stderr)

    def test_a_row_that_is_none_is_told_and_reading_goes_on(self):
        self.recorded("1 over GET https://a.test/1 200", "2 over GET https://a.test/2 200", "3 over GET https://a.test/3 200")
        with sqlite3.connect(os.path.join(self.path, "flows.sqlite")) as file:
            file.execute("UPDATE flows SET row = '{\"x\": \"\x1b[2J\"' WHERE id = 2")
        done = self.log(1)
        self.assertEqual(done.stderr, f"whytls: {self.path}, flow 2 is not JSON\n")
        self.assertEqual(done.stdout.count("GET"), 2)

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_a_recording_that_nothing_may_be_written_beside_is_read(self):
        self.recorded("1 over GET https://a.test/1 200")
        os.chmod(self.path, 0o500)
        self.addCleanup(os.chmod, self.path, 0o700)
        self.assertIn("a.test/1", self.log(0).stdout)
        self.assertEqual(sorted(os.listdir(self.path)), ["flows.sqlite", "lock"])


if __name__ == "__main__":
    main()

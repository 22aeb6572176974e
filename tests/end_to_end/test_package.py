"""What a package has beside the program, made from the option tables: man pages, completions, the configuration file."""
import glob
import os
import re
import tempfile
import unittest

from harness import main
from processes import SOURCE, WHYTLS, environment, run
from shells import REFERENCE, Zsh, offered_by_bash, offered_by_fish


def text_of(name):
    with open(os.path.join(REFERENCE, name), encoding="utf-8") as file:
        return file.read()


def help_of(*command):
    done = run(WHYTLS, *command, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


def options_in(text):
    """The long options of a help, in its order."""
    return re.findall(r"^  (?:-\w, |    )--([\w-]+)", text, re.MULTILINE)


def commands_in(text):
    """The commands of a help, in its order."""
    section = re.search(r"^Commands:\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^  (\w\S*)", section.group(1), re.MULTILINE) if section else []


def every_command(*above):
    """("proxy",), ("ca",), ("ca", "show") … and () for the program itself."""
    yield above
    for name in commands_in(help_of(*above)):
        yield from every_command(*above, name)


COMMANDS = list(every_command())


class ManPages(unittest.TestCase):
    def rendered(self, page):
        done = run("man", "--warnings", "-E", "UTF-8", "-l", page, env=environment() | {"MANWIDTH": "100", "MANROFFOPT": "", "MAN_KEEP_STDERR": "1"})
        self.assertEqual((done.returncode, done.stderr), (0, ""), page)
        return re.sub(r".\x08", "", done.stdout)

    def page_of(self, *command):
        """The rendered page that describes the command: its own, or the one of the command above it."""
        return self.rendered(os.path.join(REFERENCE, "man", "-".join(("whytls", *command[:1])) + ".1"))

    def test_there_is_a_page_for_the_program_and_for_each_command(self):
        pages = {os.path.basename(path) for path in glob.glob(os.path.join(REFERENCE, "man", "*"))}
        self.assertEqual(pages, {"-".join(("whytls", *command)) + ".1" for command in COMMANDS if len(command) < 2})
        self.assertIn("whytls-check.1", pages)

    def test_each_option_and_each_command_of_the_help_is_in_the_page(self):
        self.assertIn(("ca", "install"), COMMANDS)
        for command in COMMANDS:
            with self.subTest(command=command):
                page, told = self.page_of(*command), help_of(*command)
                self.assertIn("help", options_in(told))
                for option in options_in(told):
                    self.assertRegex(page, rf"(?m)^ +(-\w, )?--{option}([ \[]|$)")
                for name in commands_in(told):
                    self.assertRegex(page, rf"(?m)^ +({'-'.join(('whytls', *command, name))}\(1\)|{' '.join(('whytls', *command, name))} )")

    def test_a_page_says_what_the_help_says(self):
        page = " ".join(self.page_of("check").split())
        for words in ("whytls-check - connect to servers and say what is wrong with their TLS", "-t, --trust FILE PEM bundle of trust anchors",
                      "whytls check --hosts hosts.txt --expect 'name,chain,expires>30d'", "EXIT STATUS 0 every server verified, 1 one did not"):
            self.assertIn(words, page)

    def test_a_word_is_not_broken_so_that_names_can_be_copied_and_found(self):
        for command in COMMANDS:
            self.assertNotIn("\u2010", self.page_of(*command))  # the hyphen of a broken word

    def test_dashes_quotes_and_tildes_stay_what_can_be_pasted(self):
        page = self.page_of("proxy")
        for words in ("--listen", "`whytls ca show`", "~/.local/share/whytls", "'NAME: VALUE'"):
            self.assertIn(words, " ".join(page.split()))


class Configuration(unittest.TestCase):
    def keys(self):
        return re.findall(r"^#([a-z][a-z0-9-]*) = ", text_of("whytls.toml"), re.MULTILINE)

    def verdict(self, text):
        """What whytls says of that configuration; it never starts, for the command line asks for no worker."""
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            done = run(WHYTLS, "proxy", "--config", file.name, "--workers", "0")
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_it_has_each_option_of_the_proxy_that_a_file_may_have(self):
        taken = [option for option in options_in(help_of("proxy")) if "no option" not in self.verdict(f"{option} = true")]
        self.assertIn("listen", taken)
        self.assertNotIn("config", taken)
        self.assertEqual(self.keys(), taken)

    def test_all_of_it_is_a_comment(self):
        self.assertEqual([line for line in text_of("whytls.toml").splitlines() if line and not line.startswith("#")], [])
        self.assertIn("--workers takes 1 to", self.verdict(text_of("whytls.toml")))

    def test_without_its_sign_a_default_is_taken_and_each_key_is_one(self):
        lines = [line[1:] for line in text_of("whytls.toml").splitlines() if re.match(r"#[a-z][a-z0-9-]* = ", line)]
        defaults = [line for line in lines if not re.search(r'= (true|\[?"[^"]*[A-Z]{2})', line)]
        self.assertIn('listen = ["127.0.0.1:8080"]', defaults)
        self.assertIn("idle-timeout = 300", defaults)
        self.assertIn('max-header = "64K"', defaults)
        self.assertIn("--workers takes 1 to", self.verdict("\n".join(defaults)))
        for line in lines:
            with self.subTest(line=line):
                self.assertNotRegex(self.verdict(line), "no option|not TOML|no list|true or false")

    def test_it_says_who_reads_it(self):
        self.assertIn("whytls proxy --config /etc/whytls/whytls.toml", text_of("whytls.toml"))


class Service(unittest.TestCase):
    def test_the_unit_runs_a_command_line_that_whytls_takes(self):
        with open(os.path.join(SOURCE, "packaging", "whytls.service"), encoding="utf-8") as file:
            program, *arguments = re.search(r"^ExecStart=(.*)$", file.read(), re.MULTILINE).group(1).split()
        self.assertEqual((program, arguments[-1]), ("/usr/bin/whytls", "/etc/whytls/whytls.toml"))
        arguments[-1] = os.path.join(REFERENCE, "whytls.toml")
        done = run(WHYTLS, *arguments, "--workers", "0")
        self.assertIn("--workers takes 1 to", done.stderr)


class Completions:
    """What each shell must offer, by offered(line): what Tab at the end of the line may continue it with."""

    def test_commands(self):
        for words in ((), ("ca",)):
            self.assertEqual(set(self.offered(" ".join(("whytls", *words, "")))) - {"-"}, set(commands_in(help_of(*words))))

    def test_each_option_of_each_command(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                offered = self.offered(" ".join(("whytls", *command, "--")))
                self.assertEqual({word.rstrip("=").rstrip("=-") for word in offered if word.startswith("--")},
                                 {"--" + option for option in options_in(help_of(*command))})

    def test_what_begins_as_typed_and_nothing_else(self):
        self.assertEqual([word.rstrip("=") for word in self.offered("whytls proxy --idle")], ["--idle-timeout"])
        self.assertEqual(self.offered("whytls ver"), ["verify"])

    def test_values_of_a_fixed_set_in_both_forms(self):
        self.assertEqual(set(self.offered("whytls proxy --detail ")), {"full", "brief", "off"})
        self.assertEqual(self.offered("whytls proxy --revocation st"), ["staple"])
        self.assertEqual(self.offered("whytls check --starttls ld"), ["ldap"])
        self.assertEqual([word.removeprefix("--tls-min=") for word in self.offered("whytls check --tls-min=1.3")], ["1.3"])
        self.assertEqual(set(self.offered("whytls ca install --only ")), {"system", "nss", "java"})
        self.assertEqual(self.offered("whytls --ui o"), ["off"])

    def test_codes(self):
        codes = run(WHYTLS, "explain", "--list").stdout
        offered = self.offered("whytls explain hostname_mi")
        self.assertEqual(offered, ["hostname_mismatch"])
        every = self.offered("whytls explain ")
        self.assertGreater(len(every), 50)
        for code in every:
            self.assertIn(code, codes)

    def test_files_and_folders(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "inner"))
            with open(os.path.join(folder, "input.pem"), "w", encoding="utf-8"):
                pass
            for line, names in (("whytls check --trust ", {"inner", "input.pem"}), ("whytls proxy --record ", {"inner"}),
                                ("whytls verify ", {"inner", "input.pem"}), ("whytls log --har ", {"inner", "input.pem"})):
                with self.subTest(line=line):
                    offered = self.offered(f"{line}in", folder)
                    self.assertEqual({word.rstrip("/") for word in offered}, names)

    def test_a_value_is_no_command(self):
        self.assertEqual(self.offered("whytls --log ca --idl")[0].rstrip("="), "--idle-timeout")
        self.assertEqual(self.offered("whytls --log ca ver"), ["verify"])

    def test_an_optional_value_and_a_switch_take_no_word_of_the_rest(self):
        self.assertEqual(set(self.offered("whytls exec --print-env ")) & {"sh", "fish", "json"}, {"sh", "fish", "json"})
        self.assertIn("--idle-timeout", [word.rstrip("=") for word in self.offered("whytls exec --print-env json --idl")])
        self.assertEqual(self.offered("whytls --insecure ver"), ["verify"])

    def test_the_command_of_exec_is_completed_as_if_it_stood_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "whytls-a-program-of-this-test")
            with open(program, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n")
            os.chmod(program, 0o755)
            for line in ("whytls exec whytls-a-prog", "whytls exec -- whytls-a-prog", "whytls exec --resolve a:1:127.0.0.1 -- whytls-a-prog"):
                with self.subTest(line=line):
                    self.assertEqual(self.offered(line, path=folder), ["whytls-a-program-of-this-test"])
            self.assertEqual({os.path.basename(word) for word in self.offered("whytls exec -- cat whytls-a-prog", folder)},
                             {"whytls-a-program-of-this-test"})


class Bash(Completions, unittest.TestCase):
    def offered(self, line, folder=None, path=None):
        return offered_by_bash(line, folder, path)


class Fish(Completions, unittest.TestCase):
    def offered(self, line, folder=None, path=None):
        return offered_by_fish(line, folder, path)


class ZshInteractive(Completions, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.usual = Zsh()
        cls.addClassCleanup(cls.usual.stop)

    def offered(self, line, folder=None, path=None):
        if not folder and not path:
            return self.usual.offered(line)
        zsh = Zsh(folder, path)
        self.addCleanup(zsh.stop)
        return zsh.offered(line)


if __name__ == "__main__":
    main()

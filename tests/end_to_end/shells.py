"""What bash, fish and zsh offer when Tab is pressed at the end of a line, with completions made by whytls-reference."""
import os
import pty
import re
import select
import subprocess
import tempfile
import threading
import time

from processes import BUILD, PATIENCE, environment, run

REFERENCE = os.path.join(os.path.abspath(BUILD), "reference")


def with_path(path):
    """An environment in which programs are looked for in `path` too."""
    return environment() | {"HOME": "/nonexistent"} | ({"PATH": f"{path}:{os.environ['PATH']}"} if path else {})


def offered_by_bash(line, folder=None, path=None):
    # readline cuts a line at COMP_WORDBREAKS too, and those are words.
    words = re.findall(r"[=:]+|[^\s=:]+", line) + ([""] if line.endswith(" ") else [])
    script = """
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=("${@:3}") COMP_CWORD=$(($# - 3))
        [[ $(complete -p whytls) == 'complete -F _whytls whytls' ]] && _whytls whytls
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = run("bash", "--norc", "-c", script, "bash", f"{REFERENCE}/whytls.bash", line, *words, cwd=folder, env=with_path(path))
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.split()


def offered_by_fish(line, folder=None, path=None):
    done = run("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", f"{REFERENCE}/whytls.fish", line, cwd=folder, env=with_path(path))
    assert (done.returncode, done.stderr) == (0, ""), done
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


class Zsh:
    """An interactive zsh on a terminal of its own. Each match of a completion passes its compadd, which writes it into a pipe."""

    SETUP = r"""
        PROMPT=
        fpath=($REFERENCE $fpath)
        autoload -Uz compinit && compinit -u -D
        bindkey '^I' complete-word '^U' kill-whole-line
        unsetopt auto_list auto_menu list_beep
        compadd() {
            # With one of these it fills arrays and offers nothing.
            if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
            local -a hits
            builtin compadd -A hits "$@"
            (( $#hits )) && print -rl -- "offered "${^hits} >$OFFERS
            builtin compadd "$@"
        }
        finished() { print finished >$OFFERS; comppostfuncs=(finished) }
        comppostfuncs=(finished)
        zle-line-init() { print ready >$OFFERS }
        zle -N zle-line-init
    """

    def __init__(self, folder=None, path=None):
        self._own = tempfile.TemporaryDirectory()
        setup, offers = os.path.join(self._own.name, "setup"), os.path.join(self._own.name, "offers")
        with open(setup, "w", encoding="utf-8") as file:
            file.write(self.SETUP)
        os.mkfifo(offers)
        self._offers = os.open(offers, os.O_RDWR)
        self._terminal, side = pty.openpty()
        self._process = subprocess.Popen(["zsh", "-f", "-i"], stdin=side, stdout=side, stderr=side, cwd=folder, start_new_session=True,
                                         env=with_path(path) | {"REFERENCE": REFERENCE, "OFFERS": offers, "TERM": "dumb"})
        os.close(side)
        self._shown = b""
        threading.Thread(target=self._show, daemon=True).start()
        self._read = b""
        self._type(f"source {setup}\r")
        self._until("ready")

    def offered(self, line):
        self._type(line + "\t")
        offers = dict.fromkeys(self._until("finished"))  # each once, in their order
        self._type("\x15")
        return list(offers)

    def stop(self):
        self._process.kill()
        self._process.wait(PATIENCE)
        os.close(self._offers)
        self._own.cleanup()

    def _type(self, text):
        os.write(self._terminal, text.encode())

    def _show(self):
        try:
            while piece := os.read(self._terminal, 65536):
                self._shown += piece
        except OSError:  # EIO: zsh has ended
            os.close(self._terminal)

    def _until(self, last):
        """What is offered before that line."""
        offers, deadline = [], time.monotonic() + PATIENCE
        while True:
            while b"\n" in self._read:
                line, self._read = self._read.split(b"\n", 1)
                if line.decode() == last:
                    return offers
                offers.append(line.decode().removeprefix("offered "))
            if not select.select([self._offers], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"zsh is not {last}; it shows:\n{self._shown.decode(errors='replace')}")
            self._read += os.read(self._offers, 65536)

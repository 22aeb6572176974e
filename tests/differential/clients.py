"""The clients that are compared with: real programs, each asked for all servers at once where it can be. What each says of a server is "accepts", after a
whole HTTP response, or its own words."""
import contextlib
import functools
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import wget
from compiled import go_program, java_program
from processes import environment, run

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
ACCEPTS = "accepts"
AT_ONCE = 8


def lines(asked):
    return "".join(f"{one.name} {one.host} {one.server.port}\n" for one in asked)


def batch(asked, *command, **variables):
    """What a program says that reads "NAME HOST PORT" a line and answers with NAME, a tab and its words."""
    done = subprocess.run([str(part) for part in command], input=lines(asked), capture_output=True, text=True, timeout=600,
                          env=environment() | variables)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}")
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


def curl(asked, trust, patience, directory):
    """One curl for all; the URL's fragment, which is not sent, has the name. No transfer shares anything with another; of roots
    in a file each would read all."""
    roots = hashed(trust, directory)
    config = "".join(f'resolve = "{one.host}:{one.server.port}:127.0.0.1"\nurl = "https://{one.host}:{one.server.port}/#{one.name}"\n'
                     'output = "/dev/null"\n' for one in asked)
    done = subprocess.run(["curl", "--silent", "--globoff", "--parallel", "--parallel-max", str(AT_ONCE), "--noproxy", "*", "--cacert", os.path.join(roots, "0.pem"),
                           "--capath", roots, "--max-time", str(patience), "--write-out", r"%{urlnum}\t%{exitcode}\t%{errormsg}\n", "--config", "-"],
                          input=config, capture_output=True, text=True, timeout=600, env=environment())
    said = {}
    for line in done.stdout.splitlines():
        number, code, words = line.split("\t")
        said[asked[int(number)].name] = f"curl: ({code}) {words}" if int(code) else ACCEPTS
    return said


def gnutls(asked, trust, patience, directory):
    """It reads all roots before each handshake, which takes longer than that."""
    def command(one):
        return ["gnutls-cli", "--x509cafile", one.trust, "--sni-hostname", one.host, "--verify-hostname", one.host, "--port", one.server.port, "127.0.0.1"]

    return each(asked, command, patience, r"\*\*\*|- Status|Error|- Peer has closed")


def s_client(asked, trust, patience, directory):
    """With what its manual names for those who mean it: a failed verification ends it, and the name is looked at."""
    roots = hashed(trust, directory)

    def command(one):
        name = ["-verify_hostname", one.host, "-servername", one.host] if one.named else ["-verify_ip", one.host, "-noservername"]
        return ["openssl", "s_client", "-connect", f"127.0.0.1:{one.server.port}", "-CApath", roots, "-no-CAfile", "-no-CAstore", "-verify_return_error",
                *name, "-quiet"]

    return each(asked, command, patience, r"verify error|.*error:|.*errno")


@functools.lru_cache
def hashed(trust, directory):
    """The store as a directory, of which a process reads what it needs: hundreds of roots take longer than a handshake."""
    made = os.path.join(directory, "roots")
    os.mkdir(made)
    with open(trust, encoding="ascii") as file:
        for number, root in enumerate(re.findall(r"-----BEGIN.*?-----END [A-Z ]+-----\n", file.read(), re.DOTALL)):
            with open(os.path.join(made, f"{number}.pem"), "w", encoding="ascii") as out:
                out.write(root)
    done = run("openssl", "rehash", made)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return made


def each(asked, command, patience, telling):
    """What a program says that is run for each server as its users run it; `telling` are the lines that count."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip((one.name for one in asked), pool.map(lambda one: spoken(command(one), one.host, patience, telling), asked)))


def spoken(command, host, patience, telling):
    """It stays until the server closes, so it is ended once a response has begun."""
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=environment())
    late = threading.Timer(patience, process.kill)
    late.start()
    said = b""
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        process.stdin.flush()
    while not (answered := re.search(rb"^HTTP/1\.\d \d{3}", said, re.MULTILINE)) and (more := os.read(process.stdout.fileno(), 65536)):
        said += more
    process.kill()
    process.wait()
    late.cancel()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
    told = [line for line in said.decode("utf-8", "replace").splitlines() if re.match(telling, line)]
    return ACCEPTS if answered else " ".join(told) or "no answer"


def wget_gnutls(asked, trust, patience, directory):
    return {name: words or ACCEPTS for name, words in wget.asked(asked, trust, patience).items()}


def node(asked, trust, patience, directory):
    return batch(asked, "node", os.path.join(HERE, "probe.js"), trust, patience)


def java(asked, trust, patience, directory):
    hosts = os.path.join(directory, "hosts")
    with open(hosts, "w", encoding="ascii") as file:
        file.writelines(f"127.0.0.1 {one.host}\n" for one in asked)
    return batch(asked, "java", f"-Djdk.net.hosts.file={hosts}", *java_program(os.path.join(HERE, "Probe.java")), trust, patience)


def go(asked, trust, patience, directory):
    return batch(asked, go_program(os.path.join(HERE, "probe.go")), trust, patience)


def python(asked, trust, patience, directory):
    return batch(asked, sys.executable, "-B", os.path.join(HERE, "probe.py"), hashed(trust, directory), patience)


def strict_python(asked, trust, patience, directory):
    return batch(asked, strict_interpreter(), "-B", os.path.join(HERE, "probe.py"), hashed(trust, directory), patience)


@functools.lru_cache
def strict_interpreter():
    """A Python whose default context has VERIFY_X509_STRICT: 3.13 or later, of the system's or of pyenv; None when there is none."""
    asks = "import ssl, sys; print(sys.executable if ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT else '')"
    for program in ("python3", "python3.14", "python3.13", *sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[3-9]*/bin/python3")))):
        if shutil.which(program) and (found := run(program, "-c", asks).stdout.strip()):
            return found
    return None


# Name, as reports have it where they do; the program that must be there; how it is asked.
CLIENTS = {"curl (OpenSSL)": ("curl", curl), "openssl s_client": ("openssl", s_client), "GnuTLS": ("gnutls-cli", gnutls), "wget": ("wget", wget_gnutls),
           "Node, Postman": ("node", node), "Java": ("java", java), "Go": ("go", go), "Python (ssl)": (sys.executable, python),
           "Python 3.13 and later": ("", strict_python)}


def present():
    found = [name for name, (program, _) in CLIENTS.items() if shutil.which(program or strict_interpreter() or "")]
    return [name for name in found if name != "Python (ssl)" or strict_interpreter() != sys.executable]


def ask(asked, trust, patience, directory):
    """{client: {name of the server: what it says}}"""
    hashed(trust, directory)
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        said = {name: pool.submit(CLIENTS[name][1], asked, trust, patience, directory) for name in present()}
        return {name: answers.result() for name, answers in said.items()}

"""The clients that are compared with: real programs, each asked for all servers at once where it can be. What each says of a server is "accepts", after a
whole HTTP response, or its own words."""
import functools
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from processes import BUILD, environment, run

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
ACCEPTS = "accepts"
AT_ONCE = 8


def lines(asked):
    return "".join(f"{one.name} {one.host} {one.server.port}\n" for one in asked)


def batch(asked, *command, **variables):
    """What a program says that reads "NAME HOST PORT" a line and answers with NAME, a tab and its words."""
    done = subprocess.run([str(part) for part in command], input=lines(asked), capture_output=True, text=True, timeout=300,
                          env=environment() | variables)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}")
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


def curl(asked, trust, patience, directory):
    """One curl for all; the URL's fragment, which is not sent, has the name. No transfer shares anything with another."""
    config = "".join(f'resolve = "{one.host}:{one.server.port}:127.0.0.1"\nurl = "https://{one.host}:{one.server.port}/#{one.name}"\n'
                     'output = "/dev/null"\n' for one in asked)
    done = subprocess.run(["curl", "--silent", "--globoff", "--parallel", "--parallel-max", str(AT_ONCE), "--noproxy", "*", "--cacert", trust, "--max-time",
                           str(patience), "--write-out", r"%{urlnum}\t%{exitcode}\t%{errormsg}\n", "--config", "-"],
                          input=config, capture_output=True, text=True, timeout=300, env=environment())
    said = {}
    for line in done.stdout.splitlines():
        number, code, words = line.split("\t")
        said[asked[int(number)].name] = f"curl: ({code}) {words}" if int(code) else ACCEPTS
    return said


def gnutls(asked, trust, patience, directory):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip((one.name for one in asked), pool.map(lambda one: gnutls_cli(one, trust, patience), asked)))


def gnutls_cli(one, trust, patience):
    """gnutls-cli as its users run it; it stays until the server closes, so it is ended once a response has begun."""
    process = subprocess.Popen(["gnutls-cli", "--x509cafile", trust, "--sni-hostname", one.host, "--verify-hostname", one.host, "--port",
                                str(one.server.port), "127.0.0.1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=environment())
    late = threading.Timer(patience, process.kill)
    late.start()
    said = b""
    try:
        process.stdin.write(f"GET / HTTP/1.1\r\nHost: {one.host}\r\nConnection: close\r\n\r\n".encode())
        process.stdin.flush()
    except BrokenPipeError:
        pass
    while not (answered := re.search(rb"^HTTP/1\.\d \d{3}", said, re.MULTILINE)) and (more := os.read(process.stdout.fileno(), 65536)):
        said += more
    process.kill()
    process.wait()
    late.cancel()
    for pipe in (process.stdin, process.stdout):
        try:
            pipe.close()
        except BrokenPipeError:
            pass
    told = [line for line in said.decode("utf-8", "replace").splitlines() if re.match(r"\*\*\*|- Status|Error|- Peer has closed", line)]
    return ACCEPTS if answered else " ".join(told) or "no answer"


def node(asked, trust, patience, directory):
    return batch(asked, "node", os.path.join(HERE, "probe.js"), trust, patience)


def java(asked, trust, patience, directory):
    hosts = os.path.join(directory, "hosts")
    with open(hosts, "w", encoding="ascii") as file:
        file.writelines(f"127.0.0.1 {one.host}\n" for one in asked)
    return batch(asked, "java", f"-Djdk.net.hosts.file={hosts}", "-XX:TieredStopAtLevel=1", os.path.join(HERE, "Probe.java"), trust, patience)


def go(asked, trust, patience, directory):
    return batch(asked, go_program("probe", os.path.join(HERE, "probe.go")), trust, patience)


def python(asked, trust, patience, directory):
    return batch(asked, sys.executable, "-B", os.path.join(HERE, "probe.py"), trust, patience)


def strict_python(asked, trust, patience, directory):
    return batch(asked, strict_interpreter(), "-B", os.path.join(HERE, "probe.py"), trust, patience)


@functools.lru_cache
def strict_interpreter():
    """A Python whose default context has VERIFY_X509_STRICT: 3.13 or later, of the system's or of pyenv; None when there is none."""
    asks = "import ssl, sys; print(sys.executable if ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT else '')"
    for program in ("python3", "python3.14", "python3.13", *sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[3-9]*/bin/python3")))):
        if shutil.which(program) and (found := run(program, "-c", asks).stdout.strip()):
            return found
    return None


@functools.lru_cache
def go_program(name, source):
    """Compiled once a build tree and source."""
    made = os.path.join(os.path.abspath(BUILD), "differential")
    program = os.path.join(made, name)
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        os.makedirs(made, exist_ok=True)
        done = run("go", "build", "-o", program, source, timeout=300, env=environment() | {
            "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": os.path.join(made, "go-cache"), "GOPATH": os.path.join(made, "go"), "CGO_ENABLED": "0"})
        if done.returncode != 0:
            raise AssertionError(done.stderr)
    return program


# Name, as reports have it where they do; the program that must be there; how it is asked.
CLIENTS = {"curl (OpenSSL)": ("curl", curl), "GnuTLS": ("gnutls-cli", gnutls), "Node, Postman": ("node", node), "Java": ("java", java), "Go": ("go", go),
           "Python (ssl)": (sys.executable, python), "Python 3.13 and later": ("", strict_python)}


def present():
    found = [name for name, (program, _) in CLIENTS.items() if shutil.which(program or strict_interpreter() or "")]
    return [name for name in found if name != "Python (ssl)" or strict_interpreter() != sys.executable]


def ask(asked, trust, patience, directory):
    """{client: {name of the server: what it says}}"""
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        said = {name: pool.submit(CLIENTS[name][1], asked, trust, patience, directory) for name in present()}
        return {name: answers.result() for name, answers in said.items()}

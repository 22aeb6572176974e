"""Clients and servers in Go and Java, compiled once a build tree: what all of them import takes a compiler seconds."""
import functools
import os

from processes import BUILD, JVM_OPTIONS, environment, run

MADE = os.path.join(os.path.abspath(BUILD), "tests", "compiled")


def up_to_date(program, source, *command, **variables):
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        os.makedirs(MADE, exist_ok=True)
        done = run(*command, source, timeout=600, env=environment() | variables)
        if done.returncode != 0:
            raise AssertionError(done.stderr)


@functools.lru_cache
def go_program(source):
    """The path of what that file is compiled to: a static program."""
    program = os.path.join(MADE, os.path.basename(source).removesuffix(".go"))
    up_to_date(program, source, "go", "build", "-o", program, GO111MODULE="off", GOFLAGS="", GOCACHE=os.path.join(MADE, "go-cache"),
               GOPATH=os.path.join(MADE, "go"), CGO_ENABLED="0")
    return program


@functools.lru_cache
def java_program(source):
    """java's arguments that run the class of that file. The compiler is a part of the `java` that runs a source by itself, too."""
    name = os.path.basename(source).removesuffix(".java")
    up_to_date(os.path.join(MADE, name + ".class"), source, "java", *JVM_OPTIONS, "-m", "jdk.compiler/com.sun.tools.javac.Main", "-d", MADE)
    return *JVM_OPTIONS, "-cp", MADE, name

"""Instructions that the proxy executes for an exchange, counted by valgrind's callgrind in build/bench-instructions. What is counted is the
proxy's own code and that of the libraries that it calls without regard to the processor: HTTP's, fmt, C++'s. wolfSSL, libc and libuv are
left out, for they choose their code by what the processor has, and draw random numbers. So the same code gives the same count everywhere,
but for 1 % that WHYTLS_UNITY=ON has less: the baseline is with it, as .ci/run builds.

    ./dev bench instructions            what it is, beside tests/bench/baseline.json
    ./dev bench instructions --check    fails when one has grown by more than 5 %
    ./dev bench instructions --write    makes what was counted the baseline"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import callgrind

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..")
BUILD = os.environ.get("WHYTLS_BUILD", os.path.join(SOURCE, "build"))
MOST_GROWTH = 0.05
LIBRARIES = re.compile(r"lib(nghttp2|fmt|stdc\+\+)\.so")


def functions_of_wolfssl():
    """Of the archive that is linked into our programs; none where an installed library is used."""
    archive = os.path.join(SOURCE, "build", "wolfssl", "lib", "libwolfssl.a")
    if not os.path.exists(archive):
        return set()
    listed = subprocess.run(["nm", "--defined-only", "--format=posix", archive], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in listed.splitlines() if " " in line}


def count():
    """{scenario: instructions of one exchange}, in the round with the fewest: what a round has more than that comes from outside."""
    program = os.path.join(BUILD, "bench-instructions")
    with tempfile.TemporaryDirectory(prefix="whytls-") as directory:
        out = os.path.join(directory, "out")
        run = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={out}", program],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            sys.exit(f"instructions: {program} ended with {run.returncode}:\n{run.stderr}")
        parts = []
        for path in glob.glob(out + ".*"):
            with open(path, encoding="utf-8") as file:
                parts.append(file.read())
    exchanges = {name: int(number) for name, number in (line.split() for line in run.stdout.splitlines())}
    wolfssl = functions_of_wolfssl()
    rounds = {name: [] for name in exchanges}
    for part in parts:
        name = callgrind.scenario_of(part)
        if name not in exchanges:
            continue
        ours = sum(spent for (library, function), spent in callgrind.instructions(part).items()
                   if LIBRARIES.search(library) or (os.path.basename(library) == "bench-instructions" and function.split("'")[0] not in wolfssl))
        rounds[name].append(round(ours / exchanges[name]))
    return {name: min(counts) for name, counts in rounds.items()}


def compared(baseline, counted):
    """A line for each scenario, and what is wrong."""
    lines, wrong = [], []
    for name in [*baseline, *(name for name in counted if name not in baseline)]:
        before, now = baseline.get(name), counted.get(name)
        if before is None or now is None:
            wrong.append(f"{name}: {'counted, and not in the baseline' if now else 'in the baseline, and not counted'}")
            continue
        growth = now / before - 1
        lines.append(f"{name:18} {now:10,} {before:10,} {growth:+8.2%}")
        if growth > MOST_GROWTH:
            wrong.append(f"{name}: {now:,} instructions, {growth:.1%} more than the baseline's {before:,}; {MOST_GROWTH:.0%} is the most")
        elif growth < -MOST_GROWTH:
            lines[-1] += "   the baseline can be lowered"
    return lines, wrong


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    options = argparse.ArgumentParser(prog="./dev bench instructions", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = options.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true")
    what.add_argument("--write", action="store_true")
    options.add_argument("--baseline", metavar="FILE", default=os.path.join(HERE, "baseline.json"))
    options.add_argument("--counted", metavar="FILE", help="what was counted before, in place of counting")
    given = options.parse_args()
    counted = read(given.counted) if given.counted else count()
    if given.write:
        with open(given.baseline, "w", encoding="utf-8") as file:
            file.write(json.dumps(counted, indent=2) + "\n")
    lines, wrong = compared(read(given.baseline), counted)
    print(f"{'instructions':18} {'an exchange':>10} {'baseline':>10} {'growth':>8}", *lines, *wrong, sep="\n")
    if wrong and given.check:
        print("Where that is the price of something wanted, `./dev bench instructions --write` makes it the baseline; commit it with the change.")
        sys.exit(1)


if __name__ == "__main__":
    main()

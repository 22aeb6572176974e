"""What the rooms do, each alone: processor microseconds for one call, by build/bench-rooms (tests/bench/rooms).

    ./dev bench rooms [NAME]    those whose names match"""
import collections
import json
import os
import subprocess
import sys

import table

BUILD = os.environ.get("WHYTLS_BUILD", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build"))


def main():
    # In turns, so that other load on the machine meets all of them.
    run = subprocess.run([os.path.join(BUILD, "bench-rooms"), "--benchmark_format=json", "--benchmark_repetitions=5", "--benchmark_min_time=0.2",
                          "--benchmark_enable_random_interleaving=true", f"--benchmark_filter={sys.argv[1] if len(sys.argv) > 1 else '.'}"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode != 0 or not run.stdout:
        sys.exit(f"bench-rooms ended with {run.returncode}:\n{run.stderr}")
    measured = collections.defaultdict(list)
    for each in sorted(json.loads(run.stdout)["benchmarks"], key=lambda each: (each["family_index"], each["per_family_instance_index"])):
        if each.get("error_occurred"):
            sys.exit(f"bench-rooms: {each['name']}: {each['error_message']}")
        if each["run_type"] == "iteration":
            measured[each["run_name"]].append(each["cpu_time"] / 1000)
    table.heading()
    for name, microseconds in measured.items():
        table.show(f"{name.replace('_', ' ').replace('/', ', ')}, µs", microseconds, 1)


if __name__ == "__main__":
    main()

"""How benchmarks print a figure that was measured several times."""
import statistics


def heading():
    print(f"{'':64} {'median':>9}   lowest to highest")


def show(what, figures, digits=0):
    print(f"{what:64} {statistics.median(figures):9,.{digits}f}   {min(figures):,.{digits}f} to {max(figures):,.{digits}f}", flush=True)

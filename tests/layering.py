"""A file includes only its own folder and the folders to its left: certs <- tls <- inspect <- proxy;
and each C library has one home."""
import pathlib
import re
import sys

ROOMS = ["certs", "tls", "inspect", "proxy"]
HOMES = {
    r"wolfssl/(?!wolfcrypt)": {"tls"},
    r"wolfssl/wolfcrypt": {"certs"},
    r"idn2": {"certs"},
    r"llhttp": {"inspect/http"},
    r"nghttp2": {"inspect/http"},
    r"uv\.h": {"proxy/io"},
}

root = pathlib.Path(sys.argv[1])
wrong = []
for room in ROOMS:
    for path in sorted((root / room).rglob("*.[ch]*")):
        relative = path.relative_to(root)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if not include:
                continue
            target = include.group(1)
            other = target.split("/")[0]
            if other in ROOMS and ROOMS.index(other) > ROOMS.index(room):
                wrong.append(f"{relative}:{number}: {room} must not know {other}")
            for library, homes in HOMES.items():
                if re.match(library, target):
                    at_home = any(str(relative).startswith(home + "/") for home in homes)
                    settings = target.endswith(("options.h", "settings.h"))
                    if not at_home and not (settings and room in ("certs", "tls")):
                        wrong.append(f"{relative}:{number}: {target} belongs to {', '.join(sorted(homes))}")
                    if relative.suffix == ".h" and room != "proxy":
                        wrong.append(f"{relative}:{number}: a header shows {target}")
print("\n".join(wrong) or "layering: every include points to the left")
sys.exit(bool(wrong))

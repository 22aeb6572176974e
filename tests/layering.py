"""A file includes only its own room and the rooms before it: the folders certs <- tls <- inspect <- proxy, inside the last two the
rooms of docs/design.md; and each C library has one home."""
import pathlib
import re
import sys
import tempfile

# Each may include those before it. A folder that is not named belongs to the room that it lies in.
ROOMS = """
    certs tls
    inspect/http inspect/http/http1 inspect/http/http2 inspect/content inspect/gateway inspect/before_tls
    inspect/diagnosis inspect/diagnosis/known inspect/diagnosis/explain inspect/scan
    inspect/flow inspect/report/print inspect/report/page inspect/report inspect/otlp
    proxy/io proxy/settings proxy/log proxy/flows proxy/stream proxy/upstream proxy/otlp proxy/http proxy/services proxy/live proxy/client proxy/ca proxy/serve proxy/command proxy
""".split()
HOMES = {
    r"wolfssl/(?!wolfcrypt)": "tls",
    r"wolfssl/wolfcrypt": "certs",
    r"idn2": "certs",
    r"llhttp": "inspect/http/http1",
    r"nghttp2": "inspect/http/http2",
    r"zlib\.h|brotli/|zstd": "inspect/content",
    r"nlohmann": "inspect/report",
    r"qrencode": "inspect/report/page",
    r"uv\.h": "proxy/io",
    r"sqlite3": "proxy/flows",
    r"CLI/": "proxy/command",
    r"toml\+\+": "proxy/command",
}
SETTINGS_OF_WOLFSSL = ("options.h", "settings.h")  # which each file needs that includes one of its headers
MOST_FILES = 30


def room_of(path):
    """The room of a file or an include; None for what is not ours."""
    return next((str(folder) for folder in path.parents if str(folder) in ROOMS), None)


def sources(root):
    return sorted(path for top in ("certs", "tls", "inspect", "proxy") for path in (root / top).rglob("*.[ch]*"))


def about_include(path, target):
    """What is wrong with this include of that file."""
    room, other = room_of(path), room_of(pathlib.PurePath(target))
    if other and ROOMS.index(other) > ROOMS.index(room):
        yield f"{room} must not know {other}"
    for library, home in HOMES.items():
        if not re.match(library, target):
            continue
        at_home = path.is_relative_to(home) or (target.endswith(SETTINGS_OF_WOLFSSL) and room in ("certs", "tls"))
        if not at_home:
            yield f"{target} belongs to {home}"
        if path.suffix == ".h" and not path.is_relative_to("proxy") and library != "nlohmann":
            yield f"a header shows {target}"


def wrong_in(root):
    for path in sources(root):
        relative = path.relative_to(root)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if include := re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line):
                yield from (f"{relative}:{number}: {what}" for what in about_include(relative, include.group(1)))
    for room in sorted({path.parent for path in sources(root) if path.is_relative_to(root / "inspect") or path.is_relative_to(root / "proxy")}):
        if (files := sum(1 for path in room.glob("*.[ch]*"))) > MOST_FILES:
            yield f"{room.relative_to(root)}: {files} files, and a room has at most {MOST_FILES}"


def check_the_checker():
    """An include against the order is found, in folders and in rooms, and one along it is not."""
    for file, target, found in (("tls/planted.h", "proxy/io/socket.h", True), ("proxy/io/planted.h", "proxy/http/exchange.h", True),
                                ("inspect/diagnosis/planted.cpp", "inspect/diagnosis/explain/parts.h", True), ("proxy/http/planted.cpp", "uv.h", True),
                                ("proxy/http/planted.h", "proxy/io/socket.h", False), ("proxy/command/ca/planted.h", "proxy/command/options.h", False)):
        with tempfile.TemporaryDirectory() as folder:
            planted = pathlib.Path(folder) / file
            planted.parent.mkdir(parents=True)
            planted.write_text(f'#include "{target}"\n')
            assert bool(list(wrong_in(pathlib.Path(folder)))) == found, (file, target)


check_the_checker()
wrong = list(wrong_in(pathlib.Path(sys.argv[1])))
print("\n".join(wrong) or "layering: every include points to the left")
sys.exit(bool(wrong))

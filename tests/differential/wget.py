"""wget, which is told in no other way where a host is than by a proxy: one that leads every tunnel to 127.0.0.1."""
import re
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

from odd_http import pass_on
from processes import environment

import servers

PROCESSES = 4


def tunnel(connection, patience):
    head = servers.Requests(connection).head()
    try:
        behind = socket.create_connection(("127.0.0.1", int(head.split()[1].rpartition(b":")[2])), patience)
    except OSError:
        connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return
    with behind:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        back = threading.Thread(target=pass_on, args=(behind, connection), daemon=True)
        back.start()
        pass_on(connection, behind)
        back.join()


def asked(rows, trust, patience):
    """{name of the server: its words, or "" after a whole response}. A few processes with many URLs each: what takes time is to read the store."""
    tunnels = servers.Server(lambda connection: tunnel(connection, patience))
    try:
        with ThreadPoolExecutor(PROCESSES) as pool:
            heard = pool.map(lambda some: of_one_process(some, tunnels.port, trust, patience), [rows[at::PROCESSES] for at in range(PROCESSES)])
            return {name: words for said in heard for name, words in said.items()}
    finally:
        tunnels.stop()


def of_one_process(rows, proxy, trust, patience):
    urls = [f"https://{row.host}:{row.server.port}/" for row in rows]
    command = ["wget", "--no-config", "--no-hsts", "--tries=1", f"--timeout={patience}", "--max-redirect=0", "--output-document=/dev/null",
               f"--ca-certificate={trust}", "--execute", f"https_proxy=http://127.0.0.1:{proxy}", *urls]
    log = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600, env=environment()).stderr if rows else ""
    # Each URL begins with a line of its own: "--2026-01-31 12:00:00--  https://…".
    parts = re.split(r"^--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  .*\n", log, flags=re.MULTILINE)[1:]
    if len(parts) != len(rows):
        raise AssertionError(f"wget spoke of {len(parts)} of {len(rows)} servers:\n{log}")
    return {row.name: words_of(part) for row, part in zip(rows, parts)}


def words_of(part):
    """What it takes for HTTP/0.9 is no response, and one that is cut off is none."""
    answered = re.search(r"^Proxy request sent, awaiting response\.\.\. \d{3}", part, re.MULTILINE)
    if answered and not re.search(r"HTTP/0\.9|(Read error|Connection closed) at byte", part):
        return ""
    told = [line for line in part.splitlines() if line and not re.match(r"Connecting to|Proxy request sent|Loaded CA|Length:|Saving to|\s", line)]
    return " ".join(told) or "no answer"

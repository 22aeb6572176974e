"""probe.py ROOTS SECONDS: reads "NAME HOST PORT" a line and fetches https://HOST:PORT/ of each from 127.0.0.1 with the ssl module's default context,
trusting a directory of roots (`openssl rehash`); writes NAME, a tab and the error's text, or "accepts". For any Python 3."""
import http.client
import socket
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor


def ask(line):
    name, host, port = line.split()
    # One for each: what a server does to a context's tickets is none of the next one's business.
    connection = http.client.HTTPSConnection(host, int(port), timeout=PATIENCE, context=ssl.create_default_context(capath=ROOTS))
    connection._create_connection = lambda _address, *rest, **more: socket.create_connection(("127.0.0.1", int(port)), *rest, **more)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
        return f"{name}\taccepts"
    except (OSError, http.client.HTTPException) as error:
        return f"{name}\t{' '.join(str(error).split()) or type(error).__name__}"
    finally:
        connection.close()


ROOTS, PATIENCE = sys.argv[1], int(sys.argv[2])
with ThreadPoolExecutor(8) as pool:
    for answer in pool.map(ask, sys.stdin.read().splitlines()):
        print(answer)

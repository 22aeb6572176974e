"""Two hundred connections at once between peers that all misbehave: the proxy outlives them, keeps nothing of them, and tells of each request.
WHYTLS_CHAOS is how many seconds that lasts (10), WHYTLS_CHAOS_SEED what is drawn from (1)."""
import asyncio
import collections
import contextlib
import logging
import os
import ssl
import time

import chaos
from harness import PATIENCE, SANITIZED, Case, main

SECONDS = float(os.environ.get("WHYTLS_CHAOS", "10"))
SEED = os.environ.get("WHYTLS_CHAOS_SEED", "1")
AT_ONCE = 200
ENOUGH = AT_ONCE // 4  # requests that reach a server
MOST_MEMORY = (1500 if SANITIZED else 250) << 20  # bytes; a sanitizer keeps freed memory for a while


def descriptors(proxy):
    return len(os.listdir(f"/proc/{proxy.process.pid}/fd"))


class Chaos(Case):
    def setUp(self):
        super().setUp()
        logging.disable()  # asyncio's complaints about connections that break
        self.addCleanup(logging.disable, logging.NOTSET)
        good, bad = self.context("good.test"), self.context("other.test")
        self.upstreams = {"good.test:443": chaos.Server(f"{SEED} good", good), "bad.test:443": chaos.Server(f"{SEED} bad", bad),
                          "plain.test:80": chaos.Server(f"{SEED} plain")}
        self.innocent = self.tls_server(self.pki.leaf("innocent.test"))

    def context(self, name):
        identity = self.pki.leaf(name)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(identity.chain, identity.key)
        return made

    def start_proxy(self):
        proxy = self.proxy("--reverse", "https://good.test", "--listen", "127.0.0.1:0", "--handshake-timeout", "2", "--connect-timeout", "2",
                           "--response-timeout", "2", hosts=self.upstreams | {"innocent.test:443": self.innocent})
        self.reverse = proxy.port
        proxy.port = int(proxy.stderr.wait_for(rf"^listening on 127\.0\.0\.1:(?!{proxy.port}\b)(\d+)")[1])
        return proxy

    def serve_the_innocent(self, proxy):
        client = self.tls_client(proxy, "innocent.test")
        self.assertEqual(client.get("/innocent").body, b"hello")
        client.close()

    async def rage(self, proxy):
        """The clients, when the time is up and all peers are gone."""
        clients = chaos.Clients(SEED, (proxy.port, self.reverse), proxy.ca_file, AT_ONCE)
        raging = asyncio.create_task(clients.run())
        await asyncio.wait([raging], timeout=SECONDS)
        # Among other tests that takes longer to be a crowd.
        patience = time.monotonic() + PATIENCE
        while len(self.seen()) <= ENOUGH and time.monotonic() < patience and not raging.done():
            await asyncio.sleep(0.1)
        raging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await raging
        for upstream in self.upstreams.values():
            await upstream.stop()
        return clients

    def seen(self):
        """The requests that reached a server."""
        return set().union(*(upstream.seen for upstream in self.upstreams.values()))

    async def story(self):
        for upstream in self.upstreams.values():
            await upstream.start()
        proxy = await asyncio.to_thread(self.start_proxy)
        before = descriptors(proxy)
        clients = await self.rage(proxy)
        return proxy, before, clients

    def left(self, proxy, before):
        """How many descriptors more the proxy has than before, when it has let go of them or should have."""
        deadline = time.monotonic() + PATIENCE
        while descriptors(proxy) > before and time.monotonic() < deadline:
            time.sleep(0.05)
        return descriptors(proxy) - before

    def test_misbehaving_peers_leave_nothing_behind_and_each_request_is_told_once(self):
        proxy, before, clients = asyncio.run(self.story())
        self.assertTrue(proxy.process.running, proxy.stderr.text[-2000:])
        self.assertEqual(clients.stuck, [])
        self.assertEqual(self.left(proxy, before), 0)
        self.serve_the_innocent(proxy)
        self.assertLess(proxy.peak_memory(), MOST_MEMORY)
        peak = proxy.peak_memory() >> 20
        proxy.stop()

        told = collections.Counter(line["url"].rsplit("/", 1)[-1] for line in proxy.log() if line["event"] == "request")
        seen = self.seen()
        numbered = {path: count for path, count in told.items() if path[:1].isdigit()}
        print(f"seed {SEED}: {clients.begun} connections in {SECONDS:.0f} s, {len(seen)} requests reached a server, {len(clients.answered)} were "
              f"answered, {len(numbered)} told, {peak} MB at most")
        self.assertGreater(len(seen), ENOUGH)
        self.assertEqual({path: count for path, count in numbered.items() if count > 1}, {})
        self.assertEqual(seen - told.keys(), set(), "reached a server, and the log does not know")
        self.assertEqual(clients.answered - told.keys(), set(), "were answered, and the log does not know")


if __name__ == "__main__":
    main()

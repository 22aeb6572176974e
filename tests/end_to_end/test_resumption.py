"""TLS sessions with servers are resumed, where the verdict on the server is still the same; a server that cannot is none that fails."""
import json
import os
import signal
import socket
import ssl

import servers
from harness import Case, main


def telling(connection):
    """Answers each request with whether its connection's session was resumed."""
    said = b"resumed" if connection.session_reused else b"whole"
    servers.answering(servers.ok(said))(connection)


def offers_a_session(hello):
    """Whether the ClientHello in this record has a pre_shared_key, which is its last extension (RFC 8446 §4.2.11)."""
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at:at + 2])
    at += 1 + hello[at] + 2
    while at < len(hello):
        kind = int.from_bytes(hello[at:at + 2])
        at += 4 + int.from_bytes(hello[at + 2:at + 4])
    return kind == 41


class Resumption(Case):
    def setUp(self):
        super().setUp()
        self.good = self.pki.leaf("good.test")

    def proxy(self, *options, **named):
        return super().proxy("--workers", "1", *options, **named)  # each worker has a memory of its own

    def ask(self, proxy, host="good.test", **fields):
        """What a new connection of a client is told."""
        client = self.tls_client(proxy, host)
        response = client.get("/", host, **fields)
        client.close()
        return response

    def said(self, proxy, host="good.test"):
        response = self.ask(proxy, host)
        self.assertEqual(response.status, 200, response.text)
        return response.text

    def test_the_second_connection_to_a_server_resumes_the_first_ones_session(self):
        server = self.tls_server(self.good, telling)
        proxy = self.proxy(hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy) for _ in range(4)], ["whole", "resumed", "resumed", "resumed"])

    def test_resumption_off_resumes_nothing(self):
        server = self.tls_server(self.good, telling)
        proxy = self.proxy("--resumption", "off", hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy) for _ in range(3)], ["whole"] * 3)

    def test_a_resumed_connection_is_reported_with_the_certificate_that_was_seen_and_revocation_is_asked_about_again(self):
        site = self.pki.leaf("good.test", crl=["http://ca.test/list.crl"], more=[{"name": "list", "crl_of": "intermediate", "revoked": []}])
        ca = self.started(servers.Site({"/list.crl": site.file("list.crl")}))
        proxy = self.proxy("--revocation", "soft", hosts={"good.test:443": self.tls_server(site, telling), "ca.test:80": ca})
        self.assertEqual([self.said(proxy), self.said(proxy)], ["whole", "resumed"])
        proxy.stop()
        whole, resumed = [line for line in proxy.log() if line["event"] == "upstream_handshake"]
        self.assertEqual((whole["tls"].get("resumed"), resumed["tls"].pop("resumed", None)), (None, True))
        for volatile in ("id", "time", "timing_ms", "verified_at"):
            for line in (whole, resumed):
                line.pop(volatile, None)
        self.assertIn(", resumed, ", next(step for step in resumed["steps"] if step["step"] == "handshake")["summary"])
        steps = [[step for step in line.pop("steps") if "certificates" in step] for line in (whole, resumed)]
        self.assertEqual(steps[0], steps[1])
        self.assertIn("list.crl", json.dumps(steps[1]))
        self.assertEqual(whole, resumed)

    def test_that_a_server_asked_for_a_client_certificate_is_told_of_the_connections_that_resume_too(self):
        def configure(context):
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(self.pki.trust)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.good, telling, configure)})
        self.assertEqual([self.said(proxy), self.said(proxy)], ["whole", "resumed"])
        proxy.stop()
        self.assertEqual([line["tls"].get("client_certificate_requested") for line in proxy.log() if line["event"] == "upstream_handshake"],
                         [True, True])

    def test_two_names_of_one_server_share_no_session(self):
        both = self.pki.leaf("good.test", "also.test")
        server = self.tls_server(both, telling)
        proxy = self.proxy(hosts={"good.test:443": server, "also.test:443": server})
        self.assertEqual([self.said(proxy, host) for host in ("good.test", "also.test", "good.test", "also.test")],
                         ["whole", "whole", "resumed", "resumed"])

    def test_ways_in_share_no_session(self):
        server = self.tls_server(self.good, telling)
        proxy = self.proxy(hosts={"good.test:443": server})
        gateway = lambda: self.client(proxy).get("/https://good.test/", f"127.0.0.1:{proxy.port}").text
        self.assertEqual([self.said(proxy), gateway(), self.said(proxy), gateway()], ["whole", "whole", "resumed", "resumed"])

    def test_a_server_whose_anchor_is_gone_is_refused_not_resumed(self):
        self.assert_refused_once_its_anchor_is_gone()

    def test_a_server_whose_anchor_is_gone_is_refused_where_nothing_is_resumed(self):
        """Its chain was found good a moment ago."""
        self.assert_refused_once_its_anchor_is_gone("--resumption", "off")

    def assert_refused_once_its_anchor_is_gone(self, *options):
        trust, other = os.path.join(self.directory, "trust.pem"), self.pki.leaf("other.test")
        def trusting(identity):
            with open(trust, "wb") as file:
                file.write(identity.file("root.pem"))
        trusting(self.good)
        server = self.tls_server(self.good, telling)
        proxy = self.proxy(*options, hosts={"good.test:443": server}, trust=trust)
        self.assertEqual([self.said(proxy), self.said(proxy)], ["whole", "whole" if options else "resumed"])
        trusting(other)
        proxy.process.send(signal.SIGHUP)
        proxy.stderr.wait_for(r"SIGHUP: ")
        response = self.ask(proxy, Accept="application/json")
        self.assertEqual((response.status, response.json["code"]), (502, "unknown_issuer"))
        trusting(self.good)

    def test_where_a_client_certificate_is_set_nothing_is_resumed(self):
        own = self.pki.leaf("me.test", extended_key_usage=["1.3.6.1.5.5.7.3.2"])
        server = self.tls_server(self.good, telling)
        proxy = self.proxy("--client-cert", own.chain, "--client-key", own.key, hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy) for _ in range(3)], ["whole"] * 3)

    def test_what_insecure_let_through_is_judged_each_time(self):
        server = self.tls_server(self.pki.leaf("other.test"), telling)
        proxy = self.proxy("--insecure=good.test", hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy) for _ in range(3)], ["whole"] * 3)

    def test_a_server_with_other_keys_for_its_tickets_shows_its_certificate_again(self):
        # As two processes behind one address: each connection meets another context.
        contexts = [servers.tls_context(self.good) for _ in range(2)]
        server = self.tls_server(self.good, telling)
        met = iter([contexts[0], contexts[1], contexts[1]])
        serve = server._serve_connection
        def serve_next(connection):
            server._context = next(met)
            serve(connection)
        server._serve_connection = serve_next
        proxy = self.proxy(hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy) for _ in range(3)], ["whole", "whole", "resumed"])

    def test_a_server_that_fails_when_asked_to_resume_is_asked_without(self):
        tls = servers.tls_context(self.good)

        def handler(connection):
            if offers_a_session(connection.recv(16384, socket.MSG_PEEK)):
                connection.sendall(servers.alert(40))
                return
            with tls.wrap_socket(connection, server_side=True) as secure:
                telling(secure)

        server = self.server(handler)
        proxy = self.proxy(hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy), self.said(proxy)], ["whole", "whole"])
        self.assertEqual(server.connections, 3)
        proxy.stop()
        self.assertEqual([line["verdict"] for line in proxy.log() if line["event"] == "upstream_handshake"], ["ok", "ok"])

    def test_a_server_that_ends_a_resumed_connection_without_a_word_is_asked_again(self):
        def handler(connection):
            if connection.session_reused:
                connection.recv(65536)
                return
            telling(connection)

        server = self.tls_server(self.good, handler)
        proxy = self.proxy(hosts={"good.test:443": server})
        self.assertEqual([self.said(proxy), self.said(proxy)], ["whole", "whole"])
        self.assertEqual(server.connections, 3)

    def test_that_a_session_was_resumed_is_told_of_a_request_that_may_not_be_sent_twice(self):
        def handler(connection):
            if connection.session_reused:
                connection.recv(65536)
                return
            telling(connection)

        proxy = self.proxy(hosts={"good.test:443": self.tls_server(self.good, handler)})
        self.assertEqual(self.said(proxy), "whole")
        client = self.tls_client(proxy, "good.test")
        report = client.request("POST / HTTP/1.1\nHost: good.test\nAccept: application/json\nContent-Length: 1", b"x").json
        client.close()
        self.assertEqual(report["code"], "upstream_closed")
        self.assertIn("had resumed the TLS session of an earlier one", report["detail"])
        self.assertTrue(report["problems"][0]["fixes"][0]["command"].endswith(" --resumption off"), report)
        self.assertEqual(self.said(proxy), "whole", "this worker resumes no session there again")


if __name__ == "__main__":
    main()

"""Versions, suites, groups, signature schemes, tickets, staples, records: what a handshake may be made of."""
import os

from odd_keys import Openssl, ec, openssl

import servers

RSA = {"intermediate": {"key": "rsa2048"}, "key": "rsa2048"}
# Of TLS 1.2, by OpenSSL's names, whose key is RSA and ECDSA.
FOR_RSA = ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-SHA256",
           "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384",
           "DHE-RSA-CHACHA20-POLY1305", "DHE-RSA-AES128-SHA256", "DHE-RSA-AES256-SHA256", "DHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA",
           "DHE-RSA-AES128-CCM", "DHE-RSA-AES256-CCM", "ECDHE-RSA-CAMELLIA128-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA",
           "AES256-SHA256"]
FOR_ECDSA = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA256",
             "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-CCM", "ECDHE-ECDSA-AES256-CCM",
             "ECDHE-ECDSA-AES128-CCM8"]


def add_to(plan):
    suites(plan)
    groups(plan)
    signature_schemes(plan)
    tickets_and_records(plan)
    staples(plan)


def suites(plan):
    for suite in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"):
        plan.openssl(suite.lower().replace("_", "-"), "-tls1_3", "-ciphersuites", suite)
    usages = {"key_usage": ["digitalSignature", "keyEncipherment"]}
    for suite in FOR_RSA:
        plan.openssl(suite.lower(), "-tls1_2", "-cipher", suite, **RSA, **usages)
    for suite in FOR_ECDSA:
        plan.openssl(suite.lower(), "-tls1_2", "-cipher", suite)
    plan.openssl("cbc-mac-first", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256", "-no_etm")
    plan.openssl("only-1.2", "-tls1_2")
    plan.openssl("only-1.3", "-tls1_3")


def groups(plan):
    for group in ("X25519", "P-256", "P-384", "P-521", "X448", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"):
        plan.openssl(f"group-{group.lower()}", "-tls1_3", "-groups", group)
    for group in ("X25519", "P-256", "P-384", "P-521", "X448", "brainpoolP256r1", "secp256k1"):
        plan.openssl(f"group-{group.lower()}-1.2", "-tls1_2", "-cipher", "ECDHE", "-groups", group)
    # A server that wants a cookie asks twice (RFC 8446 §4.2.2).
    plan.openssl("cookie", "-tls1_3", "-stateless")
    for group in ("ffdhe2048", "ffdhe4096", "modp_1536", "modp_2048", "modp_3072"):
        path = os.path.join(plan.directory, f"{group}.pem")
        openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{group}", "-out", path)
        plan.openssl(f"dh-{group.replace('_', '-')}", "-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", path, **RSA)


def signature_schemes(plan):
    for scheme, version in (("RSA+SHA256", 2), ("RSA+SHA384", 2), ("RSA+SHA512", 2), ("RSA+SHA224", 2), ("RSA-PSS+SHA256", 2), ("RSA-PSS+SHA384", 2),
                            ("RSA-PSS+SHA512", 2), ("RSA-PSS+SHA256", 3), ("RSA-PSS+SHA384", 3), ("RSA-PSS+SHA512", 3)):
        plan.openssl(f"scheme-{scheme.lower().replace('+', '-')}-1.{version}", f"-tls1_{version}", "-sigalgs", scheme, **RSA)
    # ECDSA with another hash than the curve's goes in TLS 1.2 only (RFC 8446 §4.2.3).
    for scheme, curve, version in (("ECDSA+SHA384", "P-256", 2), ("ECDSA+SHA512", "P-256", 2), ("ECDSA+SHA256", "P-521", 2), ("ECDSA+SHA224", "P-256", 2),
                                   ("ECDSA+SHA384", "P-384", 3), ("ECDSA+SHA512", "P-521", 3)):
        name = f"scheme-{scheme.lower().replace('+', '-')}-{curve.lower()}-1.{version}"
        plan.add(name, lambda host, curve=curve, scheme=scheme, version=version: servers.OpensslServer(
            Openssl(plan).leaf(host, ec(curve)), f"-tls1_{version}", "-sigalgs", scheme))


    # A server's own order, weakest last, and what no key of its own can make among it.
    for version in (2, 3):
        plan.openssl(f"scheme-order-1.{version}", f"-tls1_{version}", "-sigalgs", "ed448:ECDSA+SHA512:RSA-PSS+SHA512:ECDSA+SHA384:ECDSA+SHA256")
        plan.openssl(f"scheme-order-rsa-1.{version}", f"-tls1_{version}", "-sigalgs", "ECDSA+SHA256:RSA-PSS+SHA512:RSA-PSS+SHA384:RSA-PSS+SHA256", **RSA)


def tickets_and_records(plan):
    for number in (0, 1, 10):
        plan.openssl(f"tickets-{number}", "-tls1_3", "-num_tickets", str(number))
    plan.openssl("no-ticket", "-no_ticket")
    plan.openssl("ticket-1.2", "-tls1_2")
    plan.openssl("no-cache", "-no_cache", "-no_ticket", "-tls1_2")
    identity = plan.pki.leaf("early-data.odd.test")
    plan.add("early-data", lambda host: servers.Nginx(os.path.join(plan.directory, "early"), "ssl_early_data on; location / { return 200 ok; }", identity))
    plan.openssl("no-middlebox", "-tls1_3", "-no_middlebox")
    plan.openssl("padding", "-tls1_3", "-record_padding", "512")
    plan.openssl("padding-whole-records", "-tls1_3", "-record_padding", "16384")
    for version in ("1_2", "1_3"):
        plan.openssl(f"small-records-{version[-1]}", f"-tls{version}", "-max_send_frag", "512", "-split_send_frag", "512")
        plan.openssl(f"wants-certificate-{version[-1]}", f"-tls{version}", "-verify", "3")
    plan.openssl("bugs", "-bugs", "-tls1_2")
    plan.openssl("legacy-renegotiation", "-tls1_2", "-legacy_renegotiation")
    plan.openssl("no-renegotiation", "-tls1_2", "-no_renegotiation")
    plan.openssl("server-preference", "-serverpref")
    plan.openssl("servername", "-servername", "someone-else.odd.test", "-cert2", "CHAIN", "-key2", "KEY")
    plan.openssl("alpn-http", "-alpn", "http/1.1")
    plan.openssl("alpn-both", "-alpn", "http/1.1,h2")
    plan.openssl("compression-off", "-no_comp")


def staples(plan):
    for version in ("1_2", "1_3"):
        for name, about in (("good", {}), ("by-sha256", {"id_by_sha256": True}), ("by-key", {"responder_by_key": True}), ("endless", {"next_update": None})):
            identity = plan.pki.leaf(f"staple-{name}-{version[-1]}.odd.test", more=[{"name": "answer", "ocsp_for": "leaf", **about}])
            plan.add(f"staple-{name}-{version[-1]}", lambda host, identity=identity, version=version: servers.OpensslServer(
                identity, f"-tls{version}", "-status_file", os.path.join(identity.made, "answer.ors")))
        stapled = plan.pki.leaf(f"must-staple-{version[-1]}.odd.test", must_staple=True, more=[{"name": "answer", "ocsp_for": "leaf"}])
        plan.add(f"must-staple-{version[-1]}", lambda host, stapled=stapled, version=version: servers.OpensslServer(
            stapled, f"-tls{version}", "-status_file", os.path.join(stapled.made, "answer.ors")))

"""Servers of which every client has something to say: one for each failure, with the host that it is asked for by."""
import contextlib
from dataclasses import dataclass

import servers


@dataclass(frozen=True)
class Scenario:
    name: str
    code: str     # that whytls finds
    host: str
    port: int


def all_of(case):
    """Starts them all; `case`, a class of tests, makes the certificates and ends the servers."""
    pki = case.pki
    scenarios = []

    def started(server):
        case.addClassCleanup(server.stop)
        return server

    def add(name, code, server, host=None):
        scenarios.append(Scenario(name, code, host or f"{name}.test", server.port))

    def openssl(name, code, identity, *options, host=None):
        add(name, code, started(servers.OpensslServer(identity, *options)), host)

    def leaf(name, code, *options, host=None, **members):
        openssl(name, code, pki.leaf(host or f"{name}.test", **members), *options, host=host)

    leaf("good", "")
    leaf("expired", "expired", not_before=-90, not_after=-3)
    leaf("expired-ca", "expired", intermediate={"not_before": -90, "not_after": -3})
    leaf("early", "not_yet_valid", not_before=3, not_after=90)
    openssl("mismatch", "hostname_mismatch", pki.leaf("other.test", "www.other.test"))
    openssl("wildcard", "hostname_mismatch", pki.leaf("*.wildcard.test"), host="a.b.wildcard.test")
    openssl("address", "hostname_mismatch", pki.leaf("other.test"), host="127.0.0.1")
    openssl("other-address", "hostname_mismatch", pki.leaf("192.0.2.7", subject="x"), host="127.0.0.1")
    leaf("cn-only", "no_subject_alt_name", names=[])
    leaf("cn-other", "no_subject_alt_name", names=[], subject="other.test")
    openssl("self-signed", "self_signed", pki.self_signed("self-signed.test"))
    leaf("root-served", "untrusted_root", trusted=False, root={"subject": "Strange Root"}, chain=["intermediate", "root"])
    leaf("unknown-ca", "unknown_issuer", trusted=False, root={"subject": "Absent Root"})
    leaf("lone", "unknown_issuer", trusted=False, root={"subject": "Absent Root"}, chain=[])
    leaf("incomplete", "unknown_issuer", chain=[])
    site = started(servers.Site({}))
    fetchable = pki.leaf("fetchable.test", intermediate={"subject": "Fetched Intermediate"}, aia=[f"http://127.0.0.1:{site.port}/issuer"], chain=[])
    site.documents["/issuer"] = fetchable.file("intermediate.der")
    openssl("fetchable", "missing_intermediate", fetchable)
    leaf("forged", "bad_signature", broken_signature=True)
    leaf("forged-ca", "bad_signature", intermediate={"broken_signature": True})
    leaf("purpose", "wrong_purpose", extended_key_usage=["clientAuth"])
    weak = ("-cipher", "DEFAULT@SECLEVEL=0")
    leaf("sha1", "weak_signature", *weak, intermediate={"key": "rsa2048"}, key="rsa2048", signature="rsa_sha1")
    leaf("sha1-ca", "weak_signature", *weak, root={"key": "rsa2048"}, intermediate={"key": "rsa2048", "signature": "rsa_sha1"}, key="rsa2048")
    leaf("md5", "weak_signature", *weak, intermediate={"key": "rsa2048"}, key="rsa2048", signature="rsa_md5")
    leaf("small-key", "weak_key", *weak, key="rsa1024")
    leaf("small-key-ca", "weak_key", *weak, intermediate={"key": "rsa1024"}, key="rsa2048")
    leaf("not-permitted", "name_constraint", intermediate={"permitted": ["DNS:allowed.test"]})
    leaf("excluded", "name_constraint", intermediate={"excluded": ["DNS:excluded.test"]})
    leaf("too-long", "path_length", root={"path_length": 0}, before=[{"name": "below", "kind": "intermediate", "issuer": "intermediate"}],
         issuer="below")
    leaf("no-ca", "not_a_ca", intermediate={"ca": False})
    leaf("no-sign", "issuer_key_usage", intermediate={"key_usage": ["digitalSignature"]})
    leaf("critical", "unknown_critical_extension", extensions=[{"oid": "1.2.3.4.5", "critical": True, "value": "0500"}])
    leaf("policy", "certificate_policy", root={"require_explicit_policy": 0})
    leaf("staple", "must_staple_missing", must_staple=True)
    add("http", "not_tls", started(servers.Server(servers.saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))))
    add("ssh", "not_tls", started(servers.Server(servers.saying(b"SSH-2.0-OpenSSH_9.2\r\n"))))
    add("old", "protocol_version", started(servers.Server(servers.alerting(70))))
    add("cipher", "no_shared_cipher", started(servers.Server(servers.alerting(40))))
    add("sni", "sni_unrecognized", started(servers.Server(servers.alerting(112))))
    add("alpn", "no_shared_alpn", started(servers.Server(servers.alerting(120))))
    add("internal", "tls_alert", started(servers.Server(servers.alerting(80))))
    add("closed", "connection_closed", started(servers.Server(servers.saying(b""))))
    add("reset", "connection_closed", started(servers.Server(servers.resetting)))
    leaf("client-13", "client_certificate_required", "-Verify", "1", "-verify_return_error", "-tls1_3")
    leaf("client-12", "client_certificate_required", "-Verify", "1", "-verify_return_error", "-tls1_2")
    add("weak-dh", "weak_dh", started(servers.Server(servers.choosing_group(pki.leaf("weak-dh.test", key="rsa2048"), GROUP_OF_768_BITS))))
    # More than one thing wrong: each client says what it comes upon first.
    openssl("expired-mismatch", "hostname_mismatch", pki.leaf("other.test", not_before=-90, not_after=-3))
    strange = {"trusted": False, "root": {"subject": "Strange Root"}, "chain": ["intermediate", "root"]}
    leaf("strange-expired", "untrusted_root", not_before=-90, not_after=-3, **strange)
    openssl("strange-mismatch", "untrusted_root", pki.leaf("other.test", **strange))
    leaf("purpose-expired", "expired", extended_key_usage=["clientAuth"], not_before=-90, not_after=-3)
    openssl("purpose-mismatch", "hostname_mismatch", pki.leaf("other.test", extended_key_usage=["clientAuth"]))
    leaf("absent-expired", "unknown_issuer", not_before=-90, not_after=-3, trusted=False, root={"subject": "Absent Root"})
    leaf("lone-expired", "unknown_issuer", not_before=-90, not_after=-3, trusted=False, root={"subject": "Absent Root"}, chain=[])
    openssl("lone-mismatch", "unknown_issuer", pki.leaf("other.test", trusted=False, root={"subject": "Absent Root"}, chain=[]))
    add("refused", "connection_refused", started(servers.ClosedPort()))
    return scenarios


# RFC 2409 §6.1.
GROUP_OF_768_BITS = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
                        "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF", 16)


def group_of_1024_bits(case):
    """A 1024-bit Diffie-Hellman group: that of RFC 2409 §6.2."""
    path = case.shared + "/dh1024.pem"
    with open(path, "w", encoding="ascii") as file:
        file.write("-----BEGIN DH PARAMETERS-----\n"
                   "MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR\n"
                   "Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL\n"
                   "/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC\n"
                   "-----END DH PARAMETERS-----\n")
    return path

"""Servers with whom no handshake comes about."""
import os

import cages
from cages import Behind, Wire, certificates, handshake, record, server_hello
from row import TIME_OUT, Row

import scenarios
import servers

FILLED = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
ALERTS = {"alert-handshake-failure": (40, "no_shared_cipher"), "alert-protocol-version": (70, "protocol_version"),
          "alert-internal-error": (80, "tls_alert"), "alert-unrecognized-name": (112, "sni_unrecognized"),
          "alert-no-application-protocol": (120, "no_shared_alpn"), "alert-illegal-parameter": (47, "tls_alert"),
          "alert-decode-error": (50, "tls_alert"), "alert-unexpected-message": (10, "tls_alert"),
          "alert-insufficient-security": (71, "no_shared_cipher"), "alert-certificate-required": (116, "client_certificate_required"),
          "alert-access-denied": (49, "tls_alert"), "alert-of-no-name": (255, "tls_alert")}
BANNERS = {"ssh": b"SSH-2.0-OpenSSH_9.2\r\n", "smtp": b"220 mail.zoo.test ESMTP Postfix\r\n", "ftp": b"220 (vsFTPd 3.0.3)\r\n",
           "pop3": b"+OK Dovecot ready.\r\n", "imap": b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n",
           "vnc": b"RFB 003.008\n",
           "http-2": bytes.fromhex("000012040000000000") + bytes(18), "rabbitmq": b"AMQP\x00\x00\x09\x01",
           "mysql": b"\x4a\x00\x00\x00\x0a8.0.36\x00" + bytes(68)}
REPLIES = {"http": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "redis": b"-ERR unknown command\r\n",
           "postgresql": b"E\x00\x00\x00\x8fSFATAL\x00C0A000\x00Munsupported frontend protocol\x00\x00",
           "memcached": b"ERROR\r\n", "garbage": bytes(range(200, 256)) * 4}


def add_to(zoo):
    def wire(name, code, handler, **row):
        zoo.add(Row(name, code, Wire(handler), **row))

    def openssl(name, code, *options, proof="", check="same", **members):
        identity = zoo.pki.leaf(f"{name}.zoo.test", **members)
        options = [identity.issuers if option == "ISSUERS" else option for option in options]
        zoo.add(Row(name, code, Behind(servers.OpensslServer(identity, *options)), proof=proof, check=check,
                    method="POST" if code else "GET"))

    for name, (alert, code) in ALERTS.items():
        wire(name, code, servers.alerting(alert))
    for name, line in BANNERS.items():
        wire(name, "not_tls", cages.speaking_first(line))
    for name, line in REPLIES.items():
        wire(name, "not_tls", servers.saying(line))

    # Real servers that want something else
    openssl("tls-1.0", "protocol_version", "-tls1", "-cipher", FILLED, proof="experiment")
    openssl("tls-1.1", "protocol_version", "-tls1_1", "-cipher", FILLED, proof="experiment")
    openssl("old-suite", "no_shared_cipher", "-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0", key="rsa2048", proof="experiment")
    openssl("small-group", "", "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-dhparam", scenarios.group_of_1024_bits(zoo),
            key="rsa2048", check="weak_dh")
    wire("tiny-group", "weak_dh", servers.choosing_group(zoo.pki.leaf("tiny-group.zoo.test", key="rsa2048"), scenarios.GROUP_OF_768_BITS),
         proof="experiment")
    for version in ("1.2", "1.3"):
        openssl(f"client-certificate-{version}", "client_certificate_required", "-tls" + version.replace(".", "_"), "-Verify", "3",
                "-verify_return_error", "-CAfile", "ISSUERS")
    openssl("other-group", "no_shared_cipher", "-tls1_3", "-curves", "brainpoolP256r1:secp256k1")
    openssl("other-group-1.2", "no_shared_cipher", "-tls1_2", "-cipher", "ECDHE", "-curves", "brainpoolP256r1")
    openssl("camellia", "no_shared_cipher", "-tls1_2", "-cipher", "ECDHE-RSA-CAMELLIA128-SHA256", key="rsa2048")
    zoo.add(Row("no-identity", "no_shared_cipher", Behind(servers.OpensslServer(None))))
    refusing = servers.Nginx(os.path.join(zoo.shared, "nginx"), "location / { return 204; } }\n"
                             "server { listen 127.0.0.1:PORT ssl; server_name rejected.zoo.test; ssl_reject_handshake on;",
                             zoo.pki.leaf("other.test"))
    zoo.add(Row("rejected", "sni_unrecognized", Behind(refusing)))
    zoo.add(Row("elsewhere", "hostname_mismatch", Behind(servers.Nginx(os.path.join(zoo.shared, "default"), "location / { return 204; }",
                                                                       zoo.pki.leaf("other.test")))))
    zoo.add(Row("nginx-without-tls", "not_tls", Behind(servers.Nginx(os.path.join(zoo.shared, "plain"), "location / { return 204; }"))))

    # Ends of the connection
    wire("closed-at-once", "connection_closed", cages.closing_at_once)
    wire("closed", "connection_closed", servers.saying(b""))
    wire("reset", "connection_closed", servers.resetting)
    wire("closed-after-hello", "connection_closed", servers.saying(handshake(server_hello())))
    wire("reset-after-hello", "connection_closed", cages.then_reset(handshake(server_hello())))
    wire("closed-within-a-record", "connection_closed", servers.saying(handshake(server_hello())[:20]))
    wire("silent", "handshake_timeout", servers.silent, waits=TIME_OUT)
    wire("silent-after-hello", "handshake_timeout", cages.then_silent(handshake(server_hello())), waits=TIME_OUT)

    # Broken TLS
    leaf = zoo.pki.leaf("broken.zoo.test")
    wire("no-certificate", "no_certificate", servers.saying(handshake(server_hello(), certificates())))
    wire("not-der", "malformed_certificate", servers.saying(handshake(server_hello(), certificates(b"hello"))))
    wire("cut-der", "malformed_certificate", servers.saying(handshake(server_hello(), certificates(leaf.der[:-7]))))
    sound = zoo.pki.leaf("wrong-key.zoo.test")
    wire("empty-certificate", "malformed_certificate", servers.saying(handshake(server_hello(), certificates(b""))))
    wire("byte-by-byte", "malformed_certificate", servers.saying(b"".join(
        record(22, bytes([byte])) for byte in server_hello() + certificates(b"hello"))))
    wire("alert-after-hello", "tls_alert", servers.saying(handshake(server_hello()) + record(21, b"\x02\x28")))
    named = zoo.pki.leaf("alert-after-certificate.zoo.test")
    wire("alert-after-certificate", "tls_alert", servers.saying(
        handshake(server_hello(), certificates(named.der, named.file("intermediate.der"))) + record(21, b"\x02\x50")))
    wire("close-notify", "connection_closed", servers.saying(record(21, b"\x01\x00")))
    wire("cut-message", "connection_closed", servers.saying(handshake(server_hello(), certificates(leaf.der)[:50])))
    beyond = b"\x00\xff\xff" + certificates(leaf.der)[7:]
    wire("list-beyond-its-message", "tls_protocol_error", servers.saying(handshake(server_hello(), cages.message(cages.CERTIFICATE, beyond))))
    wire("twice-an-extension", "malformed_certificate", servers.saying(handshake(server_hello(), certificates(
        zoo.pki.leaf("twice-an-extension.zoo.test", duplicate=["2.5.29.17"]).der))))
    wire("wrong-key", "handshake_signature", servers.saying(handshake(
        server_hello(), certificates(sound.der, sound.file("intermediate.der")), cages.key_exchange(bytes.fromhex("3006020101020101")),
        cages.message(14, b""))))
    wire("ssl-3", "protocol_version", servers.saying(record(22, server_hello(b"\x03\x00"), b"\x03\x00")))
    wire("tls-1.0-by-hand", "protocol_version", servers.saying(record(22, server_hello(b"\x03\x01"), b"\x03\x01")))
    wire("unknown-version", "protocol_version", servers.saying(handshake(server_hello(b"\x7f\x7f"))))
    wire("finished-first", "tls_protocol_error", servers.saying(handshake(cages.message(20, bytes(12)))))
    wire("unknown-message", "tls_protocol_error", servers.saying(handshake(cages.message(99, bytes(12)))))
    wire("long-record-later", "tls_protocol_error", servers.saying(handshake(server_hello()) + b"\x16\x03\x03\xff\xff" + bytes(70000)))
    wire("garbage-after-hello", "tls_protocol_error", servers.saying(handshake(server_hello()) + bytes(range(200, 256)) * 4))
    wire("hello-without-end", "connection_closed", servers.saying(b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + bytes(1000)))
    wire("unknown-suite", "no_shared_cipher", servers.saying(handshake(server_hello(suite=b"\xfa\xfa"))))
    wire("long-record", "tls_protocol_error", servers.saying(b"\x16\x03\x03\xff\xff" + bytes(70000)))
    wire("data-first", "tls_protocol_error", servers.saying(record(23, bytes(64))))

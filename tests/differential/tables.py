"""The exceptions to what counts as wrong (judging.py), each with its reason. One that a run does not need makes it fail: what is mended is no exception."""

# Where whytls fails a server that some other client accepts, on purpose: name of the server, reason. The report's `elsewhere` must say who accepts it.
POLICY = {
    "expired-root": "a trusted root's dates count (RFC 5280 leaves it open, OpenSSL and browsers check them); Java does not look",
    "wildcard-partial": "a wildcard is a whole label (RFC 9525 §6.3)",
    "uri-only": "the common name is no host name (RFC 9525 §2)",
    "email-only": "the common name is no host name (RFC 9525 §2)",
    "cn-only": "the common name is no host name (RFC 9525 §2)",
    "sha1": "collisions of SHA-1 can be made (RFC 9155)",
    "sha1-intermediate": "collisions of SHA-1 can be made (RFC 9155)",
    "small-key": "RSA 1024 (SP 800-57, CA/Browser Forum)",
    "small-key-intermediate": "RSA 1024 (SP 800-57, CA/Browser Forum)",
    "root-constrains": "a root's name constraints count (RFC 5937); Java does not look at them",
    "policy": "requireExplicitPolicy (RFC 5280 §6.1.5 (g)); OpenSSL checks policies only when told to",
    "policy-of-the-intermediate": "requireExplicitPolicy (RFC 5280 §6.1.5 (g)); OpenSSL checks policies only when told to",
    "purpose-of-the-intermediate": "extended key usage of a CA constrains what is below, as OpenSSL, GnuTLS, Go and browsers have it",
    "client-only": "extended key usage of the server's own certificate (RFC 5280 §4.2.1.12); wget does not look at it",
    "email": "extended key usage of the server's own certificate (RFC 5280 §4.2.1.12); wget does not look at it",
    "code-signing": "extended key usage of the server's own certificate (RFC 5280 §4.2.1.12); wget does not look at it",
    "odd-strict-authority-key-critical": "never critical (RFC 5280 §4.2.1.1): OpenSSL, Java and Go 1.24 do not understand it; GnuTLS and Go 1.19 do",
    "odd-strict-subject-key-critical": "never critical (RFC 5280 §4.2.1.2): OpenSSL, Java and Go 1.24 do not understand it; GnuTLS and Go 1.19 do",
    "must-staple": "RFC 7633; of these only GnuTLS checks it",
    "revoked-by-staple-tls1.2": "a staple is looked at (RFC 6066 §8); of these only GnuTLS does",
    "revoked-by-staple-tls1.3": "a staple is looked at (RFC 6066 §8); of these only GnuTLS does",
    "tls-1.0": "RFC 8996; GnuTLS has it still",
    "tls-1.1": "RFC 8996; GnuTLS has it still",
    "two-lengths": "two lengths that differ are an attempt at smuggling (RFC 9112 §6.3)",
    "cut-head": "curl takes the part of a head for a whole one",
}
# All clients accept, and whytls cannot: name of the server, reason. The answer must say that it is a limit of whytls.
LIMITS = {
}
# No client accepts, and whytls does, on purpose: name of the server, reason.
LENIENT = {
}
# `elsewhere` has a client speak in other words than its own: name of the server, reason.
WORDS = {
    "alert-certificate-required": "a server that demands a certificate before its hello; real ones do so behind the handshake (RFC 8446 §4.4.2.4)",
    "close-notify": "a server that says goodbye before its hello, which is told as a connection that was closed",
}
# `elsewhere` does not name all that refuse what passes: name of the server, reason.
SILENCE = {
    "cross-signed": "OpenSSL and GnuTLS take the first certificate of a name and look for no second; that is told of none yet",
    "small-group": "Go has no Diffie-Hellman over finite fields, of whatever size; that is told of none yet",
    "rsa-pss-key": "Go knows no RSASSA-PSS keys; that is told of none yet",
}
# What is wrong and not yet mended: name of the server, reason. It must be taken off once it is right.
KNOWN = {
}

TABLES = {"POLICY": POLICY, "LIMITS": LIMITS, "LENIENT": LENIENT, "WORDS": WORDS, "SILENCE": SILENCE, "KNOWN": KNOWN}

"""Names, dates, serial numbers and extensions: what is rarely seen in a certificate, and allowed (RFC 5280)."""
from odd_keys import Openssl, ec, rsa

import servers

ED25519, ED448 = ("-algorithm", "ED25519"), ("-algorithm", "ED448")
RSA = rsa(2048)
ANY_POLICY = "2.5.29.32.0"
# X.680's numbers of the string types, as OpenSSL masks them (asn1.h).
TELETEX, BMP, UTF_8 = "MASK:4", "MASK:2048", "utf8only"
BEFORE_2050, FROM_2050, NEVER = "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
# Of which no client must know more than that they are not critical.
UNUSUAL = """issuerAltName=URI:http://127.0.0.1/,email:ca@odd.test
subjectInfoAccess=1.3.6.1.5.5.7.48.5;URI:http://127.0.0.1/
2.5.29.46=DER:300f300da00ba0098607687474703a2f2f
2.5.29.16=DER:3022800f32303230303130313030303030305a810f32303930303130313030303030305a
1.3.6.1.5.5.7.1.3=DER:300a3008060604008e460101
1.3.6.1.4.1.311.20.2=ASN1:BMPString:WebServer
nsCertType=server
nsComment=a comment
"""


def add_to(plan):
    chains(plan)
    names(plan)
    policies(plan)
    dates(plan)
    extensions(plan)


def made(plan, name, make, *options, host=""):
    """A server whose certificate is made when it starts."""
    plan.add(name, lambda host: servers.OpensslServer(make(host), *options), host)


def forged(plan, name, **members):
    identity = plan.pki.leaf(f"{name}.odd.test", **members)
    plan.add(name, lambda host: servers.OpensslServer(identity))


def chains(plan):
    made(plan, "chain-of-p-521", lambda host: Openssl(plan, ec("P-521"), ("-sha512",)).intermediate(ec("P-521")).leaf(host, ec("P-521")))
    made(plan, "chain-of-p-384-1.2", lambda host: Openssl(plan, ec("P-384"), ("-sha384",)).intermediate(ec("P-384")).leaf(host, ec("P-384")), "-tls1_2")
    made(plan, "chain-of-ed25519", lambda host: Openssl(plan, ED25519, ()).intermediate(ED25519).leaf(host, ED25519))
    made(plan, "chain-of-ed448", lambda host: Openssl(plan, ED448, ()).intermediate(ED448).leaf(host, ED448))
    made(plan, "chain-of-rsa-ec-rsa", lambda host: Openssl(plan, RSA).intermediate(ec("P-384")).leaf(host, RSA))
    made(plan, "chain-of-ec-rsa-ec", lambda host: Openssl(plan).intermediate(RSA).leaf(host))
    made(plan, "chain-of-rsa-ed25519-ec", lambda host: Openssl(plan, RSA).intermediate(ED25519).leaf(host, signature=()))
    forged(plan, "root-signed-with-sha1", root={"key": "rsa2048", "signature": "rsa_sha1"})
    forged(plan, "root-of-version-1", root={"version": 1, "ca": None, "key_usage": None, "subject_key_identifier": None},
           intermediate={"authority_key_identifier": None})
    forged(plan, "path-length-just-enough", intermediate={"path_length": 0})
    forged(plan, "path-length-of-thousands", root={"path_length": 5000}, intermediate={"path_length": 4000})
    # The CA's new key, certified by its old one: a certificate that it issued itself does not count (RFC 5280 §6.1.4 (l)).
    anew = {"name": "anew", "kind": "intermediate", "issuer": "intermediate", "subject": "Rolling Intermediate", "path_length": 0}
    forged(plan, "key-rollover", issuer="anew", before=[anew], intermediate={"subject": "Rolling Intermediate", "path_length": 0})


def names(plan):
    for kind, strings in (("teletex", TELETEX), ("bmp", BMP), ("utf-8", UTF_8)):
        made(plan, f"subject-in-{kind}", lambda host, strings=strings: Openssl(plan).intermediate(subject="/O=Bücher AG/CN=Ausgabe", strings=strings).leaf(
            host, subject="/O=Bücher GmbH/CN=Läden", strings=strings))
    made(plan, "subject-of-many-attributes", lambda host: Openssl(plan).leaf(
        host, subject=f"/DC=test/DC=odd/C=DE/ST=Berlin/L=Berlin/street=A 1/postalCode=10115/O=O/OU=A/OU=B/serialNumber=7/title=x/UID=u/CN={host}"))
    made(plan, "subject-of-several-values", lambda host: Openssl(plan).leaf(host, subject=f"/O=O+OU=A+UID=u/CN={host}+serialNumber=7"))
    made(plan, "empty-subject-critical-names", lambda host: Openssl(plan).leaf(
        host, subject="/", extensions=f"subjectAltName=critical,DNS:{host}"))
    made(plan, "idn-by-wildcard", lambda host: Openssl(plan).leaf(host, names="DNS:*.idn.odd.test", subject="/CN=idn"), host="xn--bcher-kva.idn.odd.test")
    made(plan, "wildcard-below-idn", lambda host: Openssl(plan).leaf(host, names="DNS:*.xn--bcher-kva.odd.test", subject="/CN=idn"),
         host="api.xn--bcher-kva.odd.test")
    made(plan, "addresses-of-both-kinds", lambda host: Openssl(plan).leaf("x", names="IP:::1,IP:2001:db8::7,IP:127.0.0.1"), host="127.0.0.1")
    longest = f"{'a' * 63}.{'b' * 63}.{'c' * 63}.odd.test"
    made(plan, "labels-of-63", lambda host: Openssl(plan).leaf(host, subject="/CN=long"), host=longest)
    made(plan, "serial-of-20-octets", lambda host: Openssl(plan).leaf(host, serial=0x7fffffffffffffffffffffffffffffffffffffff))


def policies(plan):
    forged(plan, "any-policy", policies=[ANY_POLICY], intermediate={"policies": [ANY_POLICY]})
    forged(plan, "policy-demanded-and-there", policies=["1.2.3.4"], intermediate={"policies": [ANY_POLICY], "require_explicit_policy": 0})
    forged(plan, "policy-of-the-leaf-alone", policies=["1.2.3.4"])
    made(plan, "policies-mapped", lambda host: Openssl(plan).intermediate(
        extensions="certificatePolicies=1.2.3.4\npolicyMappings=1.2.3.4:1.2.3.5\npolicyConstraints=critical,requireExplicitPolicy:1\n").leaf(
            host, extensions="certificatePolicies=1.2.3.5\n"))
    made(plan, "any-policy-inhibited", lambda host: Openssl(plan).intermediate(
        extensions="certificatePolicies=1.2.3.4\ninhibitAnyPolicy=critical,0\n").leaf(host, extensions="certificatePolicies=1.2.3.4\n"))


def dates(plan):
    forged(plan, "ends-before-2050", not_after=BEFORE_2050, intermediate={"not_after": BEFORE_2050}, root={"not_after": BEFORE_2050})
    forged(plan, "ends-from-2050-on", not_after=FROM_2050, intermediate={"not_after": FROM_2050}, root={"not_after": FROM_2050})
    forged(plan, "never-ends", not_after=NEVER, intermediate={"not_after": NEVER}, root={"not_after": NEVER})
    forged(plan, "root-from-1950", root={"not_before": "1950-01-01T00:00:00Z", "not_after": FROM_2050})


def extensions(plan):
    made(plan, "unusual-extensions", lambda host: Openssl(plan).leaf(host, extensions=UNUSUAL))
    made(plan, "authority-by-name-and-serial", lambda host: Openssl(plan).intermediate().leaf(
        host, extensions="authorityKeyIdentifier=keyid:always,issuer:always"))
    made(plan, "purposes-of-many", lambda host: Openssl(plan).leaf(
        host, extensions="extendedKeyUsage=serverAuth,clientAuth,emailProtection,codeSigning,OCSPSigning,timeStamping,msSGC,nsSGC,1.2.3.4.5"))
    made(plan, "purpose-critical", lambda host: Openssl(plan).leaf(host, extensions="extendedKeyUsage=critical,serverAuth"))
    made(plan, "every-usage-of-a-leaf", lambda host: Openssl(plan).leaf(
        host, extensions="keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement"))
    made(plan, "purpose-of-the-intermediate-fits", lambda host: Openssl(plan).intermediate(extensions="extendedKeyUsage=serverAuth,clientAuth\n").leaf(host))
    made(plan, "constrained-in-many-ways", lambda host: Openssl(plan).intermediate(
        extensions="nameConstraints=critical,permitted;DNS:odd.test,permitted;IP:10.0.0.0/255.0.0.0,permitted;email:odd.test,excluded;DNS:other.test\n")
        .leaf(host))
    made(plan, "key-usage-not-critical", lambda host: Openssl(plan).leaf(host, extensions="keyUsage=digitalSignature"))

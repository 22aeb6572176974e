"""Keys, signatures and chains: what a certificate may be made of."""
import os
import re
import shutil
from itertools import count

from certificates import Identity
from processes import BUILD, run

import servers

EC, RSA = ("-algorithm", "EC", "-pkeyopt"), ("-algorithm", "RSA", "-pkeyopt")


def ec(curve):
    return (*EC, f"ec_paramgen_curve:{curve}")


def rsa(bits, primes=2):
    """More primes make a large key quickly; the public key is like any other (RFC 8017 §3.1)."""
    return (*RSA, f"rsa_keygen_bits:{bits}", "-pkeyopt", f"rsa_keygen_primes:{primes}")


PSS = ("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")
PSS_256 = (*PSS, "-pkeyopt", "rsa_pss_keygen_md:sha256", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha256", "-pkeyopt", "rsa_pss_keygen_saltlen:32")
PSS_384 = (*PSS, "-pkeyopt", "rsa_pss_keygen_md:sha384", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha384", "-pkeyopt", "rsa_pss_keygen_saltlen:48")
PSS_MASK = (*PSS, "-pkeyopt", "rsa_pss_keygen_md:sha256", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha384")
AS_PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF = ("basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature{usage}\nextendedKeyUsage=serverAuth\nsubjectAltName={names}\n"
        "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
serials = count(1)


def openssl(*arguments):
    done = run("openssl", *arguments)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr}")


def key_file(kind, role, path):
    """A key of `openssl genpkey`'s options, made once a build tree: large ones take seconds."""
    kept = os.path.join(os.path.abspath(BUILD), "differential", "keys", re.sub(r"[^A-Za-z0-9-]+", "_", " ".join((role, *kind))) + ".pem")
    if not os.path.exists(kept):
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        openssl("genpkey", *kind, "-out", path)
        partial = f"{kept}.{os.path.basename(os.path.dirname(path))}"
        shutil.copy(path, partial)
        os.replace(partial, kept)
    shutil.copy(kept, path)


class Openssl:
    """A root and what it issues, made by `openssl`: for keys and signatures that the forge does not make."""

    def __init__(self, plan, key=ec("P-256"), signature=("-sha256",)):
        self.directory = os.path.join(plan.directory, f"openssl-{next(serials)}")
        os.mkdir(self.directory)
        self._issuers, self._signature = [], signature
        key_file(key, "root", self.path("root-key.pem"))
        openssl("req", "-new", "-x509", "-key", self.path("root-key.pem"), "-subj", f"/CN=Root of {os.path.basename(self.directory)}", "-days", "300", *signature,
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign", "-out", self.path("root.pem"))
        self._plan, self._issuer = plan, "root"

    def path(self, name):
        return os.path.join(self.directory, name)

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def _issue(self, name, subject, key, extensions, signature, serial=None, strings="utf8only"):
        with open(self.path(name + ".conf"), "w", encoding="ascii") as file:
            file.write(f"[req]\ndistinguished_name=name\nstring_mask={strings}\n[name]\n[extensions]\n{extensions}")
        key_file(key, "leaf" if name == "leaf" else f"ca {len(self._issuers)}", self.path(name + "-key.pem"))
        # `openssl x509 -req` would do as well, in two steps, and reads the system's roots.
        openssl("req", "-x509", "-new", "-key", self.path(name + "-key.pem"), "-config", self.path(name + ".conf"),
                "-extensions", "extensions", "-utf8", "-subj", subject, "-CA", self.path(self._issuer + ".pem"), "-CAkey", self.path(self._issuer + "-key.pem"),
                "-days", "60", "-set_serial", str(serial or next(serials)), *signature, "-out", self.path(name + ".pem"))

    def intermediate(self, key=ec("P-256"), signature=None, extensions="", subject="", **how):
        name = f"ca-{next(serials)}"
        self._issue(name, subject or f"/CN={name}", key, CA + "authorityKeyIdentifier=keyid\n" + extensions, self._signature if signature is None else signature, **how)
        self._issuer = name
        self._issuers.insert(0, name)
        return self

    def leaf(self, host, key=ec("P-256"), signature=None, names=None, usage="", extensions="", subject=None, **how):
        """`extensions` are lines of OpenSSL's configuration, beside or instead of the usual."""
        usual = LEAF.format(names=names or f"DNS:{host}", usage=usage)
        kept = [line for line in usual.splitlines() if line.split("=")[0] not in [other.split("=")[0] for other in extensions.splitlines()]]
        self._issue("leaf", f"/CN={host[:60]}" if subject is None else subject, key, "\n".join([*kept, extensions, ""]),
                    self._signature if signature is None else signature, **how)
        self._plan.trust(self.read("root.pem"), host)
        chain, issuers = self.path("chain.pem"), self.path("issuers.pem")
        above = "".join(self.read(name + ".pem") for name in self._issuers)
        for path, text in ((chain, self.read("leaf.pem") + above), (issuers, above)):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        return Identity(chain, self.path("leaf-key.pem"), issuers, b"", self.directory)


def add_to(plan):
    def made(name, make, *options):
        """A server whose certificate is made when it starts."""
        plan.add(name, lambda host: servers.OpensslServer(make(host), *options))

    def leaf_key(name, key, *options, **members):
        made(name, lambda host: Openssl(plan).leaf(host, key, **members), *options)

    for bits, primes in ((2048, 2), (3072, 2), (4096, 3), (8192, 5)):
        leaf_key(f"rsa-{bits}", rsa(bits, primes))
    leaf_key("rsa-exponent-3", (*rsa(2048), "-pkeyopt", "rsa_keygen_pubexp:3"))
    leaf_key("rsa-2049", rsa(2049))
    for curve in ("P-256", "P-384", "P-521"):
        leaf_key(curve.lower(), ec(curve))
        leaf_key(f"{curve.lower()}-1.2", ec(curve), "-tls1_2")
    for kind in ("ED25519", "ED448"):
        for version in ("-tls1_2", "-tls1_3"):
            leaf_key(kind.lower() + version.replace("_", "."), ("-algorithm", kind), version)
    for name, key in (("pss", PSS), ("pss-256", PSS_256), ("pss-384", PSS_384), ("pss-mask", PSS_MASK)):
        for version in ("-tls1_2", "-tls1_3"):
            leaf_key(name + version.replace("_", "."), key, version)
    made("pss-ca", lambda host: Openssl(plan, PSS, ("-sha256", *AS_PSS)).intermediate(PSS_256).leaf(host))
    for name, key, signature in (("rsa-sha384", rsa(2048), ("-sha384",)), ("rsa-sha512", rsa(2048), ("-sha512",)), ("rsa-sha224", rsa(2048), ("-sha224",)),
                                 ("rsa-as-pss", rsa(2048), ("-sha256", *AS_PSS)), ("rsa-as-pss-512", rsa(2048), ("-sha512", *AS_PSS)),
                                 ("rsa-as-pss-salt-20", rsa(2048), ("-sha256", *AS_PSS[:2], "-sigopt", "rsa_pss_saltlen:20")),
                                 ("ecdsa-sha384", ec("P-256"), ("-sha384",)), ("ecdsa-sha512", ec("P-256"), ("-sha512",)),
                                 ("ecdsa-sha224", ec("P-256"), ("-sha224",)), ("p521-sha256", ec("P-521"), ("-sha256",)),
                                 ("rsa-as-pss-mask", rsa(2048), ("-sha256", *AS_PSS, "-sigopt", "rsa_mgf1_md:sha384")), ("rsa-sha3", rsa(2048), ("-sha3-256",)),
                                 ("ed25519", ("-algorithm", "ED25519"), ()), ("ed448", ("-algorithm", "ED448"), ()),
                                 ("secp256k1", ec("secp256k1"), ("-sha256",)), ("brainpool", ec("brainpoolP256r1"), ("-sha256",))):
        made(f"signed-{name}", lambda host, key=key, signature=signature: Openssl(plan, key, signature).leaf(host))
    made("hundred-names", lambda host: Openssl(plan).leaf(host, names=",".join(
        [*(f"DNS:host-{number}.odd.test" for number in range(300)), f"DNS:{host}"])))
    made("huge-certificate", lambda host: Openssl(plan).leaf(host, names=",".join(
        [f"DNS:{host}", *(f"DNS:host-{number}.{'a' * 60}.odd.test" for number in range(600))])))
    made("ten-intermediates", lambda host: ten_intermediates(plan).leaf(host))


def ten_intermediates(plan):
    pki = Openssl(plan)
    for _ in range(9):
        pki.intermediate()
    return pki

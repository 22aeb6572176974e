#include "certs/private_key.h"

#include <set>
#include <thread>

#include "certs/der_writer.h"
#include "tests/support/catch.h"

using namespace certs;

namespace {

// Made with openssl genpkey, openssl ecparam -genkey and openssl genrsa; they protect nothing.
constexpr std::string_view sec1_with_parameters = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKmo+TWXTqnVrkK0kVHA/nhoLMKh0qiJCCpZCSBj7AdgoAoGCCqGSM49
AwEHoUQDQgAEZPuLghNzXeYnXBlzkDaPG7ccOTNZEbp1GlzHTwkT4+056RwqPoaZ
AnKhgRybKKMjNye+bj2tCB9SGp+49WeptQ==
-----END EC PRIVATE KEY-----
)";
constexpr std::string_view pkcs8_p384 = R"(-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDC/oGeOg3fQk7Cq4t00
acAozClsHLIFCd2hMM1sDZ9TZesxu7Tz/JTldQuLaWtlbRWhZANiAAQxn+qeYS4n
f36tU1Rhl5x91QfSJm8xy1ny8IyInEw3Fa3aTbfWbOl6tU06fpuEdnC1coOWETRv
Q4uF9tczEDmEYzoizeHnMgyJX+lrpUOqbkuBy3eYJAYbAFlc/QxWJGg=
-----END PRIVATE KEY-----
)";
constexpr std::string_view pkcs8_ed25519 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINc4cPPhZEjjYZrszaQ6eu6bEaq2VMNDapYAtsm8HBsL
-----END PRIVATE KEY-----
)";
constexpr std::string_view pkcs1 = R"(-----BEGIN RSA PRIVATE KEY-----
MIICXAIBAAKBgQDsYxIYooiPdUYvLOKj8YQYGbQA4W0/SbZzOXrmbtemXMXXAi3B
VLFgohqSVW3huhAl1jnV4oBGIl9pvfriQ6atRoZf2dmROGaXlnPLPdIXQnHhgH1S
yvi0+FtBIdmYpsaM1XDge9lGwyiPDOQJxoJbyVlMuiiDFvhWTGKDjFJMEwIDAQAB
AoGASSFhMNPfsZoTa3bUaunF9vrEsF0NQj4Yvs7ykaWK+8HJxvm6lAwSkBW2aL0b
MHEym7IJ1HytOIVbxUfr/OH3Bx4H3/0yldSbo4S8gENXv+188tcNrktBuF2Rm9wU
hGWwUqVhu9oN+XsnksyJq0CPF52tJ6iOvW0T2qUCQLy8rNECQQD5dieCKkJuwKj2
cVsz9bXRJk4JA0EdHGfkrsNGzN6Ro7z7RV1SSCRQWANCEbKGlBOdBvDZ7atj5Kie
Xq2ZKFuZAkEA8pUwNdBGYEZpcyXRGXrDOx3wrLc6FZlI9P3zoDsy1rbz/iAIMlgu
y6P89g+lA0TvQtMoDFdnVvBHDeA1EIcQiwJANg0b0mBFtKmZ8ovtLvz2QDMEhX9n
BF+7Qxl6xkRtlTDdKbSF2+Y1uBLZ4d7jx7Ud6tAuL4oHsMVCo83v31eXQQJAElv4
Khp5ORAbKvvRt3vzCqZZcLjtTHUtcF1H8viIAHgYP0NtW2IRKJhgrL7CXlz5PrV8
cnKq/4lv1z0Axx9xwQJBAM3Q7omN8kPUyXAeC3xb4ZGAotlUK1EyQuBkdqwUZ1Hm
DPOhbEua2WyaaNDRxG4UQElnn9Zw8Y8yYfwn+AMYLmw=
-----END RSA PRIVATE KEY-----
)";
constexpr std::string_view pkcs8_rsa = R"(-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAOxjEhiiiI91Ri8s
4qPxhBgZtADhbT9JtnM5euZu16ZcxdcCLcFUsWCiGpJVbeG6ECXWOdXigEYiX2m9
+uJDpq1Ghl/Z2ZE4ZpeWc8s90hdCceGAfVLK+LT4W0Eh2ZimxozVcOB72UbDKI8M
5AnGglvJWUy6KIMW+FZMYoOMUkwTAgMBAAECgYBJIWEw09+xmhNrdtRq6cX2+sSw
XQ1CPhi+zvKRpYr7wcnG+bqUDBKQFbZovRswcTKbsgnUfK04hVvFR+v84fcHHgff
/TKV1JujhLyAQ1e/7Xzy1w2uS0G4XZGb3BSEZbBSpWG72g35eyeSzImrQI8Xna0n
qI69bRPapQJAvLys0QJBAPl2J4IqQm7AqPZxWzP1tdEmTgkDQR0cZ+Suw0bM3pGj
vPtFXVJIJFBYA0IRsoaUE50G8Nntq2PkqJ5erZkoW5kCQQDylTA10EZgRmlzJdEZ
esM7HfCstzoVmUj0/fOgOzLWtvP+IAgyWC7Lo/z2D6UDRO9C0ygMV2dW8EcN4DUQ
hxCLAkA2DRvSYEW0qZnyi+0u/PZAMwSFf2cEX7tDGXrGRG2VMN0ptIXb5jW4Etnh
3uPHtR3q0C4vigewxUKjze/fV5dBAkASW/gqGnk5EBsq+9G3e/MKpllwuO1MdS1w
XUfy+IgAeBg/Q21bYhEomGCsvsJeXPk+tXxycqr/iW/XPQDHH3HBAkEAzdDuiY3y
Q9TJcB4LfFvhkYCi2VQrUTJC4GR2rBRnUeYM86FsS5rZbJpo0NHEbhRASWef1nDx
jzJh/Cf4AxgubA==
-----END PRIVATE KEY-----
)";
constexpr std::string_view pkcs8_encrypted = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiTo4xoutUTSQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBQqv8DMxmmfok2rGcp5OCoEQOf2
Zosuqb/J4sCUrkkW1unq1vsZav74KL+pbIqXKnEjPd7P9VB7EKx0ER1b6G58CCgy
O0CVkXU11rQqRQ6pf9U=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr std::string_view pkcs1_encrypted = R"(-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,72F5BBE89694DC481331CE6D668E88A9

yGoJqNewcx2hd4Kgw4An1sdGX/pZ9R+yDV+/JRR7lWEFWfFHUO3cOWw6owXvfstb
gpNRV4J6Vh/R1gCwRHS7MsyEsWbAjkZ9lFmh+ygaO0zbPg0Jg5lUfjqWh/hdf7qe
f2AdPkdEldjA22kKwMn+nO0uX3ygiGFRzZeoyKHHpYj6y70QFdHqSGwWlkAfpND3
mbfOEMDOQJysj15YKKUsYrt0GrLMW35lAEO5tIqAxxYylzuIa2Vpl8kkmU2FRUsq
3QGBC1Khb8B8kCmpL0BDInISv417b0IqVOkoIakAls5ihXSdoBNXOY+/3DJST+mH
U3JbEHx+LPbAD4gQmQlnUAHqCQSDHLErd54kSC5vmJh6S1kStHUXuKsKAvZJ/t34
95KvWSYk+syYQwyXB7etQ3Q9eL8rzZS4F2A3Cuavatm3o6Rjmqe6VFdrQMX5jxy6
LrldTJ7L6XIvLboOqiDs0sQp2nu9vkMFbFUvWRdpTz/kNTjPCbpPy830RANHJW0f
DjrPgl8AIEjpeQKbbSND9FHZBvSeXiSwRoHxPwktiOV1230K08QxUpdAKq2t0X57
+Jw0NMBtdYIKVHn2Jw3UTCC9Y2L+k7XByoMdTNabrsMat/1nHckTU97wMenLy2Wo
PKTRAM4YgPMWFqOyl2QVJKSRNiCDSp7mNUOI+h/+Ba0wOR/E44VQQu719w6edSVq
C0QYgwNJc09oqxmh8WHbhLiDVJSOQ/62jBqNXTspUmY0ske50xX4OIHjEtLZHfNq
EIlg6GQqV9bb4Vp2gVIggWT3VriO3ObTBdqTLzPaDsQsrgib9+dRwQGZ5jvmymlb
-----END RSA PRIVATE KEY-----
)";
constexpr std::string_view secp256k1 = R"(-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgFP3pNW/Zoa7R221gEJsH
RR56rCyvMLSQm1MYNHWYt0mhRANCAATlPB+Mx0Wc6DwMrYEpdKFaHMJaqHzr6ZB+
+gKNBOHyF3JMJ1CbwYKH6Tla2CI+lc60Uot4cIJ+mH7utW0+eHQy
-----END PRIVATE KEY-----
)";

// Their SubjectPublicKeyInfo as openssl pkey -pubout writes it.
constexpr std::string_view sec1_public =
    "3059301306072a8648ce3d020106082a8648ce3d0301070342000464fb8b8213735de6275c197390368f1bb71c39335911ba751a5cc74f0913e3ed39e91c2a3e869902"
    "72a1811c9b28a3233727be6e3dad081f521a9fb8f567a9b5";
constexpr std::string_view p384_public =
    "3076301006072a8648ce3d020106052b8104002203620004319fea9e612e277f7ead535461979c7dd507d2266f31cb59f2f08c889c4c3715adda4db7d66ce97ab54d3a"
    "7e9b847670b572839611346f438b85f6d733103984633a22cde1e7320c895fe96ba543aa6e4b81cb779824061b00595cfd0c562468";
constexpr std::string_view ed25519_public =
    "302a300506032b657003210029840f9537d0a21d22d130bb397e2906648123bd3e7156c018e77f85049cd7b4";
constexpr std::string_view rsa_public =
    "30819f300d06092a864886f70d010101050003818d0030818902818100ec631218a2888f75462f2ce2a3f1841819b400e16d3f49b673397ae66ed7a65cc5d7022dc154"
    "b160a21a92556de1ba1025d639d5e28046225f69bdfae243a6ad46865fd9d9913866979673cb3dd2174271e1807d52caf8b4f85b4121d998a6c68cd570e07bd946c328"
    "8f0ce409c6825bc9594cba288316f8564c62838c524c130203010001";

PrivateKey parsed(std::string_view text) { return PrivateKey::parse(as_bytes(text)).value(); }

}  // namespace

TEST_CASE("the key forms that OpenSSL writes are read, and the public half is computed from the private one") {
    CHECK(parsed(sec1_with_parameters).kind() == PrivateKeyKind::ec_p256);
    CHECK(hex(parsed(sec1_with_parameters).public_key_info()) == sec1_public);
    CHECK(parsed(pkcs8_p384).kind() == PrivateKeyKind::ec_p384);
    CHECK(hex(parsed(pkcs8_p384).public_key_info()) == p384_public);
    CHECK(parsed(pkcs8_ed25519).kind() == PrivateKeyKind::ed25519);
    CHECK(hex(parsed(pkcs8_ed25519).public_key_info()) == ed25519_public);
    CHECK(parsed(pkcs1).kind() == PrivateKeyKind::rsa);
    CHECK(hex(parsed(pkcs1).public_key_info()) == rsa_public);
    CHECK(parsed(pkcs8_rsa) == parsed(pkcs1));
}

TEST_CASE("a SEC 1 key whose public half is another key's keeps to its private half") {
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256),
                     other = PrivateKey::generate(PrivateKeyKind::ec_p256);
    ByteVector mixed = key.der();
    std::copy(other.der().end() - 64, other.der().end(), mixed.end() - 64);
    REQUIRE(PrivateKey::parse(mixed).has_value());
    CHECK(PrivateKey::parse(mixed)->public_key_info() == key.public_key_info());
}

TEST_CASE("a key that is encrypted, of an unknown kind or no key at all is refused for that reason") {
    CHECK(PrivateKey::parse(as_bytes(pkcs8_encrypted)).error() == KeyError::encrypted);
    CHECK(PrivateKey::parse(as_bytes(pkcs1_encrypted)).error() == KeyError::encrypted);
    CHECK(PrivateKey::parse(as_bytes(secp256k1)).error() == KeyError::unsupported);
    CHECK(PrivateKey::parse(der_sequence({der_integer(7)})).error() == KeyError::unsupported);
    CHECK(PrivateKey::parse(as_bytes("hello")).error() == KeyError::not_a_key);
    CHECK(PrivateKey::parse({}).error() == KeyError::not_a_key);
    CHECK(PrivateKey::parse(as_bytes("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n")).error() ==
          KeyError::not_a_key);
    CHECK(PrivateKey::parse(as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")).error() ==
          KeyError::not_a_key);
    CHECK(PrivateKey::parse(as_bytes("-----BEGIN PRIVATE KEY-----\nAAAA")).error() == KeyError::not_a_key);
}

TEST_CASE("a truncated key is refused at every length") {
    for (const PrivateKeyKind kind : {PrivateKeyKind::ec_p256, PrivateKeyKind::ed25519}) {
        const ByteVector der = PrivateKey::generate(kind).der();
        for (std::size_t size = 0; size < der.size(); ++size)
            CHECK_FALSE(PrivateKey::parse(Bytes(der).first(size)).has_value());
    }
}

TEST_CASE("a generated key survives its own PEM and DER") {
    for (const PrivateKeyKind kind : {PrivateKeyKind::ec_p256, PrivateKeyKind::ec_p384, PrivateKeyKind::ec_p521,
                                      PrivateKeyKind::rsa, PrivateKeyKind::ed25519}) {
        const PrivateKey key = PrivateKey::generate(kind, 1024);
        CHECK(key.kind() == kind);
        CHECK(PrivateKey::parse(key.der()) == key);
        CHECK(PrivateKey::parse(as_bytes(key.pem())) == key);
    }
}

TEST_CASE("a PEM line holds 64 characters at most") {
    const std::string pem = parsed(pkcs1).pem();
    std::size_t start = 0;
    for (std::size_t end; (end = pem.find('\n', start)) != std::string::npos; start = end + 1) CHECK(end - start <= 64);
    CHECK(start == pem.size());
}

TEST_CASE("an RSA signature with PKCS#1 v1.5 is the one OpenSSL makes") {
    CHECK(
        hex(parsed(pkcs1).sign(SignatureAlgorithm::rsa_sha256, as_bytes("abc"))) ==
        "5c435409fa2ac51f2c11d829bc7b5f40c47c740dfd8647eea782c5a061c10e0e2b0089aad08768ba81e1e6ef187a800ccde70c25ea531e3ca3e44ae6f1a377411d"
        "5fac3bfda03dfa989fd0639c97269306563ba36d3250acb33298ac9b1bdaa88f7b28244e30f2ff1443e09948fbc454fe22901da624be9c3cc47ccfac166094");
    CHECK(
        hex(parsed(pkcs1).sign(SignatureAlgorithm::rsa_md5, as_bytes("abc"))) ==
        "674eb4a814ec95a3951a45176130bd500b98be5301c0bb682d84107d66a055930bb30e1c3aeb8486f8309c17b7b89f24d1bec0f02c5760076e6e99b83ccc9a73da"
        "450fc5b023414d3171ffe394781ca4639c57969bed6e7a6ca3dde7c8605476567e92233290931061a473b42316c6718935fa9fe0ab903c59bafd05b4f0f3b7");
}

TEST_CASE("an Ed25519 signature is the one OpenSSL makes") {
    CHECK(
        hex(parsed(pkcs8_ed25519).sign(SignatureAlgorithm::ed25519, as_bytes("abc"))) ==
        "375c4607908215d007789e835d2df45288207388845e4a4f0ae2d4d3e42eda54f32663cd89482b231f098987b6db8284d5196a143979055b03cc6bdca7af580e");
}

TEST_CASE("a signature algorithm of another kind of key is a mistake, not a signature") {
    CHECK_THROWS_AS(parsed(pkcs8_ed25519).sign(SignatureAlgorithm::ecdsa_sha256, as_bytes("abc")),
                    std::invalid_argument);
}

TEST_CASE("an algorithm identifier has the parameters its RFC wants") {
    CHECK(hex(algorithm_identifier(SignatureAlgorithm::ecdsa_sha256)) == "300a06082a8648ce3d040302");
    CHECK(hex(algorithm_identifier(SignatureAlgorithm::rsa_sha256)) == "300d06092a864886f70d01010b0500");
    CHECK(hex(algorithm_identifier(SignatureAlgorithm::ed25519)) == "300506032b6570");
    CHECK(
        hex(algorithm_identifier(SignatureAlgorithm::rsa_pss_sha256)) ==
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203"
        "020120");
}

TEST_CASE("the key identifier is the SHA-1 of the public key's bits") {
    CHECK(hex(parsed(sec1_with_parameters).key_identifier()) == "663833fada76429a30509001a3976826ead6e55b");
}

TEST_CASE("one key signs on many threads at once") {
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    std::vector<ByteVector> signatures(4);
    {
        std::vector<std::jthread> threads;
        for (ByteVector& signature : signatures) {
            threads.emplace_back([&] {
                for (int round = 0; round < 50; ++round)
                    signature = key.sign(SignatureAlgorithm::ecdsa_sha256, as_bytes("abc"));
            });
        }
    }
    CHECK(std::set<ByteVector>(signatures.begin(), signatures.end()).size() == signatures.size());
}

#include "certs/credentials.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/pkcs12.h>
#include <wolfssl/wolfcrypt/types.h>

#include <algorithm>
#include <memory>

#include "certs/certificate.h"
#include "certs/der_writer.h"
#include "certs/iterations.h"
#include "certs/pem.h"

namespace certs {

namespace {

struct FreePkcs12 {
    void operator()(WC_PKCS12* file) const { wc_PKCS12_free(file); }
};
struct FreeBuffer {
    void operator()(byte* buffer) const { XFREE(buffer, nullptr, DYNAMIC_TYPE_PUBLIC_KEY); }
};
struct FreeList {
    void operator()(WC_DerCertList* list) const { wc_FreeCertList(list, nullptr); }
};

std::expected<PrivateKey, CredentialsError> key_of(Bytes der) {
    auto key = PrivateKey::parse(der);
    if (!key) return std::unexpected(CredentialsError::unsupported_key);
    return *std::move(key);
}

std::expected<Credentials, CredentialsError> read_pkcs12(Bytes der, const std::optional<std::string>& password) {
    const auto iterations = iterations_of_pkcs12(der, password.value_or(""));
    if (!iterations) return std::unexpected(CredentialsError::unsupported_pkcs12);
    if (*iterations > most_iterations) return std::unexpected(CredentialsError::too_many_iterations);
    const std::unique_ptr<WC_PKCS12, FreePkcs12> file(wc_PKCS12_new());
    if (!file || wc_d2i_PKCS12(der.data(), static_cast<word32>(der.size()), file.get()) < 0)
        return std::unexpected(CredentialsError::unsupported_pkcs12);
    byte *key = nullptr, *certificate = nullptr;
    word32 key_size = 0, certificate_size = 0;
    WC_DerCertList* others = nullptr;
    const int result = wc_PKCS12_parse(file.get(), password.value_or("").c_str(), &key, &key_size, &certificate,
                                       &certificate_size, &others);
    const std::unique_ptr<byte, FreeBuffer> key_owner(key), certificate_owner(certificate);
    const std::unique_ptr<WC_DerCertList, FreeList> others_owner(others);
    if (result == MAC_CMP_FAILED_E)
        return std::unexpected(password ? CredentialsError::wrong_password : CredentialsError::locked);
    // For damaged parts the library returns sizes that nothing in the file has.
    if (result != 0 || key_size > der.size() || certificate_size > der.size())
        return std::unexpected(CredentialsError::unsupported_pkcs12);
    Credentials found;
    if (certificate != nullptr) found.certificates.emplace_back(certificate, certificate + certificate_size);
    for (const WC_DerCertList* each = others; each != nullptr; each = each->next)
        found.certificates.emplace_back(each->buffer, each->buffer + each->bufferSz);
    if (key == nullptr) return found;
    const auto leaf =
        found.certificates.empty() ? std::unexpected(ParseError{}) : Certificate::parse(found.certificates.front());
    if (!leaf) return std::unexpected(CredentialsError::unsupported_pkcs12);
    // The library removes the key's algorithm and curve (RFC 5958 §2); the certificate has the
    // same.
    const Bytes algorithm = leaf->public_key().algorithm.der;
    auto read = key_of(der_sequence(
        {der_integer(0), ByteVector(algorithm.begin(), algorithm.end()), der_octet_string(Bytes(key, key_size))}));
    if (!read) return std::unexpected(read.error());
    found.key = *std::move(read);
    return found;
}

// RFC 5958 §3.
std::expected<PrivateKey, CredentialsError> unlock(ByteVector content, const std::optional<std::string>& password) {
    if (!password) return std::unexpected(CredentialsError::locked);
    const auto iterations = iterations_of_key(content);
    if (!iterations) return std::unexpected(CredentialsError::unsupported_key);
    if (*iterations > most_iterations) return std::unexpected(CredentialsError::too_many_iterations);
    const int size = wc_DecryptPKCS8Key(content.data(), static_cast<word32>(content.size()), password->data(),
                                        static_cast<int>(password->size()));
    if (size <= 0) return std::unexpected(CredentialsError::wrong_password);
    // With a wrong password, the padding fits by chance now and then.
    auto key = PrivateKey::parse(Bytes(content).first(static_cast<std::size_t>(size)));
    if (!key) return std::unexpected(CredentialsError::wrong_password);
    return *std::move(key);
}

std::expected<Credentials, CredentialsError> read_text(std::string_view text,
                                                       const std::optional<std::string>& password) {
    auto blocks = read_pem(text);
    if (!blocks) return std::unexpected(CredentialsError::nothing);
    Credentials found;
    for (PemBlock& block : *blocks) {
        if (is_certificate(block)) found.certificates.push_back(std::move(block.content));
        if (found.key || !block.label.ends_with("PRIVATE KEY")) continue;
        // OpenSSL's traditional encryption is declared only in a header (RFC 1421 §4.6.1.1).
        if (text.contains("Proc-Type: 4,ENCRYPTED")) return std::unexpected(CredentialsError::old_encryption);
        auto key =
            block.label == "ENCRYPTED PRIVATE KEY" ? unlock(std::move(block.content), password) : key_of(block.content);
        if (!key) return std::unexpected(key.error());
        found.key = *std::move(key);
    }
    return found;
}

}  // namespace

std::expected<Credentials, CredentialsError> read_credentials(std::string_view file,
                                                              const std::optional<std::string>& password) {
    auto found = file.starts_with('\x30') ? read_pkcs12(as_bytes(file), password) : read_text(file, password);
    if (found && found->certificates.empty() && !found->key) return std::unexpected(CredentialsError::nothing);
    return found;
}

bool belongs_to(const PrivateKey& key, Bytes certificate) {
    const auto parsed = Certificate::parse(certificate);
    return parsed && std::ranges::equal(parsed->public_key().key, key.public_bits());
}

}  // namespace certs

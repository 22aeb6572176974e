#include "certs/chain_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "certs/certificate.h"
#include "certs/pem.h"

namespace certs {

namespace {

constexpr std::string_view spaces = " \t\r\n";

// What is there instead, so that a request or a PKCS #7 bundle given by mistake is recognised.
ChainFileError no_certificate(std::string_view text, const std::vector<PemBlock>& blocks) {
    if (text.find_first_not_of(spaces) == std::string_view::npos) return {0, "is empty"};
    if (blocks.empty()) return {0, "holds no certificate, neither PEM nor DER"};
    std::string label = blocks.front().label.substr(0, 40);
    // RFC 7468 §3: printable ASCII; what else stands there is not for a terminal.
    std::ranges::replace_if(label, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    const std::string way = label == "PKCS7" ? " (openssl pkcs7 -print_certs takes its certificates out)" : "";
    const std::string_view article = label.starts_with('E') || label.starts_with('O') ? "an" : "a";
    return {blocks.front().line, fmt::format("holds {} {} and no certificate{}", article, label, way)};
}

// PKCS #12 (RFC 7292 §4): a SEQUENCE that begins with version 3, where a certificate has another SEQUENCE.
bool is_pkcs12(Bytes der) {
    DerContext context(der);
    DerReader file(der, context);
    DerReader inside = file.sequence();
    return inside.next_is(tag::integer) && inside.small_integer(255) == 3 && !context.failed();
}

// A bundle of roots given in the place of a chain: a chain holds one root at most, for those who send it.
bool is_trust_store(const std::vector<ByteVector>& certificates) {
    constexpr std::size_t roots_of_a_store = 5;
    const auto is_root = [](const ByteVector& der) {
        const auto certificate = Certificate::parse(der);
        return certificate && certificate->is_ca() && certificate->is_self_issued();
    };
    const auto looked_at = std::span(certificates).first(std::min<std::size_t>(certificates.size(), 64));
    return is_root(certificates.front()) && std::ranges::count_if(looked_at, is_root) >= std::ptrdiff_t{roots_of_a_store};
}

bool issued(const Certificate& issuer, const Certificate& other) { return issuer.subject() == other.issuer() && !(issuer == other); }

}  // namespace

std::expected<ChainFile, ChainFileError> read_chain_file(std::string_view text) {
    // A DER certificate begins with a SEQUENCE, which as text is a "0".
    if (text.starts_with('\x30') && !text.contains("-----BEGIN ")) {
        const Bytes der = as_bytes(text);
        if (is_pkcs12(der))
            return std::unexpected(ChainFileError{0, "is a PKCS #12 file (openssl pkcs12 -nokeys takes its certificates out)"});
        return ChainFile{{{der.begin(), der.end()}}, 0};
    }
    auto blocks = read_pem(text);
    if (!blocks) return std::unexpected(ChainFileError{blocks.error().line, std::string(blocks.error().reason)});
    ChainFile file;
    for (PemBlock& block : *blocks) {
        if (is_certificate(block))
            file.certificates.push_back(std::move(block.content));
        else if (block.label.ends_with("PRIVATE KEY"))
            ++file.private_keys;
    }
    if (file.certificates.empty()) return std::unexpected(no_certificate(text, *blocks));
    if (is_trust_store(file.certificates))
        return std::unexpected(
            ChainFileError{0, fmt::format("holds {} certificates, roots among them: a trust store (--trust takes it), not a chain",
                                          file.certificates.size())});
    return file;
}

std::size_t leaf_position(const std::vector<ByteVector>& certificates) {
    // Comparing all with all is for chains, not for bundles of roots.
    constexpr std::size_t most = 64;
    if (certificates.size() > most) return 0;
    std::vector<std::optional<Certificate>> parsed;
    for (const ByteVector& der : certificates) {
        auto certificate = Certificate::parse(der);
        parsed.push_back(certificate ? std::optional(*std::move(certificate)) : std::nullopt);
    }
    const auto issues_none = [&](const std::optional<Certificate>& one) {
        return one && std::ranges::none_of(parsed, [&](const auto& other) { return other && issued(*one, *other); });
    };
    if (!parsed.front() || issues_none(parsed.front())) return 0;
    if (std::ranges::count_if(parsed, issues_none) != 1) return 0;
    return static_cast<std::size_t>(std::ranges::find_if(parsed, issues_none) - parsed.begin());
}

}  // namespace certs

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
    const std::string_view label = blocks.front().label;
    const std::string way = label == "PKCS7" ? " (openssl pkcs7 -print_certs takes its certificates out)" : "";
    return {blocks.front().line, fmt::format("holds a {} and no certificate{}", label.substr(0, 40), way)};
}

bool issued(const Certificate& issuer, const Certificate& other) { return issuer.subject() == other.issuer() && !(issuer == other); }

}  // namespace

std::expected<ChainFile, ChainFileError> read_chain_file(std::string_view text) {
    // A DER certificate begins with a SEQUENCE, which as text is a "0".
    if (text.starts_with('\x30') && !text.contains("-----BEGIN ")) {
        const Bytes der = as_bytes(text);
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

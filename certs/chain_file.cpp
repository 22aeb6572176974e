#include "certs/chain_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "certs/certificate.h"
#include "certs/der_kind.h"
#include "certs/file_shape.h"
#include "certs/pem.h"

namespace certs {

namespace {

constexpr std::string_view spaces = " \t\r\n";

// What the file contains instead, so that a request or a PKCS #7 bundle given by mistake is
// recognised.
ChainFileError no_certificate(std::string_view text, const std::vector<PemBlock>& blocks) {
    if (text.find_first_not_of(spaces) == std::string_view::npos) return {0, "is empty"};
    if (blocks.empty()) return {0, "holds no certificate, neither PEM nor DER"};
    std::string label = blocks.front().label.substr(0, 40);
    // RFC 7468 §3: a label is printable ASCII; anything else is not for a terminal.
    std::ranges::replace_if(label, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    const std::string way = label == "PKCS7" ? " (openssl pkcs7 -print_certs takes its certificates out)" : "";
    const std::string_view article = label.starts_with('E') || label.starts_with('O') ? "an" : "a";
    return {blocks.front().line, fmt::format("holds {} {} and no certificate{}", article, label, way)};
}

// DER in the place of a certificate, reported as what it is.
ChainFileError another_kind(const DerKind& kind) {
    return {0, fmt::format("is {} in DER and no certificate{}{}{}", kind.noun, kind.way.empty() ? "" : " (", kind.way,
                           kind.way.empty() ? "" : ")")};
}

// A bundle of roots given in the place of a chain: a chain contains at most one root, if its owner
// sends it.
bool is_trust_store(const std::vector<ByteVector>& certificates) {
    constexpr std::size_t roots_of_a_store = 5;
    const auto is_root = [](const ByteVector& der) {
        const auto certificate = Certificate::parse(der);
        return certificate && certificate->is_ca() && certificate->is_self_issued();
    };
    const auto looked_at = std::span(certificates).first(std::min<std::size_t>(certificates.size(), 64));
    return is_root(certificates.front()) &&
           std::ranges::count_if(looked_at, is_root) >= std::ptrdiff_t{roots_of_a_store};
}

// How DER is told from text, as in trust files: a SEQUENCE whose length takes more than one byte.
// ("0" is 0x30 too.)
bool begins_as_der(std::string_view text) { return text.size() > 1 && text[0] == '\x30' && (text[1] & 0x80) != 0; }

// Takes the DER certificates that the text begins with, as `cat leaf.der ca.der` writes them.
// Returns how many bytes they are, with the white space after them.
std::size_t take_der(std::string_view text, ChainFile& file) {
    std::string_view rest = text;
    while (begins_as_der(rest)) {
        const Bytes bytes = as_bytes(rest);
        DerContext context(bytes);
        const Bytes whole = DerReader(bytes, context).element(tag::sequence).whole;
        if (context.failed()) break;
        if (const DerKind kind = der_kind(whole); kind.private_key)
            ++file.private_keys;
        else
            file.certificates.emplace_back(whole.begin(), whole.end());
        file.holds_der = true;
        rest.remove_prefix(whole.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(spaces), rest.size()));
    }
    return text.size() - rest.size();
}

// Where DER begins after a PEM block; the text's size when it begins nowhere.
std::size_t der_behind_pem(std::string_view text) {
    constexpr std::string_view end = "-----END ";
    for (std::size_t at = text.find(end); at != std::string_view::npos; at = text.find(end, at + 1)) {
        const std::size_t line_end = std::min(text.find_first_of("\r\n", at), text.size());
        const std::size_t next = std::min(text.find_first_not_of(spaces, line_end), text.size());
        if (begins_as_der(text.substr(next))) return next;
    }
    return text.size();
}

std::optional<ChainFileError> take_pem(std::string_view text, std::size_t lines_before, ChainFile& file,
                                       std::vector<PemBlock>& others) {
    auto blocks = read_pem(text);
    if (!blocks) return ChainFileError{lines_before + blocks.error().line, std::string(blocks.error().reason)};
    for (PemBlock& block : *blocks) {
        if (is_certificate(block)) {
            file.certificates.push_back(std::move(block.content));
            continue;
        }
        if (block.label.ends_with("PRIVATE KEY")) ++file.private_keys;
        block.line += lines_before;
        others.push_back(std::move(block));
    }
    return std::nullopt;
}

ChainFileError neither(std::string_view rest, const ChainFile& file) {
    return {
        0,
        fmt::format(
            "holds {} certificate{}, and behind {} {} bytes that are neither a whole DER certificate nor PEM (make each file PEM "
            "first: openssl x509 -inform DER -in cert.der)",
            file.certificates.size(), file.certificates.size() == 1 ? "" : "s",
            file.certificates.size() == 1 ? "it" : "them", rest.size())};
}

bool issued(const Certificate& issuer, const Certificate& other) {
    return issuer.subject() == other.issuer() && !(issuer == other);
}

std::expected<ChainFile, ChainFileError> read_plain_chain(std::string_view text) {
    // A key of the usual length may be in the file beside certificates.
    const bool alone = !begins_as_der(text);
    const DerKind kind = alone ? short_der_kind(text) : der_kind(as_bytes(text));
    if (!kind.noun.empty() && (alone || !kind.private_key)) return std::unexpected(another_kind(kind));
    if (text.starts_with("\xFE\xED\xFE\xED"))
        return std::unexpected(
            ChainFileError{0, "is a Java key store (keytool -list -rfc -keystore prints its certificates)"});
    ChainFile file;
    std::vector<PemBlock> others;
    std::size_t lines = 0;
    std::string_view rest = text;
    const auto consume = [&](std::size_t size) {
        lines += static_cast<std::size_t>(std::ranges::count(rest.substr(0, size), '\n'));
        rest.remove_prefix(size);
    };
    for (consume(take_der(rest, file)); !rest.empty(); consume(take_der(rest, file))) {
        // A certificate that is cut off is judged as a certificate when there is nothing else.
        if (begins_as_der(rest) && file.certificates.empty() && !text.contains("-----BEGIN "))
            return ChainFile{{{as_bytes(text).begin(), as_bytes(text).end()}}, 0, true};
        const std::size_t end = der_behind_pem(rest);
        const bool text_alone = end == rest.size() && file.holds_der && !rest.contains("-----BEGIN ");
        if (begins_as_der(rest) || text_alone) return std::unexpected(neither(rest, file));
        if (auto error = take_pem(rest.substr(0, end), lines, file, others)) return std::unexpected(*std::move(error));
        consume(end);
    }
    if (file.certificates.empty() && file.holds_der) return std::unexpected(another_kind(der_kind(as_bytes(text))));
    if (file.certificates.empty()) return std::unexpected(no_certificate(text, others));
    if (is_trust_store(file.certificates))
        return std::unexpected(ChainFileError{
            0, fmt::format("holds {} certificates, roots among them: a trust store (--trust takes it), not a chain",
                           file.certificates.size())});
    return file;
}

}  // namespace

std::expected<ChainFile, ChainFileError> read_chain_file(std::string_view file_text) {
    const std::string text = with_pem_shape(std::string(file_text));
    auto file = read_plain_chain(text);
    // Tools that read text do not read the shape that the file had.
    if (file && text != file_text) file->holds_der = true;
    return file;
}

std::size_t leaf_position(const std::vector<ByteVector>& certificates) {
    // Comparing each with each is for chains, not for bundles of roots.
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

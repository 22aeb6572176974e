#include "certs/file_shape.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/bytes.h"
#include "certs/certificate_file.h"
#include "certs/pem.h"

namespace certs {

namespace {

// Certificate files are ASCII: any other character becomes '?', which is not base64. UTF-16 shows
// by a byte order mark, or by "-" in two bytes.
std::optional<std::string> from_utf16(std::string_view file) {
    const bool little = file.starts_with("\xFF\xFE") || file.starts_with(std::string_view("-\0-\0", 4));
    const bool big = file.starts_with("\xFE\xFF") || file.starts_with(std::string_view("\0-\0-", 4));
    if (!little && !big) return std::nullopt;
    std::string text;
    for (std::size_t at = file.front() == '-' || file.front() == '\0' ? 0 : 2; at + 1 < file.size(); at += 2) {
        const char low = file[little ? at : at + 1], high = file[little ? at + 1 : at];
        text += high == '\0' && static_cast<unsigned char>(low) < 0x80 ? low : '?';
    }
    return text;
}

std::string all_to_pem(const std::vector<ByteVector>& certificates) {
    std::string text;
    for (const ByteVector& each : certificates) text += write_pem("CERTIFICATE", each);
    return text;
}

// The whole base64 of one SEQUENCE; nullopt for anything else.
std::optional<std::string> from_bare_base64(std::string_view file) {
    if (file.starts_with("\xEF\xBB\xBF")) file.remove_prefix(3);
    const std::size_t begin = file.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || !file.substr(begin).starts_with("MI")) return std::nullopt;  // 0x30 0x8…
    ByteVector der;
    if (!decode_base64(file, der)) return std::nullopt;
    const auto bundle = signed_data_certificates(der);
    return bundle.empty() ? write_pem("CERTIFICATE", der) : all_to_pem(bundle);
}

// nullopt when no block holds a bundle, or when the text cannot be read as PEM.
std::optional<std::string> with_bundles_opened(std::string_view file) {
    const auto blocks = read_pem(file);
    if (!blocks) return std::nullopt;
    std::string text;
    bool opened = false;
    for (const PemBlock& block : *blocks) {
        const bool may_be = is_certificate(block) || block.label == "PKCS7" || block.label == "CMS";
        const auto bundle = may_be ? signed_data_certificates(block.content) : std::vector<ByteVector>();
        opened = opened || !bundle.empty();
        text += bundle.empty() ? write_pem(block.label, block.content) : all_to_pem(bundle);
    }
    return opened ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace

std::string with_pem_shape(std::string file) {
    if (file.empty()) return file;
    if (auto text = from_utf16(file)) file = *std::move(text);
    if (auto text = from_bare_base64(file)) return *std::move(text);
    if (!file.starts_with('\x30') || file.contains("-----BEGIN ")) {
        if (auto text = with_bundles_opened(file)) return *std::move(text);
    }
    return file;
}

}  // namespace certs

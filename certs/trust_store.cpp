#include "certs/trust_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "certs/der_kind.h"
#include "certs/file.h"
#include "certs/file_shape.h"
#include "certs/pem.h"

namespace certs {

namespace {

namespace fs = std::filesystem;

std::string describe(const ParseError& error) {
    return fmt::format("holds a certificate that cannot be parsed: {} at byte {}: {}", error.field, error.offset,
                       error.reason);
}

// A file that is DER, not text: a SEQUENCE whose length takes more than one byte, as every
// certificate's does. ("0" is 0x30 too.)
bool is_der(std::string_view file) { return file.size() > 1 && file[0] == '\x30' && (file[1] & 0x80) != 0; }

// The certificate in a PEM block; nullopt when it has none that is trusted for TLS servers. After
// the certificate of a TRUSTED CERTIFICATE, OpenSSL writes what it is trusted for and what it is
// not (X509_CERT_AUX: two lists of purposes, then what does not matter here).
std::optional<Bytes> certificate_in(const PemBlock& block) {
    if (is_certificate(block)) return block.content;
    if (block.label != "TRUSTED CERTIFICATE") return std::nullopt;
    DerContext context(block.content);
    DerReader reader(block.content, context);
    const Bytes certificate = reader.element(tag::sequence).whole;
    const auto names_servers = [](DerReader purposes) {
        bool named = false;
        while (!purposes.at_end()) {
            const Oid purpose = purposes.object_identifier();
            named = named || purpose == oid::server_auth || purpose == oid::any_purpose;
        }
        return named;
    };
    DerReader words = reader.at_end() ? DerReader({}, context) : reader.sequence();
    const bool trusted = !words.next_is(tag::sequence) || names_servers(words.sequence());
    const bool rejected =
        words.next_is(tag::context_constructed(0)) && names_servers(words.enter(tag::context_constructed(0)));
    if (context.failed()) return block.content;  // its error is reported when it is parsed
    return trusted && !rejected ? std::optional(certificate) : std::nullopt;
}

}  // namespace

void TrustStore::add(Certificate certificate) {
    if (contains(certificate)) return;
    by_subject_.emplace(certificate.subject().canonical(), anchors_.size());
    anchors_.push_back(std::move(certificate));
}

std::vector<const Certificate*> TrustStore::find(const DistinguishedName& subject) const {
    std::vector<const Certificate*> found;
    const auto [begin, end] = by_subject_.equal_range(subject.canonical());
    for (auto entry = begin; entry != end; ++entry) found.push_back(&anchors_[entry->second]);
    // In the order added, so that the answer does not depend on the hash.
    std::ranges::sort(found);
    return found;
}

std::optional<std::size_t> TrustStore::position(const Certificate& certificate) const {
    const auto [begin, end] = by_subject_.equal_range(certificate.subject().canonical());
    const auto found =
        std::find_if(begin, end, [&](const auto& entry) { return anchors_[entry.second] == certificate; });
    return found == end ? std::nullopt : std::optional(found->second);
}

bool TrustStore::contains(const Certificate& certificate) const { return position(certificate).has_value(); }

bool TrustStore::is_of_system(const Certificate& certificate) const {
    const auto at = position(certificate);
    return at && *at < of_system_;
}

bool TrustStore::is_own(const Certificate& certificate) const {
    const auto at = position(certificate);
    return at && own_ && *at >= *own_;
}

void TrustStore::name_source(const fs::path& path) {
    if (!source_.empty()) source_ += ", ";
    source_ += path.string();
}

std::expected<std::size_t, TrustError> TrustStore::read_file(const fs::path& path, bool lenient) {
    auto read = certs::read_file(path);
    if (!read) return std::unexpected(TrustError{path.string(), 0, reading_problem(read.error())});
    const std::string text = with_pem_shape(*std::move(read));
    std::size_t found = 0;
    const auto failed = [&](std::size_t line, std::string reason) -> std::expected<void, TrustError> {
        if (!lenient) return std::unexpected(TrustError{path.string(), line, std::move(reason)});
        ++skipped_;
        return {};
    };
    const auto add_certificate = [&](Bytes der, std::size_t line) {
        auto certificate = Certificate::parse(der);
        if (const DerKind kind = certificate ? DerKind{} : der_kind(der); !kind.noun.empty())
            return failed(line, fmt::format("holds {} in the place of a certificate{}{}{}", kind.noun,
                                            kind.way.empty() ? "" : " (", kind.way, kind.way.empty() ? "" : ")"));
        if (!certificate) return failed(line, describe(certificate.error()));
        ++found;
        add(*std::move(certificate));
        return std::expected<void, TrustError>();
    };
    std::expected<void, TrustError> result;
    if (is_der(text) || !short_der_kind(text).noun.empty()) {
        result = add_certificate(as_bytes(text), 0);
    } else {
        PemReader reader(text);
        while (auto block = result ? reader.next() : std::nullopt) {
            if (!*block)
                result = failed(block->error().line, std::string(block->error().reason));
            else if ((*block)->label == "PKCS7" || (*block)->label == "CMS")
                result = failed(
                    (*block)->line,
                    "holds a PKCS #7 bundle that cannot be read (openssl pkcs7 -print_certs takes its certificates out)");
            else if (const auto der = certificate_in(**block))
                result = add_certificate(*der, (*block)->line);
        }
    }
    if (!result) return std::unexpected(result.error());
    return found;
}

std::expected<std::size_t, TrustError> TrustStore::read_directory(const fs::path& path, bool lenient) {
    std::error_code error;
    std::vector<fs::path> files;
    for (auto entry = fs::directory_iterator(path, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) files.push_back(entry->path());
    }
    if (error) return std::unexpected(TrustError{path.string(), 0, "cannot be listed: " + error.message()});
    std::ranges::sort(files);
    std::size_t found = 0;
    for (const fs::path& file : files) {
        const auto count = read_file(file, lenient);
        if (!count) return count;
        found += *count;
    }
    return found;
}

std::expected<void, TrustError> TrustStore::read(const fs::path& path, bool lenient) {
    std::error_code error;
    const auto found = fs::is_directory(path, error) ? read_directory(path, lenient) : read_file(path, lenient);
    if (!found) return std::unexpected(found.error());
    if (*found == 0) return std::unexpected(TrustError{path.string(), 0, "holds no certificate"});
    name_source(path);
    return {};
}

std::expected<void, TrustError> TrustStore::add_file(const fs::path& path) { return read(path, false); }

std::expected<TrustStore, TrustError> TrustStore::read_system(const fs::path& root) {
    TrustStore store;
    const char* const file = std::getenv("SSL_CERT_FILE");
    const char* const directories = std::getenv("SSL_CERT_DIR");
    bool asked = false;
    if (file != nullptr && *file != 0) {
        asked = true;
        if (auto added = store.read(file, true); !added) return std::unexpected(added.error());
    }
    std::string_view rest = directories == nullptr ? "" : directories;
    while (!rest.empty()) {  // a list, as OpenSSL reads it
        asked = true;
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (end > 0) {
            if (auto added = store.read(rest.substr(0, end), true); !added) return std::unexpected(added.error());
        }
        rest.remove_prefix(std::min(rest.size(), end + 1));
    }
    if (asked) return store;

    std::vector<std::string_view> places(system_bundles.begin(), system_bundles.end());
    places.emplace_back("etc/ssl/certs");  // systems with only a directory
    for (const std::string_view place : places) {
        std::error_code error;
        if (!fs::exists(root / place, error) ||
            (fs::is_directory(root / place, error) && fs::is_empty(root / place, error)))
            continue;
        if (auto added = store.read(root / place, true); !added) return std::unexpected(added.error());
        return store;
    }
    return std::unexpected(
        TrustError{(root / places[0]).string(), 0,
                   "is not there, nor another system's bundle of roots (is ca-certificates installed?)"});
}

std::expected<TrustStore, TrustError> TrustStore::system(const fs::path& root) {
    auto store = read_system(root);
    if (store) store->of_system_ = store->anchors_.size();
    return store;
}

}  // namespace certs

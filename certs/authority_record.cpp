#include <cerrno>

#include "certs/authority.h"
#include "certs/certificate_file.h"
#include "certs/file.h"

namespace certs {

namespace {

constexpr std::size_t largest_of_record = 1 << 20;

// None when there is no such file.
std::expected<std::vector<Certificate>, AuthorityError> certificates_of(const std::filesystem::path& path) {
    const std::expected<std::string, int> text = read_file(path.string(), largest_of_record);
    if (!text && text.error() == ENOENT) return {};
    if (!text) return std::unexpected(AuthorityError{path.string(), reading_problem(text.error())});
    std::vector<Certificate> certificates = read_certificates(as_bytes(*text));
    if (certificates.empty()) return std::unexpected(AuthorityError{path.string(), "holds no certificate"});
    return certificates;
}

}  // namespace

std::expected<AuthorityRecord, AuthorityError> read_authority_record(const std::filesystem::path& directory) {
    const std::expected<std::vector<Certificate>, AuthorityError> current = certificates_of(directory / "ca.pem");
    if (!current) return std::unexpected(current.error());
    std::expected<std::vector<Certificate>, AuthorityError> previous = certificates_of(directory / "ca-previous.pem");
    if (!previous) return std::unexpected(previous.error());
    AuthorityRecord record;
    if (!current->empty()) record.current = current->front();
    // A replacement that was cut short at its very start has already recorded the current one
    // there.
    std::erase_if(*previous, [&](const Certificate& each) { return record.current == each; });
    record.previous = *std::move(previous);
    return record;
}

}  // namespace certs

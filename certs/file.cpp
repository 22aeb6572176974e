#include "certs/file.h"

#include <cerrno>
#include <memory>
#include <system_error>

namespace certs {

namespace {

constexpr std::size_t largest_file = 64 << 20;

std::string system_words(int error) { return std::generic_category().message(error); }

}  // namespace

std::expected<std::string, std::string> stream_contents(std::FILE* stream) {
    std::string text;
    char buffer[65'536];
    for (std::size_t size = sizeof buffer; size == sizeof buffer;) {
        size = std::fread(buffer, 1, sizeof buffer, stream);
        text.append(buffer, size);
        if (text.size() > largest_file) return std::unexpected("is larger than 64 MiB");
    }
    if (std::ferror(stream) != 0) return std::unexpected("cannot be read: " + system_words(errno));
    return text;
}

std::expected<std::string, std::string> file_contents(const std::filesystem::path& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
    if (!file) return std::unexpected("cannot be opened: " + system_words(errno));
    return stream_contents(file.get());
}

}  // namespace certs

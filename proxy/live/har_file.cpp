#include "proxy/live/har_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "inspect/report/flow_document.h"
#include "inspect/report/har.h"

namespace proxy {

namespace report = inspect::report;

namespace {

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

HarPieces::HarPieces(const Services& services, const inspect::Filter& filter) : services_(services) {
    records_ = services.book.newest(UINT64_MAX, SIZE_MAX, [&](const inspect::Record& each) {
        return !each.imported && filter.matches(report::subject_of(each));
    });
}

bool HarPieces::next(std::string& piece) {
    piece.clear();
    if (!std::exchange(begun_, true)) {
        piece = report::har_begin(WHYTLS_VERSION);
        return true;
    }
    if (done_ == records_.size()) {
        piece = report::har_end();
        return false;
    }
    const inspect::Record record = std::exchange(records_[records_.size() - ++done_], {}).record();
    piece = report::har_entry(report::document_json(record, services_.upstream.settings.secrets),
                              record.request_content.bytes, record.response_content.bytes);
    if (!piece.empty() && !std::exchange(first_, false)) piece.insert(0, report::har_between);
    return true;
}

std::string trouble_with_har(const Services& services) {
    const std::filesystem::path& file = services.upstream.settings.har;
    if (file.empty()) return "";
    const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
    std::error_code none;
    const auto there = std::filesystem::symlink_status(file, none);
    if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
        return fmt::format("--har {}: is no regular file, which it would replace", file.string());
    if (::access(folder.c_str(), W_OK | X_OK) == 0) return "";
    return fmt::format("--har {}: {}: {}", file.string(), folder, std::strerror(errno));
}

std::string write_har(const Services& services) {
    const std::string target = services.upstream.settings.har.string();
    if (target.empty()) return "";
    const std::string unfinished = fmt::format("{}.{}.tmp", target, ::getpid());
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return fmt::format("--har {}: {}", target, std::strerror(errno));
    HarPieces pieces(services, {});
    std::string piece;
    bool good = true;
    for (bool more = true; good && more;) {
        more = pieces.next(piece);
        good = write_all(file, piece);
    }
    good = good && ::fsync(file) == 0;
    int error = errno;
    ::close(file);
    if (good && ::rename(unfinished.c_str(), target.c_str()) == 0) return "";
    if (good) error = errno;
    ::unlink(unfinished.c_str());
    return fmt::format("--har {}: {}; it was not written", target, std::strerror(error));
}

}  // namespace proxy

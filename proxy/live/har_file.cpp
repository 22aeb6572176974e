#include "proxy/live/har_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ranges>

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

void each_piece_of_har(const Services& services, const inspect::Filter& filter,
                       const std::function<bool(std::string_view)>& take) {
    if (!take(report::har_begin(WHYTLS_VERSION))) return;
    const auto wanted = [&](const inspect::Record& record) { return filter.matches(report::subject_of(record)); };
    bool first = true;
    for (const RecordPointer& each : services.book.newest(UINT64_MAX, SIZE_MAX, wanted) | std::views::reverse) {
        const std::string entry = report::har_entry(report::document_json(*each, services.upstream.settings.secrets),
                                                    each->request_content.bytes, each->response_content.bytes);
        if (entry.empty()) continue;
        if (!take(first ? entry : std::string(report::har_between) + entry)) return;
        first = false;
    }
    (void)take(report::har_end());
}

std::string write_har(const Services& services) {
    const std::string target = services.upstream.settings.har.string();
    if (target.empty()) return "";
    const std::string unfinished = fmt::format("{}.{}.tmp", target, ::getpid());
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return fmt::format("--har {}: {}", target, std::strerror(errno));
    bool good = true;
    each_piece_of_har(services, {}, [&](std::string_view piece) { return good = write_all(file, piece); });
    good = good && ::fsync(file) == 0;
    int error = errno;
    ::close(file);
    if (good && ::rename(unfinished.c_str(), target.c_str()) == 0) return "";
    if (good) error = errno;
    ::unlink(unfinished.c_str());
    return fmt::format("--har {}: {}; it was not written", target, std::strerror(error));
}

}  // namespace proxy

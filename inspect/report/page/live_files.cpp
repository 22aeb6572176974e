#include "inspect/report/page/live_files.h"

#include <algorithm>

namespace inspect::report {

std::optional<LiveFile> live_file(std::string_view path) {
    const auto found = std::ranges::find(live_files(), path, &LiveFile::path);
    return found == live_files().end() ? std::nullopt : std::optional(*found);
}

}  // namespace inspect::report

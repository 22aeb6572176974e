// The files of the live page (folder `live`), as they are in the sources: built into the binary by
// cmake/embed.cmake. Knows nothing of who asks for them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace inspect::report {

struct LiveFile {
    std::string_view path;   // as in a URL: "/app.js"; "/" for index.html
    std::string_view type;   // a Content-Type
    std::string_view bytes;  // they live as long as the program
};

// Every file of the page, in the order of their paths.
std::span<const LiveFile> live_files();

// The file of that path, without query; in the one at "/" its server replaces the literal @TOKEN@.
// nullopt: there is none.
std::optional<LiveFile> live_file(std::string_view path);

}  // namespace inspect::report

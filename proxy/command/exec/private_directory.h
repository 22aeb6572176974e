// A directory that only this user can read, for as long as this process needs it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace proxy {

class PrivateDirectory {
public:
    // Makes it in $TMPDIR, $XDG_RUNTIME_DIR or /tmp, the first that can be written to and whose path
    // is one word to every program, and removes what processes that were killed have left there.
    // Throws StartError.
    PrivateDirectory();
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    ~PrivateDirectory() { remove(); }

    const std::string& path() const { return path_; }
    // Writes a file of that name (which may begin with one folder's), readable only by this user.
    // Throws StartError.
    void write(std::string_view name, std::string_view content) const;
    // Removes it with all that is in it. May be called again.
    void remove();

private:
    std::string path_;  // "" once it is removed
    int lock_ = -1;     // held by whoever uses the directory: what no one holds is left over
};

}  // namespace proxy

// --config FILE: options in a TOML file, one key for each, named like the option without its dashes. Knows no option itself: those that
// CLI11 has are asked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace proxy {

class ConfigFile {
public:
    // Reads the file. Throws UsageError, which names it and the line.
    explicit ConfigFile(const std::string& name);
    // The same of a text that was read already.
    ConfigFile(std::string name, std::string_view text);

    // Gives the options of `command` what the file says; what the command line gave, to the command or in front of it, it keeps. Throws
    // UsageError for a key that is no option, and for a value of a kind that its option does not take.
    void apply_to(CLI::App& command, const CLI::App& front);

    // A usage error, with the file and the line in front when it is about something that this file gave.
    std::string locate(const std::string& error) const;

private:
    struct Value {
        std::string text;
        std::size_t line = 0;
        bool boolean = false;
    };
    struct Entry {
        std::string key;
        std::size_t line = 0;
        std::vector<Value> values;
        bool list = false;
    };

    void apply(const Entry& entry, CLI::App& command) const;
    std::string at(std::size_t line) const;

    std::string name_;
    std::vector<Entry> entries_;
};

}  // namespace proxy

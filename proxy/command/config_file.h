// --config FILE: options in a TOML file, one key for each, named like the option without its
// dashes. Knows no option itself; it asks CLI11 for them.
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
    // The same for a text that was already read.
    ConfigFile(std::string name, std::string_view text);

    // Gives the options of `command` the values of the file. An option that the command line gave,
    // to the command or in front of it, keeps its value. Throws UsageError for a key that is no
    // option, and for a value of a kind that its option does not take.
    void apply_to(CLI::App& command, const CLI::App& front);

    // A usage error, preceded by the file and the line when it is about a value from this file.
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

// Options that stand somewhere else than on the command line: what such a place gives, and how it is
// given to CLI11. Knows no option itself; it asks CLI11 for them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace proxy {

// The name by which an option is known outside the command line, "idle-timeout"; "" for one that is
// only taken there (--help, --config).
const std::string& source_name(const CLI::Option& option);

// Whether a command of the program has an option of that name.
bool any_command_takes(const CLI::App& program, const std::string& name);

struct SourceValue {
    std::string text;
    std::string place;     // "whytls.toml:3", "WHYTLS_LOG"
    bool boolean = false;  // true or false, as `text`
};

struct SourceEntry {
    std::string name;  // of the option
    std::string place;
    std::vector<SourceValue> values;
    bool list = false;
};

// By an option's name: the place that decided it. What the command line decided is not in it.
using Origins = std::map<std::string, std::string>;

class OptionSource {
public:
    explicit OptionSource(std::vector<SourceEntry> entries = {}) : entries_(std::move(entries)) {}

    // Gives the options of `command` their values. One that the command line gave, to the command or
    // in front of it, and one with an origin, keeps its value; the others get theirs here. What only
    // another command of `program` takes is left out. "~/" where a path begins becomes `home`, if
    // that is not "". Throws UsageError for a name that no command knows, and for a value of a kind
    // that its option does not take.
    void apply_to(CLI::App& command, const CLI::App& program, const std::string& home, Origins& origins);

    // An error, preceded by the place when it is about a value that was applied from here.
    std::string locate(const std::string& error) const;

private:
    std::vector<SourceEntry> entries_;
};

}  // namespace proxy

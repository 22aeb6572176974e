// All that the command line takes, as values: what --help prints, for who writes it in other forms
// (man pages, completions, a configuration file). Read from CLI11's options, so that none can be
// forgotten.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace proxy {

struct OptionReference {
    std::string letter;  // "l"; "" without a short form
    std::string name;    // "listen"
    std::string takes;   // "ADDR:PORT", "on|off", "[=PATTERN]"; "" for a switch
    std::string text;
    bool repeated = false;          // each time adds a value
    bool needs_value = false;       // the next word is its value; otherwise a value may be left out
    bool in_configuration = false;  // a key of a --config file
};
struct OptionsReference {
    std::string title;
    std::vector<OptionReference> options;
};
struct ArgumentReference {
    std::string name;  // "CHAIN"
    std::string text;
};
struct CommandReference {
    std::string path;   // "whytls ca show"
    std::string name;   // "show"
    std::string text;   // one line
    std::string usage;  // "whytls ca show [options]"
    std::vector<ArgumentReference> arguments;
    std::vector<OptionsReference> groups;
    std::string footer;  // lines; those that begin with a blank are commands
    std::vector<CommandReference> commands;
};

// `command`, which the user calls `path`, and all below it.
CommandReference reference_of(const CLI::App& command, const std::string& path);

// The values of an option with a fixed set of them: {"on", "off"} of "on|off", {"off"} of
// "ADDR:PORT|off"; none where there is no such set.
std::vector<std::string> fixed_values(const OptionReference& option);

}  // namespace proxy

// Where options come from: the command line, then the environment, then a configuration file, and
// else the default. The first that has one decides.
#pragma once

#include <string>
#include <vector>

#include "proxy/command/exec/environment.h"
#include "proxy/command/sources/option_source.h"

namespace proxy {

class Sources {
public:
    // --config and --no-config, which choose the file. Must outlive the parsing.
    void add_to(CLI::App& app);

    // Gives `command` what the environment and the file have for it, once the command line is parsed.
    // Throws UsageError, which names the variable, or the file and the line.
    void apply_to(CLI::App& command, const CLI::App& program, const Environment& environment);

    // An error, preceded by the place of the value that it is about.
    std::string locate(const std::string& error) const;
    const std::string& file() const { return file_name_; }  // that was read; "" without one
    bool file_was_found() const { return was_found_; }      // no one named it
    const Origins& origins() const { return origins_; }
    // Of variables that are likely misspelt.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    OptionSource read_named(const std::string& file, const std::string& named_by);
    OptionSource read_file(const CLI::App& command, const CLI::App& program, const Environment& environment);

    std::string config_, file_name_;
    bool no_config_ = false, was_found_ = false;
    OptionSource environment_, file_;
    Origins origins_;
    std::vector<std::string> warnings_;
};

}  // namespace proxy

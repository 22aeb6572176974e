// What options were given, whatever source they come from: compared when it is read again.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace proxy {

// By the option's name its values, as on the command line. One that is not given is not in it.
using GivenValues = std::map<std::string, std::vector<std::string>>;

// Of a command that has its values from all sources; `program` may have been given some of them in
// front of it.
GivenValues given_values(const CLI::App& command, const CLI::App& program);

// What cannot be read twice among the files that these options name, and `file`: a pipe. "" where all
// can. To open a pipe again would wait for a writer, perhaps for ever.
std::string pipe_among(const GivenValues& given, std::span<const std::string_view> options, std::string file);

// The names of those that differ, but those `besides`.
std::vector<std::string> changed_values(const GivenValues& before, const GivenValues& now,
                                        std::span<const std::string_view> besides);

}  // namespace proxy

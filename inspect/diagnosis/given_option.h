// The options that whytls was started with that decide which server is reached and how it is
// judged. A fix's command repeats them, so that it does the same when it is pasted.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace inspect::diagnosis {

struct GivenOption {
    std::string name;   // "--trust"
    std::string value;  // "" for a switch
    bool operator==(const GivenOption&) const = default;
};

// " --trust root.pem --listen-tls", each word quoted for a shell; "" when there are none. Options
// named in `without` are left out.
std::string as_words(const std::vector<GivenOption>& given, std::initializer_list<std::string_view> without = {});

// The command that starts such a proxy, before its options and after them: "whytls exec" runs a
// command of its own.
constexpr std::string_view own_command(bool runs_command) { return runs_command ? "whytls exec" : "whytls proxy"; }
constexpr std::string_view own_argument(bool runs_command) { return runs_command ? " -- COMMAND" : ""; }

}  // namespace inspect::diagnosis

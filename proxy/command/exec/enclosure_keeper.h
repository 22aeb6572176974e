// The process that makes an enclosure's namespaces, and does in them what its parent asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace proxy::keeper {

// Of questions to the keeper, each one message; its answer is what went wrong, "" for nothing, with
// the descriptors that were asked for.
enum Question : char {
    make_socket = 's',   // followed by two ints, family and type
    load_rules = 'r',    // followed by what `nft -f -` reads
    replace_file = 'm',  // followed by the place, NUL, the file
};
inline constexpr std::size_t longest_message = 16384;

// Sends or receives one message. False at the end. An answer that was cut short counts as the end.
bool send(int channel, std::string_view text, const std::vector<int>& descriptors);
bool receive(int channel, std::string& text, std::vector<int>& descriptors);

// Makes the namespaces, answers with them (network, mount, and user where one was needed), and then
// answers questions until the channel ends.
[[noreturn]] void run(int channel);

}  // namespace proxy::keeper

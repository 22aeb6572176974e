// The table of messages besides those of sayings.cpp, put together from its families.
#include <algorithm>
#include <array>

#include "inspect/diagnosis/known/causes.h"
#include "inspect/diagnosis/known/messages/messages.h"

namespace inspect::diagnosis {

std::span<const Code> KnownMessage::all_codes() const {
    const auto end = std::ranges::find(codes, Code::none);
    return std::span(codes).first(static_cast<std::size_t>(end - codes.begin()));
}

std::span<const std::span<const KnownMessage>> known_messages() {
    static const std::array families{
        messages::of_certificates(), messages::of_certificate_use(), messages::of_handshakes(),
        messages::of_connections(),  messages::of_platforms(),       messages::of_languages(),
        messages::of_servers(),      messages::of_hosting(),         messages::of_issuers(),
        messages::of_databases(),    messages::of_no_server(),       messages::of_anything()};
    return families;
}

}  // namespace inspect::diagnosis

// The mark (SO_MARK) of the sockets that whytls has in an enclosure: their connections are not
// redirected.
#pragma once

namespace proxy {

inline constexpr int enclosure_mark = 0x77;

}  // namespace proxy

// `whytls ca issue`: a certificate and its key for one's own server, as two files.
#pragma once

#include "proxy/command/ca/ca_command.h"

namespace proxy {

// Valid for so many days from now. With the two days before now, in which a leaf is valid too, that
// is 397 days in all, which no client finds too long.
inline constexpr int usual_days = 395;
// 825 days with the two before now: Apple's systems refuse a server's certificate that is valid
// longer, also below a root that the user installed (support.apple.com/103769).
inline constexpr int most_days = 823;

// Makes the files, or renews the certificate for the same names, whose key stays. Never replaces
// what is not its own. Prints where they are and what comes next. Returns 0. Throws StartError.
int issue_certificate(const CaCommand& command);

}  // namespace proxy

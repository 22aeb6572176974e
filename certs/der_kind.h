// What a file or a block of DER is when it is not a certificate: a key, a request, a list given by
// mistake. Looks only at the outermost structure, not at whether the rest is sound.
#pragma once

#include <string_view>

#include "certs/bytes.h"

namespace certs {

struct DerKind {
    std::string_view noun;  // "a private key (PKCS #8)"; "" for a kind not known here
    std::string_view way;   // the command that extracts certificates from it; "" when there is none
    bool private_key = false;
};

// Also reads BER's indefinite length at the start of a PKCS #7 or PKCS #12 file, as Windows and old
// tools write it.
DerKind der_kind(Bytes file);

// The kind of a file that is exactly one element of fewer than 128 bytes, as keys on curves are. A
// text may begin with the same bytes.
DerKind short_der_kind(std::string_view file);

}  // namespace certs

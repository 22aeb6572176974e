// What a file or a block of DER is when it is no certificate: a key, a request, a list given by mistake. Looks at the outermost structure
// only; knows nothing of whether the rest is sound.
#pragma once

#include <string_view>

#include "certs/bytes.h"

namespace certs {

struct DerKind {
    std::string_view noun;  // "a private key (PKCS #8)"; "" when it is none of those known here
    std::string_view way;   // the command that takes certificates out of it; "" without
    bool private_key = false;
};

// Reads BER's indefinite length too where a PKCS #7 or PKCS #12 file begins with one, as Windows and old tools write them.
DerKind der_kind(Bytes file);

// The kind of a file that is one whole element of fewer than 128 bytes, as keys on curves are. A text may begin with the same bytes.
DerKind short_der_kind(std::string_view file);

}  // namespace certs

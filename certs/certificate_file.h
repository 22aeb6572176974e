// Certificates out of a file as they are published for fetching (RFC 5280 §4.2.2.1): one in DER, some in PEM, or a certs-only CMS
// message (RFC 8551 §3.8, .p7c). Knows nothing of which of them is wanted.
#pragma once

#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"

namespace certs {

// Every certificate in it that parses, at most 64; none when it is nothing of these. Of CMS only DER is read, and no signature
// asked for: a certificate vouches for itself.
std::vector<Certificate> read_certificates(Bytes file);

// The certificates of a PKCS #7 bundle in DER (RFC 5652 §5.1), unread; empty when it is none.
std::vector<ByteVector> signed_data_certificates(Bytes file);

}  // namespace certs

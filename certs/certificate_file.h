// Certificates from a file as published for fetching (RFC 5280 §4.2.2.1): one in DER, some in PEM,
// or a certs-only CMS message (RFC 8551 §3.8, .p7c). Does not know which of them is wanted.
#pragma once

#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"

namespace certs {

// Every certificate in it that parses, at most 64; empty for any other file. CMS is read only in
// DER, and its signatures are not checked: a certificate vouches for itself.
std::vector<Certificate> read_certificates(Bytes file);

// The certificates of a PKCS #7 bundle in DER (RFC 5652 §5.1), not parsed; empty for anything else.
std::vector<ByteVector> signed_data_certificates(Bytes file);

}  // namespace certs

// Java's own format of key stores, JKS, as far as a trust store needs it: certificates under names.
// Each Java reads it. Writes and never reads.
#pragma once

#include <span>
#include <string_view>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/time.h"

namespace certs {

// The file's bytes. `password` proves that it was not changed, and protects nothing; ASCII. `made`
// is what Java shows as the entries' date. The entries' names are "whytls-1" and so on.
ByteVector java_trust_store(std::span<const Certificate> certificates, std::string_view password, Time made);

}  // namespace certs

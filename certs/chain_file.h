// A chain as people keep it: a PEM bundle with whatever else it contains, certificates in DER, or
// one after the other in one stream. Finds the certificates and which one is the server's own; does
// not know whether they hold together.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"

namespace certs {

struct ChainFile {
    std::vector<ByteVector> certificates;  // DER, in the file's order, at least one; may be malformed
    std::size_t private_keys = 0;          // blocks with a private key; they are not looked at
    bool holds_der = false;                // tools that read text do not read it

    std::vector<Bytes> views() const { return {certificates.begin(), certificates.end()}; }
};

struct ChainFileError {
    std::size_t line = 0;  // 1-based; 0 when it is about the whole file
    std::string reason;    // a predicate: "is empty", "holds a CERTIFICATE REQUEST and no certificate"
};

std::expected<ChainFile, ChainFileError> read_chain_file(std::string_view text);

// The position of the server's own certificate: the first, as TLS demands (RFC 8446 §4.4.2). If the
// first issued another of them, and exactly one issued none, it is that one.
std::size_t leaf_position(const std::vector<ByteVector>& certificates);

}  // namespace certs

// PEM, RFC 7468's textual encoding: reads blocks from a text, with the line at which each begins,
// and writes one block. Skips explanatory text around blocks. Knows labels, not what they mean.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"

namespace certs {

struct PemBlock {
    std::string label;  // "CERTIFICATE", "X509 CRL", "PRIVATE KEY"
    ByteVector content;
    std::size_t line = 0;  // 1-based, of its BEGIN
};

struct PemError {
    std::size_t line = 0;  // 1-based
    std::string_view reason;
};

// Reads one block after the other. Line ends may be LF, CRLF or CR; white space inside the base64
// is skipped, as is an RFC 1421 header ("Proc-Type: …") with its blank line, so that an encrypted
// key is still found by its label. A block that does not end, ends with another label or is not
// base64 is an error with its line; reading may go on after it. Blocks that lost their line ends,
// or the last one when files were put together ("-----END CERTIFICATE----------BEGIN
// CERTIFICATE-----"), are read as if they had them.
class PemReader {
public:
    explicit PemReader(std::string_view text) : rest_(text) {}  // `text` must outlive the reader

    // The next block; nullopt when there is none left.
    std::optional<std::expected<PemBlock, PemError>> next();

private:
    bool next_line(std::string_view& line, bool inside);
    std::expected<PemBlock, PemError> block(std::string_view label);

    std::string_view rest_;
    std::size_t number_ = 0;  // of the line that was read last
    bool goes_on_ = false;    // that line has more: what was read is the first of the lines glued together on it
};

// Every block of `text`, in order, or the first error; no block is not an error.
std::expected<std::vector<PemBlock>, PemError> read_pem(std::string_view text);

// Whether the label is a certificate's (RFC 7468 §5, with the older "X509 CERTIFICATE").
bool is_certificate(const PemBlock& block);

// Base64 in lines of 64 characters, each with its line end, framed.
std::string write_pem(std::string_view label, Bytes content);

// RFC 4648 §4 with padding, in one line.
std::string encode_base64(Bytes content);

// RFC 4648 §4 with padding; white space is skipped. False when it is not base64.
bool decode_base64(std::string_view text, ByteVector& out);

}  // namespace certs

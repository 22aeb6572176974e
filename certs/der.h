// A strict reader of DER (X.690 §10, §11): definite minimal lengths, low tag numbers, TRUE as FF,
// minimal integers. It hands out views, copies nothing and recurses nowhere by itself. Knows
// nothing of certificates.
//
// Errors are sticky: the first one is kept in the DerContext that all readers of one document
// share, with the field being read and the offset; from then on every reader of that context is at
// its end and yields empty values. So a parser is written straight down, loops with
// `while (!reader.at_end())`, and looks at the context once, when it is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "certs/bytes.h"
#include "certs/oid.h"
#include "certs/time.h"

namespace certs {

// Which rules a document breaks.
enum class ParseFault {
    encoding,   // X.690: perhaps BER, but not DER
    structure,  // what RFC 5280 (or whoever defines the document) requires there
    limit,      // a bound of this parser: the document may be right
};

struct ParseError {
    std::string_view field;   // "tbsCertificate.validity.notBefore", a literal
    std::size_t offset = 0;   // bytes into the document
    std::string_view reason;  // a literal noun phrase
    ParseFault fault = ParseFault::structure;
};

namespace tag {

inline constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04, null = 0x05,
                              oid = 0x06, enumerated = 0x0A, utf8_string = 0x0C, numeric_string = 0x12,
                              printable_string = 0x13, teletex_string = 0x14, ia5_string = 0x16, utc_time = 0x17,
                              generalized_time = 0x18, visible_string = 0x1A, universal_string = 0x1C,
                              bmp_string = 0x1E, sequence = 0x30, set = 0x31;

// [number] IMPLICIT of a primitive type, and [number] EXPLICIT or IMPLICIT of a constructed one.
constexpr std::uint8_t context(std::uint8_t number) { return 0x80 | number; }
constexpr std::uint8_t context_constructed(std::uint8_t number) { return 0xA0 | number; }

}  // namespace tag

struct DerElement {
    std::uint8_t tag = 0;
    Bytes content;
    Bytes whole;  // with its header
};

struct DerBits {
    Bytes bytes;
    unsigned unused = 0;  // bits of the last byte, 0..7, which are zero
    // Bit 0 is the first, the most significant of the first byte, as ASN.1 counts; false beyond the
    // end.
    bool at(std::size_t bit) const { return bit / 8 < bytes.size() && (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0; }
};

class DerContext {
public:
    explicit DerContext(Bytes document) : document_(document) {}

    // Names what is read from now on, for the error; a literal.
    void field(std::string_view name) { field_ = name; }
    void fail(const std::uint8_t* at, std::string_view reason, ParseFault fault = ParseFault::structure);
    bool failed() const { return error_.has_value(); }
    const std::optional<ParseError>& error() const { return error_; }

private:
    Bytes document_;
    std::string_view field_;
    std::optional<ParseError> error_;
};

class DerReader {
public:
    // Reads `input`, which lies in the context's document.
    DerReader(Bytes input, DerContext& context) : DerReader(input, context, 0) {}

    bool at_end() const { return rest_.empty() || context_->failed(); }
    bool next_is(std::uint8_t wanted) const { return !at_end() && rest_.front() == wanted; }
    Bytes rest() const { return at_end() ? Bytes{} : rest_; }

    DerElement element();                     // whatever comes next
    DerElement element(std::uint8_t wanted);  // with that tag, or it fails
    Bytes content(std::uint8_t wanted) { return element(wanted).content; }
    DerReader enter(std::uint8_t wanted);  // a reader of that element's content; nests at most 16 deep
    DerReader sequence() { return enter(tag::sequence); }

    bool boolean();
    Bytes integer();           // two's complement, minimal, at least one byte
    Bytes positive_integer();  // without its sign byte; fails for zero and negative ones
    std::uint32_t small_integer(std::uint32_t largest, std::uint8_t wanted = tag::integer);  // 0..largest, else fails
    Oid object_identifier();                                                                 // at most 128 bytes
    DerBits bit_string(std::uint8_t wanted = tag::bit_string);
    Bytes whole_bytes();  // a BIT STRING without unused bits
    Bytes octet_string() { return content(tag::octet_string); }
    Time time();  // RFC 5280 §4.1.2.5: UTCTime or GeneralizedTime

    void end();                                                                    // fails unless everything was read
    void fail(std::string_view reason, ParseFault fault = ParseFault::structure);  // at this place

private:
    DerReader(Bytes input, DerContext& context, unsigned depth) : rest_(input), context_(&context), depth_(depth) {}

    Bytes rest_;
    DerContext* context_;
    unsigned depth_;
};

}  // namespace certs

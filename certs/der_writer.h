// Writes DER (X.690): each function returns one complete element, so that code reads like the
// structure in its RFC, der_sequence({der_integer(1), der_oid("1.2.840.10045.2.1")}). Knows the
// encoding, not what is encoded, and never reads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "certs/bytes.h"
#include "certs/oid.h"
#include "certs/time.h"

namespace certs {

// Tags of the string types that names are made of (X.690 §8.23).
enum class TextTag : std::uint8_t { utf8 = 0x0c, printable = 0x13, teletex = 0x14, ia5 = 0x16, bmp = 0x1e };

// One element with any identifier octet.
ByteVector der_element(std::uint8_t identifier, Bytes content);

// The parts one after the other, without a header; an empty part is an absent OPTIONAL.
ByteVector der_concatenation(std::initializer_list<Bytes> parts);

ByteVector der_sequence(std::initializer_list<Bytes> parts);
ByteVector der_sequence_of(std::span<const ByteVector> elements);
// X.690 §11.6: the elements in ascending order of their encodings.
ByteVector der_set_of(std::span<const ByteVector> elements);

ByteVector der_boolean(bool value);
ByteVector der_null();
ByteVector der_integer(std::int64_t value);
// A non-negative INTEGER from its big-endian magnitude, leading zeros allowed.
ByteVector der_unsigned(Bytes magnitude);
// "2.5.29.17"; precondition: at least two arcs of decimal digits, each below 2^63.
ByteVector der_oid(std::string_view dotted);
ByteVector der_oid(Oid oid);
ByteVector der_octet_string(Bytes content);
ByteVector der_bit_string(Bytes content, std::uint8_t unused_bits = 0);
// X.690 §11.2.2: a BIT STRING with named bits, trailing zero bits cut off. Bit 0 is the first.
ByteVector der_named_bits(std::span<const unsigned> bits);
ByteVector der_text(TextTag tag, std::string_view text);

// RFC 5280 §4.1.2.5: UTCTime through the year 2049, GeneralizedTime from then on (and before 1950).
ByteVector der_time(Time time);
// Either form whatever the year; UTCTime keeps its last two digits.
ByteVector der_utc_time(Time time);
ByteVector der_generalized_time(Time time);

// [number], constructed: EXPLICIT, or IMPLICIT over a SEQUENCE. Precondition: number < 31.
ByteVector der_context(unsigned number, Bytes content);
// [number], primitive: IMPLICIT over a string, an OID and the like. Precondition: number < 31.
ByteVector der_context_primitive(unsigned number, Bytes content);

}  // namespace certs

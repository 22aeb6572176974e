#include "certs/der_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <string>
#include <vector>

namespace certs {
namespace {

enum Identifier : std::uint8_t {
    boolean = 0x01,
    integer = 0x02,
    bit_string = 0x03,
    octet_string = 0x04,
    null = 0x05,
    object_identifier = 0x06,
    utc_time = 0x17,
    generalized_time = 0x18,
    sequence = 0x30,
    set = 0x31,
    context = 0x80,
    context_constructed = 0xa0,
};

void append(ByteVector& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

// X.690 §8.1.3 and §10.1: the shortest form.
void append_length(ByteVector& to, std::size_t length) {
    if (length < 0x80) {
        to.push_back(static_cast<std::uint8_t>(length));
        return;
    }
    const auto octets = static_cast<unsigned>((std::bit_width(length) + 7) / 8);
    to.push_back(static_cast<std::uint8_t>(0x80 | octets));
    for (unsigned at = octets; at-- > 0;) to.push_back(static_cast<std::uint8_t>(length >> (8 * at)));
}

// X.690 §8.19.2: seven bits per octet, the high bit set on all but the last.
void append_arc(ByteVector& to, std::uint64_t arc) {
    const auto groups = static_cast<unsigned>((std::bit_width(arc | 1) + 6) / 7);
    for (unsigned at = groups; at-- > 0;)
        to.push_back(static_cast<std::uint8_t>((arc >> (7 * at) & 0x7f) | (at > 0 ? 0x80 : 0)));
}

std::uint64_t take_arc(std::string_view& dotted) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    std::uint64_t arc = 0;
    for (const char digit : dotted.substr(0, dot)) arc = arc * 10 + static_cast<std::uint64_t>(digit - '0');
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
    return arc;
}

struct CivilTime {
    int year;
    unsigned month, day;
    std::int64_t hour, minute, second;
};

CivilTime civil(Time time) {
    using namespace std::chrono;
    const sys_seconds moment{seconds{time.seconds}};
    const sys_days date = floor<days>(moment);
    const year_month_day calendar{date};
    const hh_mm_ss clock{moment - date};
    return {int{calendar.year()},  unsigned{calendar.month()}, unsigned{calendar.day()},
            clock.hours().count(), clock.minutes().count(),    clock.seconds().count()};
}

}  // namespace

ByteVector der_element(std::uint8_t identifier, Bytes content) {
    ByteVector element;
    element.reserve(content.size() + 6);
    element.push_back(identifier);
    append_length(element, content.size());
    append(element, content);
    return element;
}

ByteVector der_concatenation(std::initializer_list<Bytes> parts) {
    ByteVector whole;
    for (const Bytes part : parts) append(whole, part);
    return whole;
}

ByteVector der_sequence(std::initializer_list<Bytes> parts) { return der_element(sequence, der_concatenation(parts)); }

ByteVector der_sequence_of(std::span<const ByteVector> elements) {
    ByteVector content;
    for (const ByteVector& element : elements) append(content, element);
    return der_element(sequence, content);
}

ByteVector der_set_of(std::span<const ByteVector> elements) {
    std::vector<ByteVector> sorted(elements.begin(), elements.end());
    std::ranges::sort(sorted);
    ByteVector content;
    for (const ByteVector& element : sorted) append(content, element);
    return der_element(set, content);
}

ByteVector der_boolean(bool value) { return {boolean, 1, static_cast<std::uint8_t>(value ? 0xff : 0x00)}; }

ByteVector der_null() { return {null, 0}; }

ByteVector der_integer(std::int64_t value) {
    ByteVector content;
    for (int at = 8; at-- > 0;) content.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
    // X.690 §8.3.2: the first nine bits are neither all zeros nor all ones.
    while (content.size() > 1 && content[0] == (content[1] & 0x80 ? 0xff : 0x00)) content.erase(content.begin());
    return der_element(integer, content);
}

ByteVector der_unsigned(Bytes magnitude) {
    while (magnitude.size() > 1 && magnitude.front() == 0) magnitude = magnitude.subspan(1);
    ByteVector content;
    if (magnitude.empty() || magnitude.front() & 0x80) content.push_back(0);
    append(content, magnitude);
    return der_element(integer, content);
}

ByteVector der_oid(std::string_view dotted) {
    ByteVector content;
    const std::uint64_t root = take_arc(dotted);
    append_arc(content, root * 40 + take_arc(dotted));
    while (!dotted.empty()) append_arc(content, take_arc(dotted));
    return der_element(object_identifier, content);
}

ByteVector der_oid(Oid oid) { return der_element(object_identifier, oid.content); }

ByteVector der_octet_string(Bytes content) { return der_element(octet_string, content); }

ByteVector der_bit_string(Bytes content, std::uint8_t unused_bits) {
    const std::uint8_t unused[] = {unused_bits};
    return der_element(bit_string, der_concatenation({unused, content}));
}

ByteVector der_named_bits(std::span<const unsigned> bits) {
    if (bits.empty()) return der_bit_string({});
    const unsigned last = std::ranges::max(bits);
    ByteVector content(last / 8 + 1);
    for (const unsigned bit : bits) content[bit / 8] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
    return der_bit_string(content, static_cast<std::uint8_t>(7 - last % 8));
}

ByteVector der_text(TextTag tag, std::string_view text) {
    return der_element(static_cast<std::uint8_t>(tag), as_bytes(text));
}

ByteVector der_time(Time time) {
    const int year = civil(time).year;
    return year >= 1950 && year <= 2049 ? der_utc_time(time) : der_generalized_time(time);
}

ByteVector der_utc_time(Time time) {
    const CivilTime at = civil(time);
    const int year = (at.year % 100 + 100) % 100;
    return der_element(utc_time, as_bytes(fmt::format("{:02}{:02}{:02}{:02}{:02}{:02}Z", year, at.month, at.day,
                                                      at.hour, at.minute, at.second)));
}

ByteVector der_generalized_time(Time time) {
    const CivilTime at = civil(time);
    return der_element(generalized_time, as_bytes(fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", at.year, at.month,
                                                              at.day, at.hour, at.minute, at.second)));
}

ByteVector der_context(unsigned number, Bytes content) {
    return der_element(static_cast<std::uint8_t>(context_constructed | number), content);
}

ByteVector der_context_primitive(unsigned number, Bytes content) {
    return der_element(static_cast<std::uint8_t>(context | number), content);
}

}  // namespace certs

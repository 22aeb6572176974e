#include "certs/der.h"

namespace certs {

namespace {

// The deepest structure of RFC 5280 that is read here nests eleven deep (a name in a distribution
// point's full name).
constexpr unsigned deepest = 16;

// X.690 §8.3.2: the first nine bits are not all equal.
bool minimal(Bytes integer) {
    return integer.size() == 1 ||
           !((integer[0] == 0x00 && integer[1] < 0x80) || (integer[0] == 0xFF && integer[1] >= 0x80));
}

}  // namespace

void DerContext::fail(const std::uint8_t* at, std::string_view reason, ParseFault fault) {
    if (error_) return;
    error_ = ParseError{field_, at == nullptr ? 0 : static_cast<std::size_t>(at - document_.data()), reason, fault};
}

void DerReader::fail(std::string_view reason, ParseFault fault) {
    context_->fail(rest_.data(), reason, fault);
    rest_ = {};
}

void DerReader::end() {
    if (!at_end()) fail("nothing more was expected here");
}

DerElement DerReader::element() {
    if (context_->failed()) return {};
    if (rest_.size() < 2)
        return fail(rest_.empty() ? "a value is missing" : "the value is cut off",
                    rest_.empty() ? ParseFault::structure : ParseFault::encoding),
               DerElement{};
    const std::uint8_t found = rest_[0];
    if ((found & 0x1F) == 0x1F) return fail("a tag number above 30, which nothing in RFC 5280 has"), DerElement{};
    std::size_t header = 2;
    std::size_t length = rest_[1];
    if (length == 0x80) return fail("an indefinite length, which DER forbids", ParseFault::encoding), DerElement{};
    if (length > 0x80) {
        const std::size_t count = length & 0x7F;
        if (count > 4) return fail("a length of more than four bytes", ParseFault::encoding), DerElement{};
        if (rest_.size() < 2 + count) return fail("the value is cut off", ParseFault::encoding), DerElement{};
        length = 0;
        for (std::size_t i = 0; i < count; ++i) length = length << 8 | rest_[2 + i];
        if (rest_[2] == 0 || length < 0x80)
            return fail("a length that is not minimal", ParseFault::encoding), DerElement{};
        header += count;
    }
    if (length > rest_.size() - header)
        return fail("the value is longer than what contains it", ParseFault::encoding), DerElement{};
    const DerElement result{found, rest_.subspan(header, length), rest_.first(header + length)};
    rest_ = rest_.subspan(header + length);
    return result;
}

DerElement DerReader::element(std::uint8_t wanted) {
    if (!context_->failed() && !rest_.empty() && rest_.front() != wanted)
        return fail("a value of another type was expected"), DerElement{};
    return element();
}

DerReader DerReader::enter(std::uint8_t wanted) {
    if (depth_ + 1 > deepest) fail("nesting that is too deep", ParseFault::limit);
    return {content(wanted), *context_, depth_ + 1};
}

bool DerReader::boolean() {
    const DerElement found = element(tag::boolean);
    if (context_->failed()) return false;
    if (found.content.size() != 1 || (found.content[0] != 0 && found.content[0] != 0xFF)) {
        context_->fail(found.whole.data(), "a BOOLEAN that is neither 00 nor FF", ParseFault::encoding);
        return false;
    }
    return found.content[0] == 0xFF;
}

Bytes DerReader::integer() {
    const DerElement found = element(tag::integer);
    if (context_->failed()) return {};
    if (found.content.empty() || !minimal(found.content)) {
        context_->fail(found.whole.data(), "an INTEGER that is not minimal", ParseFault::encoding);
        return {};
    }
    return found.content;
}

Bytes DerReader::positive_integer() {
    const std::uint8_t* const start = rest_.data();
    Bytes value = integer();
    if (context_->failed()) return {};
    if (value[0] >= 0x80 || (value.size() == 1 && value[0] == 0)) {
        context_->fail(start, "a positive INTEGER was expected");
        return {};
    }
    return value[0] == 0 ? value.subspan(1) : value;
}

std::uint32_t DerReader::small_integer(std::uint32_t largest, std::uint8_t wanted) {
    const DerElement found = element(wanted);
    if (context_->failed()) return 0;
    if (found.content.empty() || !minimal(found.content)) {
        context_->fail(found.whole.data(), "an INTEGER that is not minimal", ParseFault::encoding);
        return 0;
    }
    std::uint64_t value = 0;
    if (found.content[0] >= 0x80 || found.content.size() > 5)
        value = std::uint64_t{largest} + 1;
    else
        for (const std::uint8_t byte : found.content) value = value << 8 | byte;
    if (value > largest) {
        context_->fail(found.whole.data(), "an INTEGER out of range");
        return 0;
    }
    return static_cast<std::uint32_t>(value);
}

Oid DerReader::object_identifier() {
    const DerElement found = element(tag::oid);
    if (context_->failed()) return {};
    // X.690 §8.19: every arc ends with a byte below 0x80 and does not begin with 0x80.
    bool sound = !found.content.empty() && found.content.back() < 0x80;
    bool start = true;
    for (const std::uint8_t byte : found.content) {
        sound = sound && !(start && byte == 0x80);
        start = byte < 0x80;
    }
    if (!sound) {
        context_->fail(found.whole.data(), "an ill-formed OBJECT IDENTIFIER", ParseFault::encoding);
        return {};
    }
    if (found.content.size() > 128) {
        context_->fail(found.whole.data(), "an OBJECT IDENTIFIER of more than 128 bytes", ParseFault::limit);
        return {};
    }
    return {found.content};
}

DerBits DerReader::bit_string(std::uint8_t wanted) {
    const DerElement found = element(wanted);
    if (context_->failed()) return {};
    const Bytes content = found.content;
    const bool sound = !content.empty() && content[0] <= 7 && (content.size() > 1 || content[0] == 0) &&
                       (content.size() == 1 || (content.back() & ((1U << content[0]) - 1)) == 0);
    if (!sound) {
        context_->fail(found.whole.data(), "an ill-formed BIT STRING", ParseFault::encoding);
        return {};
    }
    return {content.subspan(1), content[0]};
}

Bytes DerReader::whole_bytes() {
    const std::uint8_t* const start = rest_.data();
    const DerBits bits = bit_string();
    if (!context_->failed() && bits.unused != 0) context_->fail(start, "a BIT STRING of whole bytes was expected");
    return bits.bytes;
}

Time DerReader::time() {
    const DerElement found = element();
    if (context_->failed()) return {};
    std::optional<Time> time;
    if (found.tag == tag::utc_time)
        time = parse_utc_time(as_text(found.content));
    else if (found.tag == tag::generalized_time)
        time = parse_generalized_time(as_text(found.content));
    if (!time) {
        context_->fail(found.whole.data(), "a time as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ was expected");
        return {};
    }
    return *time;
}

}  // namespace certs

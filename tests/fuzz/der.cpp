// The DER reader and the PEM reader on any bytes: whatever is read lies inside the input, and what
// was read is written as it was.
#include "certs/der.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "certs/der_writer.h"
#include "certs/pem.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool inside(certs::Bytes part, certs::Bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

bool same(certs::Bytes a, certs::Bytes b) { return std::ranges::equal(a, b); }

// Each value has only one DER: what was read without complaint is written with the same bytes.
void check_value(const certs::DerElement& element, certs::Bytes whole) {
    certs::DerContext context(whole);
    certs::DerReader reader(element.whole, context);
    require(same(certs::der_element(element.tag, element.content), element.whole));
    switch (element.tag) {
        case certs::tag::boolean: {
            const bool value = reader.boolean();
            require(context.failed() || same(certs::der_boolean(value), element.whole));
            break;
        }
        case certs::tag::integer: {
            require(inside(reader.integer(), element.whole));
            certs::DerReader again(element.whole, context);
            const certs::Bytes magnitude = again.positive_integer();
            require(context.failed() || same(certs::der_unsigned(magnitude), element.whole));
            break;
        }
        case certs::tag::bit_string: {
            const certs::DerBits bits = reader.bit_string();
            require(inside(bits.bytes, element.whole));
            require(context.failed() ||
                    same(certs::der_bit_string(bits.bytes, static_cast<std::uint8_t>(bits.unused)), element.whole));
            break;
        }
        case certs::tag::oid: {
            const std::string text = certs::dotted(reader.object_identifier());
            require(text.size() <= 256);
            if (!context.failed() && element.content.size() <= 9) require(same(certs::der_oid(text), element.whole));
            break;
        }
        case certs::tag::utc_time:
        case certs::tag::generalized_time: {
            const certs::Time time = reader.time();
            if (context.failed()) break;
            const bool generalized = element.tag == certs::tag::generalized_time;
            require(same(generalized ? certs::der_generalized_time(time) : certs::der_utc_time(time), element.whole));
            require(certs::parse_rfc3339(certs::rfc3339(time)) == time);
            break;
        }
        default: break;
    }
}

void walk(certs::DerReader reader, certs::DerContext& context, certs::Bytes whole, int depth) {
    while (!reader.at_end()) {
        certs::DerReader ahead = reader;
        const certs::DerElement element = reader.element();
        require(inside(element.whole, whole) && inside(element.content, element.whole));
        if (context.failed()) return;
        check_value(element, whole);
        if ((element.tag & 0x20) != 0 && depth < 20) walk(ahead.enter(element.tag), context, whole, depth + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes input(data, size);
    certs::DerContext context(input);
    walk(certs::DerReader(input, context), context, input, 0);
    if (context.failed()) require(context.error()->offset <= size);
    if (const auto blocks = certs::read_pem(certs::as_text(input))) {
        for (const certs::PemBlock& block : *blocks) {
            const auto again = certs::read_pem(certs::write_pem(block.label, block.content));
            require(again && again->size() == 1 && again->front().content == block.content);
        }
    }
    return 0;
}

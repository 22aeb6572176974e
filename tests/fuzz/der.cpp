// The DER reader and the PEM reader on any bytes: whatever is read lies inside the input, and what was read and written reads the same.
#include "certs/der.h"

#include <cstdlib>

#include "certs/pem.h"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool inside(certs::Bytes part, certs::Bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void walk(certs::DerReader reader, certs::DerContext& context, certs::Bytes whole, int depth) {
    while (!reader.at_end()) {
        certs::DerReader ahead = reader;
        const certs::DerElement element = reader.element();
        require(inside(element.whole, whole) && inside(element.content, element.whole));
        if (context.failed()) return;
        certs::DerContext own(whole);
        certs::DerReader again(element.whole, own);
        switch (element.tag) {
            case certs::tag::boolean: again.boolean(); break;
            case certs::tag::integer: require(inside(again.integer(), element.whole)); break;
            case certs::tag::bit_string: require(inside(again.bit_string().bytes, element.whole)); break;
            case certs::tag::oid: require(certs::dotted(again.object_identifier()).size() <= 256); break;
            case certs::tag::utc_time:
            case certs::tag::generalized_time: again.time(); break;
            default: break;
        }
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

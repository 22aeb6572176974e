#include "tests/support/forge_sct.h"

namespace tests {

namespace {

using certs::ByteVector;

void append_number(ByteVector& to, std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_vector16(ByteVector& to, const ByteVector& content) {
    append_number(to, content.size(), 2);
    to.insert(to.end(), content.begin(), content.end());
}

}  // namespace

ByteVector sct(char log) {
    ByteVector made = {0};
    made.insert(made.end(), 32, static_cast<std::uint8_t>(log));
    append_number(made, sct_milliseconds, 8);
    append_vector16(made, {});
    append_number(made, 0x0403, 2);  // SHA-256 with ECDSA
    append_vector16(made, ByteVector(70, 0x30));
    return made;
}

ByteVector sct_list(const std::vector<ByteVector>& entries) {
    ByteVector inner, list;
    for (const ByteVector& entry : entries) append_vector16(inner, entry);
    append_vector16(list, inner);
    return list;
}

ForgedExtension sct_extension(const std::string& logs) {
    std::vector<ByteVector> entries;
    for (const char log : logs) entries.push_back(sct(log));
    return {"1.3.6.1.4.1.11129.2.4.2", false, certs::der_octet_string(sct_list(entries))};
}

}  // namespace tests

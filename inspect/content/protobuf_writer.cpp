#include "inspect/content/protobuf_writer.h"

#include <bit>

#include "inspect/content/protobuf.h"

namespace inspect::content {

void ProtobufWriter::number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
}

void ProtobufWriter::key(std::uint32_t tag, unsigned wire) { number(std::uint64_t{tag} << 3 | wire); }

void ProtobufWriter::little_endian(std::uint64_t value, unsigned size) {
    for (unsigned byte = 0; byte < size; ++byte) text_ += static_cast<char>(value >> (8 * byte));
}

ProtobufWriter& ProtobufWriter::varint(std::uint32_t tag, std::uint64_t value) {
    key(tag, static_cast<unsigned>(WireType::varint));
    number(value);
    return *this;
}

ProtobufWriter& ProtobufWriter::fixed32(std::uint32_t tag, std::uint32_t value) {
    key(tag, static_cast<unsigned>(WireType::fixed32));
    little_endian(value, 4);
    return *this;
}

ProtobufWriter& ProtobufWriter::fixed64(std::uint32_t tag, std::uint64_t value) {
    key(tag, static_cast<unsigned>(WireType::fixed64));
    little_endian(value, 8);
    return *this;
}

ProtobufWriter& ProtobufWriter::real(std::uint32_t tag, double value) {
    return fixed64(tag, std::bit_cast<std::uint64_t>(value));
}

ProtobufWriter& ProtobufWriter::begin(std::uint32_t tag, std::size_t size) {
    key(tag, static_cast<unsigned>(WireType::bytes));
    number(size);
    return *this;
}

std::size_t ProtobufWriter::size_of(std::uint32_t tag, std::size_t size) {
    return ProtobufWriter().begin(tag, size).text_.size() + size;
}

ProtobufWriter& ProtobufWriter::bytes(std::uint32_t tag, std::string_view value) {
    begin(tag, value.size());
    text_ += value;
    return *this;
}

}  // namespace inspect::content

// Writes Protocol Buffers' wire format: the fields of one message, in the order of the calls. The
// caller knows the schema; read_protobuf() reads messages without one.
// https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace inspect::content {

class ProtobufWriter {
public:
    // `tag` is the field's number. A signed number is written in two's complement (int64, not sint64).
    ProtobufWriter& varint(std::uint32_t tag, std::uint64_t value);
    ProtobufWriter& fixed32(std::uint32_t tag, std::uint32_t value);
    ProtobufWriter& fixed64(std::uint32_t tag, std::uint64_t value);
    ProtobufWriter& real(std::uint32_t tag, double value);
    // Bytes, text (which the caller knows to be UTF-8), or a message that is written already.
    ProtobufWriter& bytes(std::uint32_t tag, std::string_view value);
    ProtobufWriter& message(std::uint32_t tag, const ProtobufWriter& inner) { return bytes(tag, inner.text_); }

    // The beginning of a message of that size, whose fields follow: what is large is written once.
    ProtobufWriter& begin(std::uint32_t tag, std::size_t size);
    // What bytes() writes for so many.
    static std::size_t size_of(std::uint32_t tag, std::size_t size);
    void reserve(std::size_t size) { text_.reserve(size); }

    const std::string& text() const { return text_; }
    std::string take() { return std::move(text_); }

private:
    void key(std::uint32_t tag, unsigned wire);
    void number(std::uint64_t value);
    void little_endian(std::uint64_t value, unsigned size);

    std::string text_;
};

}  // namespace inspect::content

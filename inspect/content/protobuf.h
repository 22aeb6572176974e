// Protocol Buffers' wire format without a schema, as `protoc --decode_raw` shows it: numbers and
// bytes of fields. What bytes mean is a guess, and said to be: a message where they parse as one,
// else text, else neither. Bounded in fields and depth.
// https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace inspect::content {

// Of all messages of a body together.
constexpr std::size_t most_protobuf_fields = 20'000;
// Messages inside one another, as protoc has it.
constexpr std::size_t deepest_protobuf = 10;

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group = 3, fixed32 = 5 };

struct ProtobufField {
    enum class Meaning : std::uint8_t {
        number,   // `number`: of a varint or a fixed field, as it is on the wire
        message,  // `fields`: of a group, or of bytes that parse as a message
        text,     // `bytes`, which are UTF-8 without controls
        binary,   // `bytes`
    };

    std::uint32_t tag = 0;  // the field's number
    WireType wire = WireType::varint;
    Meaning meaning = Meaning::number;
    bool cut = false;  // the body ends inside the field's value
    std::uint64_t number = 0;
    std::string bytes;
    std::vector<ProtobufField> fields;
    bool operator==(const ProtobufField&) const = default;
};

struct Protobuf {
    enum class End : std::uint8_t {
        complete,
        cut,        // the body ends inside a field
        bounded,    // there are more fields than most_protobuf_fields
        malformed,  // at `offset`: a field that can be none
    };

    std::vector<ProtobufField> fields;  // as many as were read, in their order
    End end = End::complete;
    std::size_t offset = 0;  // bytes of whole fields
    bool operator==(const Protobuf&) const = default;
};

Protobuf read_protobuf(certs::Bytes body);

// As `protoc --decode_raw` prints them, a line a field: `1: 150`, `2: "text\n"`, `3 {`,
// `4: 0x0000002a`. ASCII; what is cut has "(cut)" after it.
std::string protobuf_text(const std::vector<ProtobufField>& fields);

}  // namespace inspect::content

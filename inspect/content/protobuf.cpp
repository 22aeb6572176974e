#include "inspect/content/protobuf.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "inspect/content/utf8.h"

namespace inspect::content {

namespace {

using Meaning = ProtobufField::Meaning;
using End = Protobuf::End;

constexpr std::uint32_t end_of_group = 4;

// One message's fields, not those of messages inside it: whether bytes are one is decided when they
// have been read to their end.
class Reader {
public:
    Reader(certs::Bytes bytes, std::size_t& budget) : bytes_(bytes), budget_(budget) {}

    // Up to the end of the bytes, or of the group of that number.
    std::vector<ProtobufField> fields(std::size_t depth, std::uint32_t group = 0) {
        std::vector<ProtobufField> read;
        for (;;) {
            if (group == 0) whole_ = at_;
            if (at_ == bytes_.size()) {
                if (group != 0) end_ = End::cut;
                return read;
            }
            const auto key = varint();
            if (!key) return read;
            const std::uint64_t tag = *key >> 3, wire = *key & 7;
            if (tag == 0 || *key > 0xffff'ffff) return fail(), read;
            if (wire == end_of_group) {
                if (tag != group) fail();
                return read;
            }
            if (budget_ == 0) return end_ = End::bounded, read;
            --budget_;
            ProtobufField field;
            field.tag = static_cast<std::uint32_t>(tag);
            field.wire = static_cast<WireType>(wire);
            const bool good = value(field, depth);
            if (good || field.cut) read.push_back(std::move(field));
            if (!good) return read;
        }
    }

    End end() const { return end_; }
    std::size_t whole() const { return whole_; }

private:
    void fail() { end_ = End::malformed; }

    std::optional<std::uint64_t> varint() {
        constexpr std::size_t longest = 10;
        std::uint64_t value = 0;
        for (std::size_t count = 0; count < longest; ++count) {
            if (at_ == bytes_.size()) return end_ = End::cut, std::nullopt;
            const std::uint8_t byte = bytes_[at_++];
            value |= std::uint64_t{byte & 0x7fU} << (7 * count);
            if (byte < 0x80) return value;
        }
        fail();
        return std::nullopt;
    }

    bool fixed(ProtobufField& field, std::size_t size) {
        if (bytes_.size() - at_ < size) return end_ = End::cut, false;
        for (std::size_t byte = 0; byte < size; ++byte) field.number |= std::uint64_t{bytes_[at_++]} << (8 * byte);
        return true;
    }

    // False when the field is not whole; what there is of it is kept.
    bool value(ProtobufField& field, std::size_t depth) {
        switch (field.wire) {
            case WireType::varint: {
                const auto number = varint();
                field.number = number.value_or(0);
                return number.has_value();
            }
            case WireType::fixed64: return fixed(field, 8);
            case WireType::fixed32: return fixed(field, 4);
            case WireType::bytes: {
                const auto size = varint();
                if (!size) return false;
                const std::size_t left = bytes_.size() - at_;
                // 2 GiB is the most that a message may have.
                if (*size > 0x7fff'ffff) return fail(), false;
                field.cut = *size > left;
                field.bytes = certs::as_text(bytes_.subspan(at_, std::min<std::size_t>(left, *size)));
                at_ += field.bytes.size();
                if (field.cut) end_ = End::cut;
                return !field.cut;
            }
            case WireType::group:
                if (depth == 0) return fail(), false;
                field.meaning = Meaning::message;
                field.fields = fields(depth - 1, field.tag);
                field.cut = end_ == End::cut;
                return end_ == End::complete;
        }
        return fail(), false;
    }

    certs::Bytes bytes_;
    std::size_t& budget_;
    std::size_t at_ = 0, whole_ = 0;
    End end_ = End::complete;
};

// Decides what the bytes of each field mean, the messages among them too.
void interpret(std::vector<ProtobufField>& fields, std::size_t depth, std::size_t& budget) {
    for (ProtobufField& field : fields) {
        if (field.wire == WireType::group) interpret(field.fields, depth == 0 ? 0 : depth - 1, budget);
        if (field.wire != WireType::bytes) continue;
        const bool text = is_readable(field.bytes, field.cut);
        field.meaning = text ? Meaning::text : Meaning::binary;
        if (field.bytes.empty() || depth == 0) continue;
        // Of what is cut, any bytes may be the beginning of a message; text is likelier.
        if (field.cut && text) continue;
        std::size_t left = budget;
        Reader reader(certs::as_bytes(field.bytes), left);
        std::vector<ProtobufField> inside = reader.fields(depth);
        if (reader.end() != End::complete && !(field.cut && reader.end() == End::cut && !inside.empty())) continue;
        budget = left;
        field.meaning = Meaning::message;
        field.bytes = {};
        field.fields = std::move(inside);
        interpret(field.fields, depth - 1, budget);
    }
}

void print(std::string& text, const std::vector<ProtobufField>& fields, std::size_t indent) {
    for (const ProtobufField& field : fields) {
        text.append(indent, ' ').append(std::to_string(field.tag));
        const std::string_view cut = field.cut ? " (cut)" : "";
        if (field.meaning == Meaning::message) {
            text += " {\n";
            print(text, field.fields, indent + 2);
            text.append(indent, ' ').append("}").append(cut).append("\n");
            continue;
        }
        text += ": ";
        if (field.wire == WireType::varint) text += std::to_string(field.number);
        if (field.wire == WireType::fixed32) text += fmt::format("0x{:08x}", field.number);
        if (field.wire == WireType::fixed64) text += fmt::format("0x{:016x}", field.number);
        if (field.wire == WireType::bytes) {
            text += '"';
            for (const char c : field.bytes) {
                constexpr std::string_view special = "\n\r\t\"'\\", letters = "nrt\"'\\";
                if (const auto at = special.find(c); at != std::string_view::npos)
                    text.append("\\").append(1, letters[at]);
                else if (c >= 0x20 && c < 0x7f)
                    text += c;
                else
                    text += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
            }
            text += '"';
        }
        text.append(cut).append("\n");
    }
}

}  // namespace

Protobuf read_protobuf(certs::Bytes body) {
    std::size_t budget = most_protobuf_fields;
    Reader reader(body, budget);
    Protobuf read;
    read.fields = reader.fields(deepest_protobuf);
    read.end = reader.end();
    read.offset = reader.whole();
    interpret(read.fields, deepest_protobuf, budget);
    return read;
}

std::string protobuf_text(const std::vector<ProtobufField>& fields) {
    std::string text;
    print(text, fields, 0);
    return text;
}

}  // namespace inspect::content

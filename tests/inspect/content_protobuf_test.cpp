#include "inspect/content/protobuf.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>

#include "tests/support/catch.h"

using namespace inspect::content;
using End = Protobuf::End;
using Meaning = ProtobufField::Meaning;

namespace {

Protobuf read(std::string_view body) { return read_protobuf(certs::as_bytes(body)); }
std::string text(std::string_view body) { return protobuf_text(read(body).fields); }

std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
}
std::string key(std::uint32_t tag, WireType wire) {
    return varint(std::uint64_t{tag} << 3 | static_cast<std::uint64_t>(wire));
}
std::string bytes(std::uint32_t tag, std::string_view value) {
    return key(tag, WireType::bytes) + varint(value.size()).append(value);
}

// A message of fields of every kind, made from a seed.
std::string message(std::mt19937& random, int depth) {
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    std::string made;
    for (std::uint32_t fields = below(5) + (depth == 0 ? 1 : 0); fields > 0; --fields) {
        const std::uint32_t tag = below(4) == 0 ? 1 + below(536'870'911) : 1 + below(20);
        std::string value;
        switch (below(depth < 12 ? 7 : 5)) {
            case 0: made += key(tag, WireType::varint) + varint(std::uint64_t{random()} >> below(32)); break;
            case 1: made += key(tag, WireType::varint) + varint(~std::uint64_t{random()}); break;
            case 2:
                for (int byte = 0; byte < 4; ++byte) value += static_cast<char>(below(256));
                made += key(tag, WireType::fixed32) + value;
                break;
            case 3:
                for (int byte = 0; byte < 8; ++byte) value += static_cast<char>(below(256));
                made += key(tag, WireType::fixed64) + value;
                break;
            case 4:
                for (std::uint32_t byte = below(12); byte > 0; --byte)
                    value += static_cast<char>(below(2) == 0 ? below(256) : 0x20 + below(95));
                made += bytes(tag, value);
                break;
            case 5: made += bytes(tag, message(random, depth + 1)); break;
            default:
                made += depth > 4 ? ""
                                  : key(tag, WireType::group) + message(random, depth + 1) +
                                        varint(std::uint64_t{tag} << 3 | 4);
                break;
        }
    }
    return made;
}

// What `protoc --decode_raw` prints; nullopt when it refuses the message.
std::optional<std::string> protoc(const std::filesystem::path& file) {
    std::FILE* const pipe = ::popen(("protoc --decode_raw < " + file.string() + " 2>/dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string said;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
    return ::pclose(pipe) == 0 ? std::optional(said) : std::nullopt;
}

}  // namespace

TEST_CASE("a message without a schema is its fields' numbers and bytes") {
    CHECK(text("\x08\x96\x01") == "1: 150\n");
    CHECK(text("\x12\x07testing") == "2: \"testing\"\n");
    CHECK(text("\x1a\x03\x08\x96\x01") == "3 {\n  1: 150\n}\n");
    CHECK(text(std::string_view("\x25\x2a\x00\x00\x00\x29\x01\x00\x00\x00\x00\x00\x00\x80", 14)) ==
          "4: 0x0000002a\n5: 0x8000000000000001\n");
    CHECK(text("\x33\x08\x01\x34") == "6 {\n  1: 1\n}\n");
    CHECK(text(bytes(1, "a\"b'\\\n\r\t\x01\xff\xc3\xa9")) == R"(1: "a\"b\'\\\n\r\t\001\377\303\251")"
                                                             "\n");
    CHECK(read("") == Protobuf{});
    const Protobuf negative = read(key(1, WireType::varint) + varint(~std::uint64_t{0}));
    CHECK(negative.fields.at(0).number == ~std::uint64_t{0});
}

TEST_CASE("bytes mean a message where they parse as one, else text, else neither") {
    const auto meaning = [](std::string_view value) { return read(bytes(1, value)).fields.at(0).meaning; };
    CHECK(meaning("\x08\x01") == Meaning::message);
    CHECK(meaning("größe") == Meaning::text);
    CHECK(meaning("") == Meaning::text);
    CHECK(meaning("\xff\xfe") == Meaning::binary);
    CHECK(meaning(std::string_view("\x08\x01\x00", 3)) == Meaning::binary);
}

TEST_CASE("of a body that was cut, the fields that came are shown, the last as far as it came") {
    const std::string body = bytes(1, "first") + bytes(2, "second") +
                             bytes(3, key(1, WireType::varint) + varint(7) + bytes(2, "inner text"));
    for (std::size_t size = 0; size <= body.size(); ++size) {
        const Protobuf part = read(std::string_view(body).substr(0, size));
        INFO(size << ": " << protobuf_text(part.fields));
        const bool between = size == 0 || size == 7 || size == 15 || size == body.size();
        CHECK(part.end == (between ? End::complete : End::cut));
        CHECK(part.offset <= size);
    }
    CHECK(text(std::string_view(body).substr(0, 12)) == "1: \"first\"\n2: \"sec\" (cut)\n");
    CHECK(text(std::string_view(body).substr(0, body.size() - 5)) ==
          "1: \"first\"\n2: \"second\"\n3 {\n  1: 7\n  2: \"inner\" (cut)\n} (cut)\n");
    CHECK(text("\x33\x08\x01") == "6 {\n  1: 1\n} (cut)\n");
}

TEST_CASE("what can be no field ends the reading, with its place") {
    const auto malformed = [](std::string_view body, std::size_t offset) {
        const Protobuf part = read("\x08\x01" + std::string(body));
        CHECK(part.end == End::malformed);
        CHECK(part.offset == 2 + offset);
        CHECK(part.fields.size() == 1);
    };
    malformed(std::string_view("\x00\x01", 2), 0);            // field 0
    malformed("\x0e", 0);                                     // wire type 6
    malformed("\x0f", 0);                                     // … and 7
    malformed("\x0c", 0);                                     // the end of no group
    malformed("\x0b\x14", 0);                                 // … of another one
    malformed("\x08" + std::string(10, '\xff') + "\x01", 0);  // more than 64 bits
    malformed("\x80\x80\x80\x80\x80\x01\x01", 0);             // a number of more than 29 bits
    malformed("\x0a\xff\xff\xff\xff\x0f", 0);                 // 4 GiB
}

TEST_CASE("fields and depth are bounded") {
    std::string deep = "\x08\x01";
    for (int level = 0; level < 30; ++level) deep = bytes(1, deep);
    const Protobuf nested = read(deep);
    std::size_t depth = 0;
    for (const auto* fields = &nested.fields; !fields->empty(); fields = &fields->at(0).fields) ++depth;
    CHECK(depth == deepest_protobuf + 1);
    CHECK(read(std::string(100'000, '\x0b')).end == End::malformed);

    std::string many;
    for (int field = 0; field < 50'000; ++field) many += "\x08\x01";
    CHECK(read(many).end == End::bounded);
    CHECK(read(many).fields.size() == most_protobuf_fields);
    // Bytes for which there is no room are not taken apart.
    CHECK(read(bytes(1, many)).fields.at(0).meaning != Meaning::message);
}

TEST_CASE("messages are shown as protoc shows them") {
    if (std::system("protoc --version >/dev/null 2>&1") != 0) {
        WARN("protoc is not here to compare with");
        return;
    }
    std::string directory = (std::filesystem::temp_directory_path() / "whytls-protobuf-XXXXXX").string();
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    const auto file = std::filesystem::path(directory) / "message";
    std::mt19937 random(20'261'130);
    int compared = 0;
    for (int round = 0; round < 150; ++round) {
        const std::string body = message(random, 0);
        std::ofstream(file, std::ios::binary) << body;
        const auto said = protoc(file);
        const Protobuf part = read(body);
        INFO("message " << round << " of " << body.size() << " bytes");
        REQUIRE(said.has_value() == (part.end == End::complete));
        if (!said) continue;
        ++compared;
        CHECK(protobuf_text(part.fields) == *said);
    }
    CHECK(compared > 100);
    std::filesystem::remove_all(directory);
}

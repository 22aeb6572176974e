#include "inspect/content/coding.h"

#include <array>

#include "tests/support/catch.h"
#include "tests/support/coded.h"

using namespace inspect::content;
using tests::brotli_of, tests::gzip_of, tests::raw_deflate_of, tests::zlib_of, tests::zstd_of;

namespace {

constexpr std::size_t most = 1 << 20;

Decoded decoded(std::string_view codings, std::string_view body, std::size_t bound = most) {
    Decoded result = decode(codings, certs::as_bytes(body), bound);
    CHECK(result.text.size() <= bound);
    return result;
}

const std::string text = [] {
    std::string lines;
    for (int line = 0; line < 30'000; ++line) lines += "line " + std::to_string(line * 7919 % 30'000) + ", as others\n";
    return lines;
}();

struct Case {
    std::string coding, body;
};
std::vector<Case> cases() {
    return {{"gzip", gzip_of(text)},           {"x-gzip", gzip_of(text)}, {"deflate", zlib_of(text)},
            {"deflate", raw_deflate_of(text)}, {"br", brotli_of(text)},   {"zstd", zstd_of(text)}};
}

}  // namespace

TEST_CASE("each coding is undone, in any case of its name") {
    for (const auto& [coding, body] : cases()) {
        INFO(coding);
        CHECK(decoded(coding, body) == Decoded{.text = text});
    }
    CHECK(decoded("GZip", gzip_of("a")).text == "a");
    CHECK(decoded("identity", "a") == Decoded{.text = "a"});
    CHECK(decoded("", "a") == Decoded{.text = "a"});
    CHECK(decoded("deflate", raw_deflate_of("")).end == End::complete);
}

TEST_CASE("a list of codings is undone from its end") {
    CHECK(decoded("gzip, br", brotli_of(gzip_of(text))) == Decoded{.text = text});
    CHECK(decoded(" deflate ,, identity , zstd ", zstd_of(zlib_of(text))) == Decoded{.text = text});
    CHECK(decoded("gzip,gzip,gzip,gzip", gzip_of(gzip_of(gzip_of(gzip_of("a"))))).text == "a");
    CHECK(decoded("gzip,gzip,gzip,gzip,gzip", "a").end == End::unknown);
}

TEST_CASE("an empty body is complete in every coding") {
    for (const std::string_view coding : {"gzip", "deflate", "br", "zstd", "gzip, br"})
        CHECK(decoded(coding, "") == Decoded{});
}

TEST_CASE("a coding that is not known leaves what it was made of, and is named") {
    CHECK(decoded("compress", "a") == Decoded{.text = "a", .end = End::unknown, .coding = "compress"});
    const std::string inner = gzip_of("a");
    CHECK(decoded("gzip, dcb, br", brotli_of(inner)) == Decoded{.text = inner, .end = End::unknown, .coding = "dcb"});
    CHECK(decoded("compress", "abc", 2).text == "ab");
}

TEST_CASE("members of gzip and frames of zstd follow one another") {
    CHECK(decoded("gzip", gzip_of("a") + gzip_of("") + gzip_of("b")) == Decoded{.text = "ab"});
    CHECK(decoded("zstd", zstd_of("a") + zstd_of("b")) == Decoded{.text = "ab"});
    const std::string skipped("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
    CHECK(decoded("zstd", zstd_of("a") + skipped + zstd_of("b")) == Decoded{.text = "ab"});
}

TEST_CASE("of a body that was cut, what came is shown: each cut shows a beginning of the text") {
    for (const auto& [coding, body] : cases()) {
        std::size_t shown = 0;
        for (std::size_t size = 1; size < body.size(); size += 1 + body.size() / 50) {
            const Decoded part = decoded(coding, std::string_view(body).substr(0, size));
            INFO(coding << " " << size);
            CHECK(part.end == End::cut);
            CHECK(part.coding == coding);
            CHECK(text.starts_with(part.text));
            CHECK(part.text.size() >= shown);
            shown = part.text.size();
        }
        // zstd shows whole blocks of at most 128 KiB (RFC 8878 §3.1.1.2.4).
        INFO(coding);
        CHECK(shown > text.size() / 2);
    }
    const std::string twice = brotli_of(gzip_of(text));
    const Decoded part = decoded("gzip, br", std::string_view(twice).substr(0, twice.size() / 2));
    CHECK(part.end == End::cut);
    CHECK(part.coding == "br");
    CHECK(text.starts_with(part.text));
}

TEST_CASE("a small body that stands for a large one costs its bound") {
    const std::string zeros(64 << 20, '\0');
    const std::array bombs = {Case{"gzip", gzip_of(zeros)},
                              Case{"deflate", zlib_of(zeros)},
                              Case{"br", brotli_of(zeros)},
                              Case{"zstd", zstd_of(zeros)},
                              Case{"gzip, gzip", gzip_of(gzip_of(zeros))},
                              Case{"gzip, br", brotli_of(gzip_of(zeros))}};
    for (const auto& [coding, body] : bombs) {
        INFO(coding);
        const Decoded part = decoded(coding, body, 100'000);
        CHECK(part.end == End::bounded);
        CHECK(part.text == std::string(100'000, '\0'));
        CHECK(decoded(coding, body, 0).end == End::bounded);
        CHECK(part.text.capacity() < 400'000);
    }
    // Its inner coding is as large as the bound, so that the outer one cannot come to an end.
    const Decoded inner = decoded("gzip, gzip", gzip_of(std::string(1'000'000, 'x')), 1000);
    CHECK(inner.end == End::malformed);
}

TEST_CASE("what is exactly as large as the bound is complete") {
    for (const auto& [coding, body] : cases()) {
        CHECK(decoded(coding, body, text.size()).end == End::complete);
        const Decoded part = decoded(coding, body, text.size() - 1);
        CHECK(part.end == End::bounded);
        CHECK(part.coding == coding);
        CHECK(part.text == text.substr(0, text.size() - 1));
    }
    CHECK(decoded("", "abc", 3).end == End::complete);
    CHECK(decoded("", "abc", 2) == Decoded{.text = "ab", .end = End::bounded});
}

TEST_CASE("what is not of its coding is told with the place, and what came before it is kept") {
    for (const std::string_view coding : {"gzip", "br", "zstd", "deflate"}) {
        const Decoded part = decoded(coding, "\xff\xff{\"a\": \"this is not coded at all, whatever its head says\"}");
        INFO(coding);
        CHECK(part.end == End::malformed);
        CHECK(part.coding == coding);
        CHECK(part.offset < 8);
    }
    const Decoded after = decoded("gzip", gzip_of("a") + "garbage");
    CHECK(after == Decoded{.text = "a", .end = End::malformed, .coding = "gzip", .offset = gzip_of("a").size()});
    CHECK(decoded("br", brotli_of("a") + "x").end == End::malformed);
    CHECK(decoded("zstd", zstd_of("a") + "garbage").text == "a");
    std::string damaged = gzip_of(text);
    damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // of the CRC
    CHECK(decoded("gzip", damaged).end == End::malformed);
    CHECK(decoded("gzip", damaged).text == text);
}

TEST_CASE("a zstd window above 8 MiB is refused, as browsers do") {
    // A frame header with a window of 16 MiB (RFC 8878 §3.1.1.1.2), and a raw block of one byte.
    const std::string frame(
        "\x28\xb5\x2f\xfd\x00\x70\x09\x00\x00"
        "a",
        10);
    CHECK(decoded("zstd", frame).end == End::malformed);
}

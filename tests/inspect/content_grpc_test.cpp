#include "inspect/content/grpc.h"

#include "tests/support/catch.h"
#include "tests/support/coded.h"

using namespace inspect::content;
using namespace std::string_literals;

namespace {

std::string frame(std::string_view message, char flags = 0) {
    const auto size = message.size();
    return std::string{flags, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                       static_cast<char>(size >> 8), static_cast<char>(size)}
        .append(message);
}
GrpcFrames frames(std::string_view body, std::string_view encoding = "", std::size_t most = 1 << 20) {
    return grpc_frames(certs::as_bytes(body), encoding, most);
}

}  // namespace

TEST_CASE("a body is its messages, each after its prefix") {
    const GrpcFrames read = frames(frame("one") + frame("") + frame("three"));
    REQUIRE(read.frames.size() == 3);
    CHECK(read.end == End::complete);
    CHECK(read.frames[0] == GrpcFrame{.length = 3, .message = {.text = "one"}});
    CHECK(read.frames[1] == GrpcFrame{});
    CHECK(read.frames[2].message.text == "three");
    CHECK(frames("") == GrpcFrames{});
}

TEST_CASE("a message that is marked as compressed is decoded with the grpc-encoding") {
    const std::string coded = tests::gzip_of("text");
    const GrpcFrames read = frames(frame(coded, 1) + frame("plain"), "gzip");
    CHECK(read.frames[0] == GrpcFrame{.compressed = true,
                                      .length = static_cast<std::uint32_t>(coded.size()),
                                      .message = {.text = "text"}});
    CHECK(read.frames[1].message.text == "plain");
    CHECK(frames(frame("x", 1), "snappy").frames[0].message.end == End::unknown);
    CHECK(frames(frame("x", 1), "").frames[0].message.end == End::unknown);
    CHECK(frames(frame("x", 1), "gzip").frames[0].message.end != End::complete);
}

TEST_CASE("of a body that was cut, what came of the last message is shown") {
    const std::string body = frame("one") + frame("second");
    for (std::size_t size = 1; size < body.size(); ++size) {
        const GrpcFrames read = frames(std::string_view(body).substr(0, size));
        INFO(size);
        CHECK(read.end == (size == 8 ? End::complete : End::cut));
        if (size > 13) {
            CHECK(read.frames[1].cut);
            CHECK(read.frames[1].length == 6);
            CHECK(read.frames[1].message.text == std::string_view("second").substr(0, size - 13));
            CHECK(read.frames[1].message.end == End::cut);
            CHECK(read.offset == 8);
        }
    }
}

TEST_CASE("the last frame of gRPC-Web has the trailers") {
    const GrpcFrames read = frames(frame("m") + frame("grpc-status: 0\r\n", '\x80'));
    CHECK_FALSE(read.frames[0].trailers);
    CHECK(read.frames[1].trailers);
    CHECK(read.frames[1].message.text == "grpc-status: 0\r\n");
}

TEST_CASE("what has no prefix is told with its place") {
    const GrpcFrames read = frames(frame("one") + "{\"error\"}");
    CHECK(read.end == End::malformed);
    CHECK(read.offset == 8);
    CHECK(read.frames.size() == 1);
}

TEST_CASE("messages are bounded in number and together in size") {
    std::string many;
    for (int count = 0; count < 2000; ++count) many += frame("");
    CHECK(frames(many).end == End::bounded);
    CHECK(frames(many).frames.size() == most_grpc_frames);
    const std::string bomb = frame(tests::gzip_of(std::string(10'000'000, '\0')), 1);
    std::size_t size = 0;
    for (const GrpcFrame& each : frames(bomb + bomb + bomb, "gzip", 1000).frames) size += each.message.text.size();
    CHECK(size == 1000);
    CHECK(frames("\x00\xff\xff\xff\xffxy"s).frames.at(0).message.text == "xy");
}

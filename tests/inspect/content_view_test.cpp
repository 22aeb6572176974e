#include "inspect/report/content_view.h"

#include <nlohmann/json.hpp>

#include "inspect/content/charset.h"
#include "tests/support/catch.h"
#include "tests/support/coded.h"

using inspect::content::to_utf8;
using Json = nlohmann::json;

namespace {

Json view(std::string_view type, std::string_view body, std::string_view coding = "", bool whole = true,
          std::string_view grpc_encoding = "") {
    return Json::parse(inspect::report::view_json(type, coding, grpc_encoding, certs::as_bytes(body), whole));
}

std::string grpc_frame(std::string_view message, char flags = 0) {
    std::string frame(1, flags);
    for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(message.size() >> shift);
    return frame.append(message);
}

}  // namespace

TEST_CASE("a body in a content coding is shown without it, and what became of the coding is said") {
    const std::string body = tests::gzip_of(R"({"a":1})");
    CHECK(view("application/json", body, "gzip") ==
          Json({{"form", "json"},
                {"size", body.size()},
                {"whole", true},
                {"coding", {{"names", "gzip"}, {"end", "complete"}, {"size", 7}}},
                {"charset", "utf-8"},
                {"text", R"({"a":1})"}}));
    const Json cut = view("application/json", body.substr(0, body.size() - 5), "gzip", false);
    CHECK(cut["coding"]["end"] == "cut");
    CHECK(cut["whole"] == false);
    CHECK_FALSE(view("text/plain", "a", "identity").contains("coding"));
}

TEST_CASE("a body that is not in the coding it names is shown as it is, one in an unknown coding as bytes") {
    const Json plain = view("text/plain", "as it is", "gzip");
    CHECK(plain["coding"]["end"] == "malformed");
    CHECK(plain["text"] == "as it is");
    const Json unknown = view("text/css", "\x01\xff", "compress");
    CHECK(unknown["coding"]["end"] == "unknown");
    CHECK(unknown["form"] == "binary");
    CHECK(unknown["hex"] == "01ff");
}

TEST_CASE("a small body that stands for much costs no more than the bound") {
    const Json bomb = view("text/plain", tests::gzip_of(std::string(100 << 20, 'a')), "gzip");
    CHECK(bomb["cut"] == true);
    CHECK(bomb["coding"]["end"] == "bounded");
    CHECK(bomb["text"].get_ref<const std::string&>().size() == inspect::report::most_shown_text);
    const Json bytes = view("", std::string(200'000, '\x01'));
    CHECK(bytes["form"] == "binary");
    CHECK(bytes["cut"] == true);
    CHECK(bytes["hex"].get_ref<const std::string&>().size() == 2 * inspect::report::most_shown_hex);
    std::string parts;
    for (int part = 0; part < 500; ++part) parts += "--x\r\n\r\n" + std::string(4000, 'a') + "\r\n";
    CHECK(view("multipart/form-data; boundary=x", parts + "--x--").dump().size() <
          2 * inspect::report::most_shown_text);
}

TEST_CASE("text in ISO-8859-1, windows-1252 and UTF-16 is shown as what it says") {
    CHECK(view("text/html; charset=ISO-8859-1", "<html>caf\xe9")["text"] == "<html>café");
    CHECK(view("text/html; charset=windows-1252", "<html>\x80 5")["text"] == "<html>€ 5");
    CHECK(view("text/html", "<html>caf\xe9")["charset"] == "windows-1252");
    CHECK(view("text/plain", "caf\xe9")["text"] == "café");
    CHECK(view("text/plain", "caf\xe9\x01")["form"] == "binary");
    const Json wide = view("text/plain", std::string_view("\xff\xfe\x61\0\x3d\xd8\x00\xde", 8));
    CHECK(wide["charset"] == "utf-16le");
    CHECK(wide["text"] == "a😀");
    CHECK(view("text/plain",
               "\xef\xbb\xbf"
               "a")["text"] == "a");
    CHECK(to_utf8(std::string_view("\0a\xd8\x3d", 4), "UTF-16BE", true).text == "a");
    CHECK(to_utf8(std::string_view("\0a\xd8\x3d\0", 5), "UTF-16BE") ==
          inspect::content::CharsetText{"a\uFFFD\uFFFD", true});
}

TEST_CASE("of text in another charset what cannot be read is replaced, and that is said") {
    const Json japanese = view("text/html; charset=Shift_JIS", "<html>\x93\xfa a");
    CHECK(japanese["charset"] == "shift_jis");
    CHECK(japanese["replaced"] == true);
    CHECK(japanese["text"] == "<html>\uFFFD\uFFFD a");
    CHECK_FALSE(view("text/html; charset=Shift_JIS", "<html>")["replaced"].is_boolean());
}

TEST_CASE("a character that the end of what is kept cuts is left out, not replaced") {
    const Json cut = view("text/plain", "caf\xc3", "", false);
    CHECK(cut["text"] == "caf");
    CHECK_FALSE(cut.contains("replaced"));
}

TEST_CASE("a form's fields are told apart and decoded") {
    const Json form = view("application/x-www-form-urlencoded", "a=1+2&b=%C3%A9%&c&=d&&e=%zz=");
    CHECK(form["fields"] == Json::parse(R"([["a","1 2"],["b","é%"],["c",""],["","d"],["e","%zz="]])"));
    CHECK(view("application/x-www-form-urlencoded", std::string(100'000, '&') + "a=b")["fields"].size() == 1);
    std::string many;
    for (int field = 0; field < 20'000; ++field) many += "a=b&";
    CHECK(view("application/x-www-form-urlencoded", many)["cut"] == true);
}

TEST_CASE("each part of a multipart is shown by its own form") {
    const Json parts = view("multipart/form-data; boundary=x",
                            "--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\none\r\n"
                            "--x\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\r\n--x\r\n\r\ncut",
                            "", false);
    REQUIRE(parts["parts"].size() == 3);
    CHECK(parts["end"] == "cut");
    CHECK(parts["parts"][0]["headers"] == Json::parse(R"([["Content-Disposition","form-data; name=\"n\""]])"));
    CHECK(parts["parts"][0]["text"] == "one");
    CHECK(parts["parts"][1]["form"] == "png");
    CHECK(parts["parts"][1]["hex"] == "89504e470d0a1a0a");
    CHECK(parts["parts"][2]["text"] == "cut");
}

TEST_CASE("gRPC's messages are shown as protoc --decode_raw shows them") {
    const std::string message = "\x08\x96\x01";
    const Json frames = view("application/grpc",
                             grpc_frame(message) + grpc_frame(tests::gzip_of(message), 1) +
                                 grpc_frame("grpc-status: 0\r\n", static_cast<char>(0x80)),
                             "", true, "gzip")["frames"];
    REQUIRE(frames.size() == 3);
    CHECK(frames[0] == Json({{"compressed", false}, {"trailers", false}, {"length", 3}, {"text", "1: 150\n"}}));
    CHECK(frames[1]["text"] == "1: 150\n");
    CHECK(frames[2]["text"] == "grpc-status: 0\r\n");
    const Json unnamed = view("application/grpc", grpc_frame(message, 1))["frames"][0];
    CHECK(unnamed["coding"]["end"] == "unknown");
    CHECK(unnamed["hex"] == "089601");
    CHECK(view("application/grpc", "\x07junk")["hex"] == "076a756e6b");
    CHECK(view("application/x-protobuf", "\x08\x96\x01")["text"] == "1: 150\n");
    CHECK(view("application/x-protobuf", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")["end"] == "malformed");
}

TEST_CASE("an event stream is shown event by event") {
    const Json events =
        view("text/event-stream",
             "\xef\xbb\xbf: hello\n\nevent: tick\ndata: 1\ndata:2\nid: 7\r\n\r\ndata\r\rdata: unfinished\n")["events"];
    CHECK(events ==
          Json({{{"event", "tick"}, {"data", "1\n2"}, {"id", "7"}}, {{"event", ""}, {"data", ""}, {"id", ""}}}));
}

TEST_CASE("an image is shown as itself, unless its bytes are none") {
    CHECK(view("image/gif", "GIF89a")["base64"] == "R0lGODlh");
    const Json html = view("image/gif", "<!doctype html>");
    CHECK(html["form"] == "html");
    CHECK(html["doubted"] == true);
    const Json svg = view("image/svg+xml", "<svg/>");
    CHECK(svg["text"] == "<svg/>");
    CHECK(svg["base64"] == "PHN2Zy8+");
    CHECK(view("text/plain", "") == Json({{"form", "empty"}, {"size", 0}, {"whole", true}}));
}

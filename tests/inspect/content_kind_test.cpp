#include "inspect/content/kind.h"

#include "inspect/content/media_type.h"
#include "tests/support/catch.h"

using namespace inspect::content;
using namespace std::string_view_literals;

namespace {

Kind kind(std::string_view type, std::string_view body) { return kind_of(type, certs::as_bytes(body), true); }

struct Expected {
    std::string_view type, body;
    Form form;
};

constexpr auto png_bytes = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv;
constexpr auto webp_bytes = "RIFF\x24\0\0\0WEBPVP8 "sv;

}  // namespace

TEST_CASE("Content-Type says what a body is") {
    using enum Form;
    for (const auto& [type, body, form] : std::initializer_list<Expected>{
             {"application/json", "{}", json},
             {"APPLICATION/JSON; charset=utf-8", "1", json},
             {"application/problem+json", "{}", json},
             {"application/x-ndjson", "{}\n{}", json_lines},
             {"text/xml", "<a/>", xml},
             {"application/atom+xml", "<a/>", xml},
             {"text/html", "hello", html},
             {"application/x-www-form-urlencoded", "a=b", Form::form},
             {"image/png", png_bytes, Form::png},
             {"image/svg+xml", "<svg/>", svg},
             {"text/event-stream", "data: x\n\n", sse},
             {"application/grpc", "\0\0\0\0\0"sv, grpc},
             {"application/grpc+proto", "\0\0\0\0\0"sv, grpc},
             {"application/grpc-web+proto", "\0\0\0\0\0"sv, grpc},
             {"application/grpc-web-text", "AAAA", text},
             {"application/x-protobuf", "\x08\x01", protobuf},
             {"text/css", "a{}", text},
             {"application/javascript", "{}", text},
             {"text/plain", "<html>", text},
             {"text/plain", "{\"a\":1}", json},
             {"multipart/form-data; boundary=x", "--x", multipart},
         }) {
        INFO(type << " " << body);
        const Kind found = kind(type, body);
        CHECK(name(found.form) == name(form));
        CHECK_FALSE(found.doubted);
    }
}

TEST_CASE("the first bytes say it where no type does") {
    using enum Form;
    for (const std::string_view type : {"", "application/octet-stream", "binary/octet-stream", "nonsense"}) {
        for (const auto& [unused, body, form] : std::initializer_list<Expected>{
                 {"", "", empty},
                 {"", " \n{\"a\": 1}", json},
                 {"", "\xef\xbb\xbf{}", json},
                 {"", "[1, 2]", json},
                 {"", "[info] started", text},
                 {"", "{ not so }", text},
                 {"", "<!DOCTYPE html><p>", html},
                 {"", "\n<!-- x --><HTML>", html},
                 {"", "<?xml version=\"1.0\"?><html xmlns=\"x\"/>", html},
                 {"", "<?xml version=\"1.0\"?><a/>", xml},
                 {"", "<?xml version=\"1.0\"?><!DOCTYPE svg><svg>", svg},
                 {"", "<svgs/>", xml},
                 {"", "< 3", text},
                 {"", png_bytes, Form::png},
                 {"", "\xff\xd8\xff\xe0", jpeg},
                 {"", "GIF89a", gif},
                 {"", webp_bytes, Form::webp},
                 {"", "RIFF\x24\0\0\0WAVE"sv, binary},
                 {"", "größe", text},
                 {"", "\xff\xfe\x41\0"sv, text},
                 {"", "\x08\x01", binary},
                 {"",
                  "gr\xf6\xdf"
                  "e",
                  binary},
             }) {
            INFO(type << " " << body);
            CHECK(name(kind(type, body).form) == name(form));
        }
    }
}

TEST_CASE("bytes that cannot be what the type says decide, and the type is doubted") {
    const auto doubted = [](std::string_view type, std::string_view body, Form form) {
        INFO(type << " " << body);
        const Kind found = kind(type, body);
        CHECK(name(found.form) == name(form));
        CHECK(found.doubted);
    };
    doubted("application/json", "<html><h1>502", Form::html);
    doubted("image/png", "\xff\xd8\xff\xe0", Form::jpeg);
    doubted("image/jpeg", "{\"error\":1}", Form::json);
    doubted("text/html", png_bytes, Form::png);
    doubted("application/json", "\x08\x01", Form::binary);
    doubted("image/png", "not an image", Form::text);
    CHECK_FALSE(kind("application/json", "oops").doubted);
    CHECK_FALSE(kind("text/html", "{\"a\":1}").doubted);
}

TEST_CASE("a charset is what is declared, or the byte order mark's") {
    CHECK(kind("text/plain; charset=\"UTF-8\"", "a").charset == "utf-8");
    CHECK(kind("text/html;charset=ISO-8859-1",
               "gr\xf6\xdf"
               "e") == Kind{.form = Form::html, .charset = "iso-8859-1", .boundary = ""});
    CHECK(kind("text/plain;charset=latin1",
               "gr\xf6\xdf"
               "e")
              .form == Form::text);
    CHECK(kind("",
               "\xef\xbb\xbf"
               "a")
              .charset == "utf-8");
    CHECK(kind("", "\xfe\xff\0a"sv).charset == "utf-16be");
    CHECK(kind("application/json", "{}").charset.empty());
}

TEST_CASE("a character that the look ends inside is no fault") {
    const std::string text = std::string(kind_looks_at - 1, 'a') + "ü and more";
    CHECK(kind("", text).form == Form::text);
    CHECK(kind_of("", certs::as_bytes("a\xc3"), false).form == Form::text);
    CHECK(kind_of("", certs::as_bytes("a\xc3"), true).form == Form::binary);
}

TEST_CASE("a media type's parameters are read as people write them") {
    const MediaType type =
        parse_media_type(R"( Multipart/Form-Data ; BOUNDARY="a;b\"c" ;; x = y; novalue; charset=utf-8 )");
    CHECK(type.name == "multipart/form-data");
    CHECK(type.parameter("boundary") == "a;b\"c");
    CHECK(type.parameter("x") == "y");
    CHECK(type.parameter("charset") == "utf-8");
    CHECK(type.parameter("novalue").empty());
    CHECK(parse_media_type("a/b; x=\"open").parameter("x") == "open");
    CHECK(parse_media_type("") == MediaType{});
    CHECK(kind("multipart/mixed", "--x").form == Form::text);
}

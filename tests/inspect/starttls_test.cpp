#include "inspect/before_tls/starttls.h"

#include "tests/support/catch.h"

using namespace inspect::starttls;
using namespace std::string_literals;

namespace {

// The dialogue with a server that says all of `server` at once: what is sent, each message in
// brackets, and how it ends. The result does not depend on how the server's words are cut.
std::string talk(Protocol protocol, const std::string& server, std::size_t piece = std::string::npos) {
    Dialogue dialogue(protocol);
    std::string said = dialogue.opening().empty() ? "" : "[" + dialogue.opening() + "]";
    std::string buffered;
    std::size_t given = 0;
    for (;;) {
        const Step step = dialogue.step(certs::as_bytes(buffered));
        REQUIRE(step.used <= buffered.size());
        buffered.erase(0, step.used);
        switch (step.state) {
            case State::send: said += "[" + step.send + "]"; break;
            case State::ready:
                return said + " ready, left: " + buffered + server.substr(std::min(given, server.size()));
            case State::not_offered: return said + " not offered: " + dialogue.heard();
            case State::other: return said + " other: " + dialogue.heard();
            case State::more:
                if (step.used > 0) break;
                if (given >= server.size()) return said + " more";
                buffered += server.substr(given, piece);
                given += std::min(piece, server.size() - given);
        }
    }
}

std::string every_way(Protocol protocol, const std::string& server) {
    const std::string whole = talk(protocol, server);
    CHECK(talk(protocol, server, 1) == whole);
    CHECK(talk(protocol, server, 3) == whole);
    return whole;
}

std::string greeting(std::uint8_t flags) {
    const std::string packet = "\x0a"s + "8.0.36\0"s + "\1\0\0\0"s + "saltsalt"s + "\0"s + "\xff"s +
                               std::string(1, static_cast<char>(flags)) + "\x2d\2\0\0\0"s;
    return std::string(1, static_cast<char>(packet.size())) + "\0\0\0"s + packet;
}

}  // namespace

TEST_CASE("SMTP greets, is greeted and asked for TLS, which begins behind its answer (RFC 3207)") {
    CHECK(every_way(Protocol::smtp,
                    "220-mail\r\n220 ESMTP\r\n250-mail hello\r\n250-starttls\r\n250 HELP\r\n220 go ahead\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::smtp, "220 a\r\n250-a\r\n250 SIZE 9\r\n") == "[EHLO whytls\r\n] not offered: 250 SIZE 9");
    CHECK(every_way(Protocol::smtp, "220 a\r\n250 STARTTLS\r\n454 not now\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] not offered: 454 not now");
    CHECK(every_way(Protocol::smtp, "220 a\r\n502 what\r\n") == "[EHLO whytls\r\n] not offered: 502 what");
    CHECK(every_way(Protocol::smtp, "554 go away\r\n") == " other: 554 go away");
    CHECK(every_way(Protocol::smtp, "SSH-2.0-OpenSSH\r\n") == " other: SSH-2.0-OpenSSH");
}

TEST_CASE("IMAP, POP3 and FTP have a command each") {
    CHECK(every_way(Protocol::imap, "* OK [CAPABILITY IMAP4rev1] ready\r\n* BYE no\r\na OK begin\r\n") ==
          "[a STARTTLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::imap, "* OK ready\r\na BAD what\r\n") == "[a STARTTLS\r\n] not offered: a BAD what");
    CHECK(every_way(Protocol::pop3, "+OK ready\r\n+OK begin\r\n") == "[STLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::pop3, "+OK ready\r\n-ERR no\r\n") == "[STLS\r\n] not offered: -ERR no");
    CHECK(every_way(Protocol::ftp, "220-Welcome\r\n  to all\r\n220 ready\r\n234 AUTH TLS OK\r\n") ==
          "[AUTH TLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::ftp, "220 ready\r\n530 log in first\r\n") ==
          "[AUTH TLS\r\n] not offered: 530 log in first");
    CHECK(every_way(Protocol::imap, "220 ESMTP\r\n") == " other: 220 ESMTP");
}

TEST_CASE("PostgreSQL is asked at once and answers with one byte") {
    const std::string ask = "[\0\0\0\x8\x4\xd2\x16\x2f]"s;
    CHECK(every_way(Protocol::postgres, "S") == ask + " ready, left: ");
    CHECK(every_way(Protocol::postgres, "N") == ask + " not offered: N");
    CHECK(talk(Protocol::postgres, "HTTP/1.1 400") == ask + " other: HTTP/1.1 400");
}

TEST_CASE("MySQL's greeting says whether it can do TLS, and the client switches without an answer") {
    const std::string done = every_way(Protocol::mysql, greeting(0x08));
    CHECK(done.ends_with("ready, left: "));
    CHECK(done.size() == 2 + 36 + std::string(" ready, left: ").size());
    CHECK(every_way(Protocol::mysql, greeting(0)) == " not offered: 8.0.36");
    CHECK(every_way(Protocol::mysql, "\x15\0\0\0\xff\x6a\4Host is not allowed"s).starts_with(" other: "));
    CHECK(every_way(Protocol::mysql, "220 ESMTP\r\n").starts_with(" other"));
}

TEST_CASE("a line without an end and answers without an end are not read for ever") {
    CHECK(talk(Protocol::smtp, std::string(5000, '2')).starts_with(" other: 222"));
    std::string endless;
    for (int i = 0; i < 200; ++i) endless += "220-more\r\n";
    CHECK(talk(Protocol::smtp, endless) == " other: 220-more");
}

TEST_CASE("a protocol is named as openssl s_client -starttls names it") {
    for (const Protocol each :
         {Protocol::smtp, Protocol::imap, Protocol::pop3, Protocol::ftp, Protocol::postgres, Protocol::mysql})
        CHECK(parse_protocol(name(each)) == each);
    CHECK_FALSE(parse_protocol("SMTP"));
    CHECK_FALSE(parse_protocol(""));
}

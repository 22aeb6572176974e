#include "inspect/before_tls/starttls.h"

#include "tests/support/catch.h"

using namespace inspect::starttls;
using namespace std::string_literals;

namespace {

// The dialogue with a server that says all of `server` at once: what is sent, each message in
// brackets, and how it ends. The result does not depend on how the server's words are cut.
std::string talk(Protocol protocol, const std::string& server, std::size_t piece = std::string::npos) {
    Dialogue dialogue(protocol, "talk.test");
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

TEST_CASE("LMTP is SMTP with another greeting (RFC 2033)") {
    CHECK(every_way(Protocol::lmtp, "220 a LMTP\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n") ==
          "[LHLO whytls\r\n][STARTTLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::lmtp, "220 a LMTP\r\n250 PIPELINING\r\n") ==
          "[LHLO whytls\r\n] not offered: 250 PIPELINING");
}

TEST_CASE("NNTP's server may allow to post or not, and says 382 when TLS begins (RFC 4642 §2.2)") {
    CHECK(every_way(Protocol::nntp, "200 news NNTP\r\n382 go\r\n") == "[STARTTLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::nntp, "201 news NNTP\r\n382 go\r\n") == "[STARTTLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::nntp, "200 news\r\n580 Can not initiate TLS\r\n") ==
          "[STARTTLS\r\n] not offered: 580 Can not initiate TLS");
    CHECK(every_way(Protocol::nntp, "400 Service not available\r\n") == " other: 400 Service not available");
}

TEST_CASE("ManageSieve's capabilities come before its first OK (RFC 5804 §1.7, §2.2)") {
    CHECK(every_way(Protocol::sieve, "\"IMPLEMENTATION\" \"x\"\r\n\"starttls\"\r\nOK \"ready\"\r\nOK \"go\"\r\n") ==
          "[STARTTLS\r\n] ready, left: ");
    CHECK(every_way(Protocol::sieve, "\"IMPLEMENTATION\" \"STARTTLS\"\r\nOK\r\n") == " not offered: OK");
    CHECK(every_way(Protocol::sieve, "\"STARTTLS\"\r\nOK\r\nNO \"later\"\r\n") ==
          "[STARTTLS\r\n] not offered: NO \"later\"");
    CHECK(every_way(Protocol::sieve, "BYE \"too many\"\r\n") == " other: BYE \"too many\"");
    CHECK(every_way(Protocol::sieve, "220 ESMTP\r\n") == " other: 220 ESMTP");
}

TEST_CASE("XMPP opens a stream to the domain, and TLS begins behind <proceed/> (RFC 6120 §5.4)") {
    const std::string header = "<?xml version='1.0'?><stream:stream from='a>b' xmlns:stream='x'>";
    const std::string offers =
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
        "<mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
    const std::string asked = "[<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>]";
    const std::string opened = "[" + Dialogue(Protocol::xmpp, "talk.test").opening() + "]";
    CHECK(opened.contains("jabber:client"));
    CHECK(opened.contains("to='talk.test'"));
    CHECK(Dialogue(Protocol::xmpp_server, "talk.test").opening().contains("jabber:server"));
    for (const std::string_view proceed : {"<proceed xmlns='x'/>", "<proceed></proceed>", "\n<tls:proceed/>"})
        CHECK(every_way(Protocol::xmpp, header + "\n" + offers + std::string(proceed)) ==
              opened + asked + " ready, left: ");
    CHECK(every_way(Protocol::xmpp, "<stream:stream>" + offers + "<failure xmlns='x'/></stream:stream>") ==
          opened + asked + " not offered: <failure xmlns='x'/>");
    CHECK(every_way(Protocol::xmpp, header + "<stream:features/>") == opened + " not offered: <stream:features/>");
    CHECK(every_way(Protocol::xmpp, header + "<stream:features><bind/></stream:features>") ==
          opened + " not offered: <stream:features><bind/></stream:features>");
    CHECK(every_way(Protocol::xmpp, header + "<stream:error><host-unknown/><text>not here</text></stream:error>") ==
          opened + " not offered: <stream:error><host-unknown/><text>not here</text></stream:error>");
    CHECK(every_way(Protocol::xmpp, header + "</stream:stream>") == opened + " not offered: </stream:stream>");
    CHECK(every_way(Protocol::xmpp, "<html><head>") == opened + " other: <html>");
    CHECK(talk(Protocol::xmpp, "220 ESMTP\r\n") == opened + " other: 220 ESMTP\r\n");
    CHECK(talk(Protocol::xmpp, "<" + std::string(5000, 'a')).contains(" other: "));
    CHECK(talk(Protocol::xmpp, header + std::string(5000, ' ')).contains(" other: "));
    std::string endless = header + "<stream:features>";
    for (int i = 0; i < 200; ++i) endless += "<a/>";
    CHECK(talk(Protocol::xmpp, endless).contains(" other: "));
}

TEST_CASE("LDAP is asked by an extended request and answers with a result (RFC 4511 §4.14)") {
    const std::string ask = "[\x30\x1d\2\1\1\x77\x18\x80\x16"s + "1.3.6.1.4.1.1466.20037]";
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\1\x78\7\x0a\1\0\4\0\4\0"s) == ask + " ready, left: ");
    // Active Directory writes every length with four bytes, and names the response.
    CHECK(every_way(Protocol::ldap,
                    "\x30\x84\0\0\0\x28\2\1\1\x78\x84\0\0\0\x1f\x0a\1\0\4\0\4\0\x8a\x16"s
                    "1.3.6.1.4.1.1466.20037") == ask + " ready, left: ");
    CHECK(every_way(Protocol::ldap, "\x30\x0f\2\1\1\x78\x0a\x0a\1\2\4\0\4\3off"s) ==
          ask + " not offered: protocolError (2): off");
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\1\x78\7\x0a\1\x34\4\0\4\0"s) ==
          ask + " not offered: unavailable (52)");
    // Message 0 is no answer to the request, whatever its result is: the server leaves (§4.4.1).
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\0\x78\7\x0a\1\0\4\0\4\0"s) == ask + " not offered: result (0)");
    CHECK(talk(Protocol::ldap, "HTTP/1.1 400") == ask + " other: HTTP/1.1 400");
    for (const std::string& wrong :
         {"\x30\x80\2\1\1\x78\7\x0a\1\0\4\0\4\0"s, "\x30\x0c\2\1\1\x61\7\x0a\1\0\4\0\4\0"s, "\x30\x84\x7f\0\0\0"s,
          "\x30\0"s, "\x30\5\2\1\1\x78\7"s, "\x30\x0c\2\1\1\x78\7\x0a\1\0\4\x7f\4\0"s})
        CHECK(talk(Protocol::ldap, wrong).starts_with(ask + " other: "));
    CHECK(talk(Protocol::ldap, "\x30\x0c\2\1"s) == ask + " more");
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
    CHECK(names().size() == static_cast<std::size_t>(Protocol::mysql) + 1);
    for (std::size_t i = 0; i < names().size(); ++i) {
        const auto protocol = static_cast<Protocol>(i);
        CHECK(name(protocol) == names()[i]);
        CHECK(parse_protocol(names()[i]) == protocol);
        CHECK(port_of(protocol) != 0);
    }
    CHECK_FALSE(parse_protocol("SMTP"));
    CHECK_FALSE(parse_protocol(""));
}

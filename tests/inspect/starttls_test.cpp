#include "inspect/before_tls/starttls.h"

#include "tests/support/catch.h"

using namespace inspect::starttls;
using namespace std::string_literals;

namespace {

// The dialogue with a server that says `server`: what is sent, each message in brackets, and how it
// ends. After a "|" it goes on only once it was sent something. The result does not depend on how
// the server's words are cut.
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
            case State::send:
                said += "[" + step.send + "]";
                if (given < server.size() && server[given] == '|') ++given;
                break;
            case State::ready: return said + " ready";
            case State::not_offered: return said + " not offered: " + dialogue.heard();
            case State::declined: return said + " declined: " + dialogue.heard();
            case State::refused: return said + " refused: " + dialogue.heard();
            case State::other: return said + " other: " + dialogue.heard();
            case State::unasked: return said + " unasked: " + dialogue.heard();
            case State::trailing: return said + " after " + dialogue.heard() + ": " + buffered;
            case State::more: {
                if (step.used > 0) break;
                const std::size_t pause = std::min(server.find('|', given), server.size());
                if (given >= pause) return said + " more: " + dialogue.heard();
                buffered += server.substr(given, std::min(piece, pause - given));
                given += std::min(piece, pause - given);
            }
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

TEST_CASE("SMTP greets, is greeted and asked for TLS, which begins after its answer (RFC 3207)") {
    CHECK(every_way(Protocol::smtp,
                    "220-mail\r\n220 ESMTP\r\n|250-mail hello\r\n250-starttls\r\n250 HELP\r\n|220 go ahead\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] ready");
    CHECK(every_way(Protocol::smtp, "220 a\r\n|250-a\r\n250 SIZE 9\r\n") ==
          "[EHLO whytls\r\n] not offered: 250 SIZE 9");
    CHECK(every_way(Protocol::smtp, "220 a\r\n|502 what\r\n") == "[EHLO whytls\r\n] not offered: 502 what");
    CHECK(every_way(Protocol::smtp, "SSH-2.0-OpenSSH\r\n") == " other: SSH-2.0-OpenSSH");
}

TEST_CASE("a server that refuses the client says so in its protocol's own words, at its greeting or later") {
    CHECK(every_way(Protocol::smtp, "554 go away\r\n") == " refused: 554 go away");
    CHECK(every_way(Protocol::smtp, "554-no\r\n554-mail\r\n554 see a.test\r\n") == " refused: 554 no mail see a.test");
    CHECK(every_way(Protocol::smtp, "220 a\r\n|421-too many\r\n421\r\n") == "[EHLO whytls\r\n] refused: 421 too many");
    CHECK(every_way(Protocol::smtp, "220 a\r\n|550 not you\r\n") == "[EHLO whytls\r\n] refused: 550 not you");
    CHECK(every_way(Protocol::smtp, "220 a\r\n|250 STARTTLS\r\n|421 bye\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] refused: 421 bye");
    CHECK(every_way(Protocol::lmtp, "421 4.3.2 shutting down\r\n") == " refused: 421 4.3.2 shutting down");
    CHECK(every_way(Protocol::ftp, "421 Too many users\r\n") == " refused: 421 Too many users");
    CHECK(every_way(Protocol::ftp, "220 a\r\n|421 Time-out\r\n") == "[AUTH TLS\r\n] refused: 421 Time-out");
    CHECK(every_way(Protocol::nntp, "400 Service not available\r\n") == " refused: 400 Service not available");
    CHECK(every_way(Protocol::nntp, "502 no permission\r\n") == " refused: 502 no permission");
    CHECK(every_way(Protocol::nntp, "200 a\r\n|400 bye\r\n") == "[STARTTLS\r\n] refused: 400 bye");
    CHECK(every_way(Protocol::imap, "* BYE too many\r\n") == " refused: * BYE too many");
    CHECK(every_way(Protocol::imap, "* OK a\r\n|* BYE idle\r\na OK begin\r\n") ==
          "[a STARTTLS\r\n] refused: * BYE idle");
    CHECK(every_way(Protocol::pop3, "-ERR [SYS/TEMP] later\r\n") == " refused: -ERR [SYS/TEMP] later");
    CHECK(every_way(Protocol::sieve, "BYE \"too many\"\r\n") == " refused: BYE \"too many\"");
    CHECK(every_way(Protocol::sieve, "\"STARTTLS\"\r\nOK\r\n|BYE\r\n") == "[STARTTLS\r\n] refused: BYE");
}

TEST_CASE("a server that knows TLS and does not switch when it is asked declines it, and does not lack it") {
    CHECK(every_way(Protocol::smtp, "220 a\r\n|250 STARTTLS\r\n|454 not now\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] declined: 454 not now");
    CHECK(every_way(Protocol::imap, "* OK ready\r\n|a NO no key\r\n") == "[a STARTTLS\r\n] declined: a NO no key");
    CHECK(every_way(Protocol::imap, "* OK ready\r\n|a BAD what\r\n") == "[a STARTTLS\r\n] not offered: a BAD what");
    CHECK(every_way(Protocol::pop3, "+OK ready\r\n|-ERR no\r\n") == "[STLS\r\n] declined: -ERR no");
    CHECK(every_way(Protocol::ftp, "220 ready\r\n|530 log in first\r\n") ==
          "[AUTH TLS\r\n] declined: 530 log in first");
    CHECK(every_way(Protocol::ftp, "220 ready\r\n|502 no\r\n") == "[AUTH TLS\r\n] not offered: 502 no");
    CHECK(every_way(Protocol::nntp, "200 news\r\n|580 Can not initiate TLS\r\n") ==
          "[STARTTLS\r\n] declined: 580 Can not initiate TLS");
    CHECK(every_way(Protocol::nntp, "200 news\r\n|500 what\r\n") == "[STARTTLS\r\n] not offered: 500 what");
    CHECK(every_way(Protocol::sieve, "\"STARTTLS\"\r\nOK\r\n|NO \"later\"\r\n") ==
          "[STARTTLS\r\n] declined: NO \"later\"");
}

TEST_CASE("an answer that is no answer to what was asked is another protocol's") {
    CHECK(every_way(Protocol::smtp, "220 a\r\n|220 a\r\n") == "[EHLO whytls\r\n] other: 220 a");
    CHECK(every_way(Protocol::smtp, "220 a\r\n|250 STARTTLS\r\n|250 yes\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] other: 250 yes");
    CHECK(every_way(Protocol::pop3, "+OK\r\n|hello\r\n") == "[STLS\r\n] other: hello");
    CHECK(every_way(Protocol::nntp, "100 help\r\n") == " other: 100 help");
    CHECK(every_way(Protocol::imap, "* PREAUTH welcome\r\n") == " not offered: * PREAUTH welcome");
}

TEST_CASE("bytes that come with the answer that agrees to TLS are not taken for TLS (CVE-2011-0411)") {
    CHECK(talk(Protocol::smtp, "220 a\r\n|250 STARTTLS\r\n|220 go\r\n250 injected\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] after 220 go: 250 injected\r\n");
    CHECK(talk(Protocol::imap, "* OK\r\n|a OK\r\n* CAPABILITY LOGINDISABLED\r\n") ==
          "[a STARTTLS\r\n] after a OK: * CAPABILITY LOGINDISABLED\r\n");
    CHECK(talk(Protocol::postgres, "SE") == "[\0\0\0\x8\x4\xd2\x16\x2f] after S: E"s);
    CHECK(talk(Protocol::mysql, greeting(0x08) + "more").ends_with(": more"));
    CHECK(talk(Protocol::xmpp, "<stream:stream><features><starttls/></features>|<proceed/>\n").ends_with(": \n"));
}

TEST_CASE("an answer that agrees to TLS before it was asked for is not one") {
    CHECK(talk(Protocol::smtp, "220 a\r\n|250 STARTTLS\r\n220 go\r\n") ==
          "[EHLO whytls\r\n][STARTTLS\r\n] unasked: 220 go");
    CHECK(talk(Protocol::pop3, "+OK\r\n+OK\r\n") == "[STLS\r\n] unasked: +OK");
    CHECK(talk(Protocol::pop3, "+OK\r\n+OK\r\nmore") == "[STLS\r\n] unasked: +OK");
    CHECK(talk(Protocol::xmpp, "<stream:stream><features><starttls/></features><proceed/>")
              .ends_with(" unasked: <proceed/>"));
    // What an IMAP server may say at any time is not such an answer.
    CHECK(talk(Protocol::imap, "* OK\r\n* CAPABILITY STARTTLS\r\n|a OK\r\n") == "[a STARTTLS\r\n] ready");
}

TEST_CASE("IMAP, POP3 and FTP have a command each") {
    CHECK(every_way(Protocol::imap, "* OK [CAPABILITY IMAP4rev1] ready\r\n|* NO hurry\r\na OK begin\r\n") ==
          "[a STARTTLS\r\n] ready");
    CHECK(every_way(Protocol::pop3, "+OK ready\r\n|+OK begin\r\n") == "[STLS\r\n] ready");
    CHECK(every_way(Protocol::ftp, "220-Welcome\r\n  to all\r\n220 ready\r\n|234 AUTH TLS OK\r\n") ==
          "[AUTH TLS\r\n] ready");
    CHECK(every_way(Protocol::imap, "220 ESMTP\r\n") == " other: 220 ESMTP");
}

TEST_CASE("LMTP is SMTP with another greeting (RFC 2033)") {
    CHECK(every_way(Protocol::lmtp, "220 a LMTP\r\n|250-a\r\n250 STARTTLS\r\n|220 go\r\n") ==
          "[LHLO whytls\r\n][STARTTLS\r\n] ready");
    CHECK(every_way(Protocol::lmtp, "220 a LMTP\r\n|250 PIPELINING\r\n") ==
          "[LHLO whytls\r\n] not offered: 250 PIPELINING");
}

TEST_CASE("NNTP's server may allow to post or not, and says 382 when TLS begins (RFC 4642 §2.2)") {
    CHECK(every_way(Protocol::nntp, "200 news NNTP\r\n|382 go\r\n") == "[STARTTLS\r\n] ready");
    CHECK(every_way(Protocol::nntp, "201 news NNTP\r\n|382 go\r\n") == "[STARTTLS\r\n] ready");
}

TEST_CASE("ManageSieve's capabilities come before its first OK (RFC 5804 §1.7, §2.2)") {
    CHECK(every_way(Protocol::sieve, "\"IMPLEMENTATION\" \"x\"\r\n\"starttls\"\r\nOK \"ready\"\r\n|OK \"go\"\r\n") ==
          "[STARTTLS\r\n] ready");
    CHECK(every_way(Protocol::sieve, "\"IMPLEMENTATION\" \"STARTTLS\"\r\nOK\r\n") == " not offered: OK");
    CHECK(every_way(Protocol::sieve, "220 ESMTP\r\n") == " other: 220 ESMTP");
}

TEST_CASE("ManageSieve's strings may be literals, which hold any bytes (RFC 5804 §4)") {
    CHECK(every_way(Protocol::sieve,
                    "{14}\r\nIMPLEMENTATION {7+}\r\na\r\nOK b\r\n{8}\r\nSTARTTLS\r\nOK\r\n|OK {2}\r\ngo\r\n") ==
          "[STARTTLS\r\n] ready");
    CHECK(every_way(Protocol::sieve, "BYE {8}\r\ntoo many\r\n") == " refused: BYE \"too many\"");
    CHECK(every_way(Protocol::sieve, "BYE (TRYLATER) {9}\r\ntoo\r\nmany\r\n") ==
          " refused: BYE (TRYLATER) \"too\r\nmany\"");
    CHECK(every_way(Protocol::sieve, "\"X\" \"{8}\"\r\nOK\r\n") == " not offered: OK");
    CHECK(every_way(Protocol::sieve, "{5}\r\nab") == " more: {5}\r\nab");
    for (const std::string& wrong : {"{99999}\r\n"s, "{99999999999999999999999}\r\n"s})
        CHECK(talk(Protocol::sieve, wrong).starts_with(" other: "));
    CHECK(talk(Protocol::sieve, "\"X\" {-1}\r\nOK\r\n") == " not offered: OK");
}

TEST_CASE("XMPP opens a stream to the domain, and TLS begins after <proceed/> (RFC 6120 §5.4)") {
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
        CHECK(every_way(Protocol::xmpp, header + "\n" + offers + "|" + std::string(proceed)) ==
              opened + asked + " ready");
    CHECK(every_way(Protocol::xmpp, "<stream:stream>" + offers + "|<failure xmlns='x'/></stream:stream>") ==
          opened + asked + " declined: <failure xmlns='x'/>");
    CHECK(every_way(Protocol::xmpp, header + "<stream:features/>") == opened + " not offered: <stream:features/>");
    CHECK(every_way(Protocol::xmpp, header + "<stream:features><bind/></stream:features>") ==
          opened + " not offered: <stream:features><bind/></stream:features>");
    CHECK(every_way(Protocol::xmpp, header + "<stream:error><host-unknown/><text>not here</text></stream:error>") ==
          opened + " refused: <stream:error><host-unknown/><text>not here</text></stream:error>");
    CHECK(every_way(Protocol::xmpp, header + "</stream:stream>") == opened + " refused: </stream:stream>");
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
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\1\x78\7\x0a\1\0\4\0\4\0"s) == ask + " ready");
    // Active Directory writes every length with four bytes, and names the response.
    CHECK(every_way(Protocol::ldap,
                    "\x30\x84\0\0\0\x28\2\1\1\x78\x84\0\0\0\x1f\x0a\1\0\4\0\4\0\x8a\x16"s
                    "1.3.6.1.4.1.1466.20037") == ask + " ready");
    CHECK(every_way(Protocol::ldap, "\x30\x0f\2\1\1\x78\x0a\x0a\1\2\4\0\4\3off"s) ==
          ask + " not offered: protocolError (2): off");
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\1\x78\7\x0a\1\x34\4\0\4\0"s) == ask + " declined: unavailable (52)");
    // Message 0 is no answer to the request: the server leaves (§4.4.1).
    CHECK(every_way(Protocol::ldap,
                    "\x30\x24\2\1\0\x78\x1f\x0a\1\x34\4\0\4\0\x8a\x16"s
                    "1.3.6.1.4.1.1466.20036") == ask + " refused: unavailable (52)");
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\0\x78\7\x0a\1\x33\4\0\4\0"s) == ask + " refused: busy (51)");
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\0\x78\7\x0a\1\0\4\0\4\0"s) ==
          ask + " other: success (0) to message 0, where 1 was sent");
    CHECK(every_way(Protocol::ldap, "\x30\x0c\2\1\7\x78\7\x0a\1\0\4\0\4\0"s) ==
          ask + " other: success (0) to message 7, where 1 was sent");
    // §4.1.10: where else to ask.
    CHECK(every_way(Protocol::ldap,
                    "\x30\x1c\2\1\1\x78\x17\x0a\1\x0a\4\0\4\0\xa3\x0e\4\x0c"s
                    "ldap://other") == ask + " declined: referral (10) to ldap://other");
    CHECK(talk(Protocol::ldap, "HTTP/1.1 400") == ask + " other: HTTP/1.1 400");
    for (const std::string& wrong :
         {"\x30\x80\2\1\1\x78\7\x0a\1\0\4\0\4\0"s, "\x30\x0c\2\1\1\x61\7\x0a\1\0\4\0\4\0"s, "\x30\x84\x7f\0\0\0"s,
          "\x30\0"s, "\x30\5\2\1\1\x78\7"s, "\x30\x0c\2\1\1\x78\7\x0a\1\0\4\x7f\4\0"s})
        CHECK(talk(Protocol::ldap, wrong).starts_with(ask + " other: "));
    CHECK(talk(Protocol::ldap, "\x30\x0c\2\1"s) == ask + " more: 0\x0c\2\1"s);
}

TEST_CASE("PostgreSQL is asked at once and answers with one byte") {
    const std::string ask = "[\0\0\0\x8\x4\xd2\x16\x2f]"s;
    CHECK(every_way(Protocol::postgres, "S") == ask + " ready");
    CHECK(every_way(Protocol::postgres, "N") == ask + " not offered: N");
    // An ErrorResponse, of today and before version 7.4: for example, no process could be made.
    CHECK(every_way(Protocol::postgres, "E\0\0\0\x25SFATAL\0C53300\0Mtoo many clients\0\0"s) ==
          ask + " refused: FATAL 53300: too many clients");
    CHECK(every_way(Protocol::postgres, "Ecould not fork: no memory\n\0"s) ==
          ask + " refused: could not fork: no memory");
    CHECK(talk(Protocol::postgres, "ERROR\r\n").starts_with(ask + " other: ERROR"));
    CHECK(talk(Protocol::postgres, "HTTP/1.1 400") == ask + " other: HTTP/1.1 400");
}

TEST_CASE("MySQL's greeting says whether it can do TLS, and the client switches without an answer") {
    const std::string done = every_way(Protocol::mysql, greeting(0x08));
    CHECK(done.ends_with("ready"));
    CHECK(done.size() == 2 + 36 + std::string(" ready").size());
    CHECK(every_way(Protocol::mysql, greeting(0)) == " not offered: 8.0.36");
    CHECK(every_way(Protocol::mysql, "\x16\0\0\0\xff\x6a\4Host is not allowed"s) ==
          " refused: error 1130: Host is not allowed");
    CHECK(every_way(Protocol::mysql, "\x11\0\0\0\xff\x10\4#08004Too many"s) == " refused: error 1040: Too many");
    CHECK(every_way(Protocol::mysql, "\1\0\0\0\xff"s).starts_with(" other"));
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

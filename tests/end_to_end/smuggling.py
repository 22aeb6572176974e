"""Malformed and ambiguous HTTP/1.1 messages from the RFCs and from public research, each with what must become of it.

In a request `$/` stands for a path: `http://good.test/` towards the proxy, `/` inside a tunnel. Research: "Watchfire" is Linhart et al.,
HTTP Request Smuggling (2005); "Desync" Kettle, HTTP Desync Attacks (2019); "T-Reqs" Jabiyev et al. (2021); "Browser" Kettle,
Browser-Powered Desync Attacks (2022); "Unusual" Klein, HTTP Request Smuggling in 2020; "Funky" Ben Simhon, Funky Chunks (2025);
"1.1" Kettle, HTTP/1.1 Must Die (2025); "Host" Chen et al., Host of Troubles (2016)."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Refused:
    """A request: a 400 and the connection's end, and the other side sees these bytes and no whole message. A response: a 502."""

    seen: bytes = b""


@dataclass(frozen=True)
class Relayed:
    """The other side sees exactly these bytes."""

    seen: bytes
    closes: bool = False  # the client's connection ends behind a response, and says so


@dataclass(frozen=True)
class Cut:
    """A response whose beginning has reached the client when these bytes follow: the client's connection ends without a proper end."""

    then: bytes


@dataclass(frozen=True)
class Row:
    name: str
    source: str
    sent: bytes
    outcome: Refused | Relayed | Cut
    method: str = "GET"  # of the request that a response answers


HOST = b"Host: good.test\r\n"
SMUGGLED = b"GET $/smuggled HTTP/1.1\r\nHost: good.test\r\n\r\n"


def post(fields, body=b""):
    return b"POST $/x HTTP/1.1\r\n" + HOST + fields + b"\r\n" + body


def refused_head(name, source, fields, body=b"0\r\n\r\n"):
    return Row(name, source, post(fields, body + SMUGGLED), Refused())


def refused_line(name, source, line, fields=HOST):
    return Row(name, source, line + fields + b"\r\n", Refused())


def passed(name, source, sent, seen=None):
    return Row(name, source, sent, Relayed((seen or sent).replace(b"$/", b"/")))


def refused_chunks(name, source, right, wrong):
    """The bytes before the faulty one may have left; they are no whole request."""
    head = post(b"Transfer-Encoding: chunked\r\n")
    return Row(name, source, head + right + wrong + SMUGGLED, Refused(head.replace(b"$/", b"/") + right))


TE = b"Transfer-Encoding: chunked\r\n"

REQUESTS = [
    # Two lengths at once.
    refused_head("CL.TE", "RFC 9112 6.3; Desync", b"Content-Length: 5\r\n" + TE),
    refused_head("TE.CL", "RFC 9112 6.3; Desync", TE + b"Content-Length: 5\r\n"),
    refused_head("CL.TE with a length of 0", "Desync", b"Content-Length: 0\r\n" + TE),
    refused_head("two lengths that differ", "RFC 9112 6.3; Watchfire", b"Content-Length: 5\r\nContent-Length: 0\r\n"),
    refused_head("two lengths that agree", "RFC 9110 8.6", b"Content-Length: 5\r\nContent-Length: 5\r\n"),
    refused_head("two lengths in differing case", "Watchfire", b"Content-Length: 5\r\ncontent-length: 0\r\n"),
    # Transfer-Encoding in disguise.
    refused_head("TE.TE: identity second", "Desync", TE + b"Transfer-Encoding: identity\r\n"),
    refused_head("TE.TE: doubled", "T-Reqs", TE + TE),
    refused_head("TE.TE: unknown second", "Desync", TE + b"Transfer-encoding: x\r\n"),
    refused_head("xchunked", "Desync", b"Transfer-Encoding: xchunked\r\n"),
    refused_head("chunked, identity", "RFC 9112 6.1", b"Transfer-Encoding: chunked, identity\r\n"),
    refused_head("chunked twice in a list", "RFC 9112 6.1", b"Transfer-Encoding: chunked, chunked\r\n"),
    refused_head("identity, chunked", "RFC 9112 7", b"Transfer-Encoding: identity, chunked\r\n"),
    refused_head("identity alone", "RFC 9112 7", b"Transfer-Encoding: identity\r\n"),
    refused_head("gzip alone", "RFC 9112 6.3", b"Transfer-Encoding: gzip\r\n"),
    refused_head("quoted", "T-Reqs", b'Transfer-Encoding: "chunked"\r\n'),
    refused_head("in single quotes", "T-Reqs", b"Transfer-Encoding: 'chunked'\r\n"),
    refused_head("vertical tab", "Desync", b"Transfer-Encoding:\x0bchunked\r\n"),
    refused_head("form feed behind", "T-Reqs", b"Transfer-Encoding: chunked\x0c\r\n"),
    refused_head("NUL behind", "T-Reqs", b"Transfer-Encoding: chunked\0\r\n"),
    refused_head("no-break space before", "T-Reqs", b"Transfer-Encoding: \xa0chunked\r\n"),
    refused_head("with a parameter", "RFC 9112 7", b"Transfer-Encoding: chunked;q=1\r\n"),
    refused_head("semicolon behind", "T-Reqs", b"Transfer-Encoding: chunked;\r\n"),
    refused_head("comma behind", "T-Reqs", b"Transfer-Encoding: chunked,\r\n"),
    refused_head("comma before", "T-Reqs", b"Transfer-Encoding: ,chunked\r\n"),
    refused_head("empty coding", "T-Reqs", b"Transfer-Encoding:\r\n"),
    refused_head("folded coding", "RFC 9112 5.2; Desync", b"Transfer-Encoding:\r\n chunked\r\n"),
    refused_head("space before the colon", "RFC 9112 5.1; Desync", b"Transfer-Encoding : chunked\r\n"),
    refused_head("tab before the colon", "RFC 9112 5.1", b"Transfer-Encoding\t: chunked\r\n"),
    refused_head("hidden behind a bare LF", "Desync", b"X: y\nTransfer-Encoding: chunked\r\n"),
    refused_head("hidden behind a bare CR", "RFC 9112 2.2", b"X: y\rTransfer-Encoding: chunked\r\n"),
    refused_head("white space before the first name", "RFC 9112 2.2", b" Transfer-Encoding: chunked\r\n"),
    refused_head("CR CR LF", "T-Reqs", b"X: y\r\r\nTransfer-Encoding: chunked\r\n"),
    Row("coding in HTTP/1.0", "RFC 9112 6.1", b"POST $/x HTTP/1.0\r\n" + HOST + TE + b"\r\n0\r\n\r\n" + SMUGGLED, Refused()),
    # Lengths that are no numbers.
    *(refused_head(f"length {value!r}", source, b"Content-Length: " + value + b"\r\n") for value, source in [
        (b"+5", "RFC 9110 8.6"), (b"-1", "RFC 9110 8.6"), (b"0x5", "T-Reqs"), (b"5, 5", "RFC 9110 8.6"), (b"5,5", "RFC 9110 8.6"),
        (b"5, 6", "RFC 9112 6.3"), (b"", "RFC 9110 8.6"), (b"5 5", "T-Reqs"), (b"5;", "T-Reqs"), (b"5.0", "T-Reqs"), (b"1e1", "T-Reqs"),
        (b"1_0", "T-Reqs"), (b'"5"', "T-Reqs"), (b"\xb25", "T-Reqs"), (b"9223372036854775808", "RFC 9110 8.6: overflow"),
        (b"18446744073709551616", "RFC 9110 8.6: overflow"), (b"18446744073709551621", "RFC 9110 8.6: overflow"), (b"5\x0b", "T-Reqs"),
        (b"5\0", "T-Reqs")]),
    refused_head("folded length", "RFC 9112 5.2", b"Content-Length:\r\n 5\r\n"),
    refused_head("length with a space before the colon", "RFC 9112 5.1; Watchfire", b"Content-Length : 5\r\n"),
    # Field lines.
    refused_head("a line without a colon", "RFC 9112 5", b"X\r\n"),
    refused_head("an empty name", "RFC 9112 5", b": y\r\n"),
    refused_head("a NUL in a name", "RFC 9110 5.1", b"X\0: y\r\n"),
    refused_head("a NUL in a value", "RFC 9110 5.5", b"X: \0\r\n"),
    refused_head("a fold", "RFC 9112 5.2", b"X: y\r\n z\r\n"),
    refused_head("eight bits in a name", "RFC 9110 5.1", b"X\xe9: y\r\n"),
    refused_head("DEL in a value", "RFC 9110 5.5", b"X: \x7f\r\n"),
    refused_head("a head that ends in bare LFs", "RFC 9112 2.2", b"X: y\n\n"),
    # Hosts.
    refused_head("two hosts", "RFC 9112 3.2; Host", b"Host: other.test\r\n"),
    refused_line("no host in HTTP/1.1", "RFC 9112 3.2", b"GET $/x HTTP/1.1\r\n", b""),
    refused_line("a host with user information", "RFC 9112 3.2; Host", b"GET $/x HTTP/1.1\r\n", b"Host: good.test@other.test\r\n"),
    refused_line("a host with a path", "RFC 9112 3.2; Host", b"GET $/x HTTP/1.1\r\n", b"Host: good.test/x\r\n"),
    refused_line("two hosts in one line", "Host", b"GET $/x HTTP/1.1\r\n", b"Host: good.test, other.test\r\n"),
    refused_line("a host with a space", "Host", b"GET $/x HTTP/1.1\r\n", b"Host: good.test other.test\r\n"),
    refused_line("a host with a space before the colon", "Host; 1.1", b"GET $/x HTTP/1.1\r\n", b"Host : good.test\r\n"),
    refused_line("a host behind a fold", "Host", b"GET $/x HTTP/1.1\r\n", b" Host: good.test\r\n"),
    # Request lines.
    *(refused_line(name, source, line) for name, source, line in [
        ("HTTP/0.9", "RFC 9112 3", b"GET $/x\r\n"), ("HTTP/1.2", "RFC 9110 2.5", b"GET $/x HTTP/1.2\r\n"),
        ("HTTP/2.0", "RFC 9113 3.4", b"GET $/x HTTP/2.0\r\n"), ("HTTP/1.10", "RFC 9112 2.3", b"GET $/x HTTP/1.10\r\n"),
        ("HTTP/01.1", "RFC 9112 2.3", b"GET $/x HTTP/01.1\r\n"), ("a version in lower case", "RFC 9112 2.3", b"GET $/x http/1.1\r\n"),
        ("two spaces before the target", "RFC 9112 3", b"GET  $/x HTTP/1.1\r\n"), ("two spaces behind it", "RFC 9112 3", b"GET $/x  HTTP/1.1\r\n"),
        ("tabs", "RFC 9112 3", b"GET\t$/x\tHTTP/1.1\r\n"), ("a space in the target", "RFC 9112 3.2", b"GET $/x y HTTP/1.1\r\n"),
        ("a space at the end", "RFC 9112 3", b"GET $/x HTTP/1.1 \r\n"), ("a space at the front", "RFC 9112 2.2", b" GET $/x HTTP/1.1\r\n"),
        ("a bare CR in the line", "RFC 9112 2.2", b"GET $/x\rHTTP/1.1\r\n"), ("a bare LF at the end", "RFC 9112 2.2", b"GET $/x HTTP/1.1\n"),
        ("a NUL in the target", "RFC 9112 3.2", b"GET $/x\0 HTTP/1.1\r\n"), ("eight bits in the target", "RFC 3986 2", b"GET $/\xe9 HTTP/1.1\r\n"),
        ("a fragment", "RFC 9112 3.2", b"GET $/x#y HTTP/1.1\r\n"), ("a method with a colon", "RFC 9110 9.1", b"GE:T $/x HTTP/1.1\r\n"),
        ("no method", "RFC 9112 3", b" $/x HTTP/1.1\r\n"), ("no target", "RFC 9112 3.2", b"GET HTTP/1.1\r\n"),
        ("HTTP/2's preface with a field", "RFC 9113 3.4", b"PRI * HTTP/2.0\r\n"), ("a target that begins with @", "Host", b"GET @good.test/ HTTP/1.1\r\n"),
        ("a target without a slash", "RFC 9112 3.2", b"GET x HTTP/1.1\r\n"), ("an asterisk with GET", "RFC 9112 3.2.4", b"GET * HTTP/1.1\r\n"),
        ("user information in the target", "RFC 9110 4.2.4", b"GET http://good.test@other.test/ HTTP/1.1\r\n"),
    ]),
    # Chunks.
    *(refused_chunks(name, source, right, wrong) for name, source, right, wrong in [
        ("a size of 17 digits", "RFC 9112 7.1", b"0000000000000000", b"5\r\n"), ("a negative size", "T-Reqs", b"", b"-1\r\n"),
        ("a size with 0x", "T-Reqs", b"0", b"x5\r\nabcde\r\n0\r\n\r\n"), ("a size with a sign", "T-Reqs", b"", b"+5\r\nabcde\r\n0\r\n\r\n"),
        ("a space before the size", "T-Reqs", b"", b" 5\r\nabcde\r\n0\r\n\r\n"), ("a space behind the size", "T-Reqs", b"5", b" \r\nabcde\r\n0\r\n\r\n"),
        ("no size", "RFC 9112 7.1", b"", b"\r\n0\r\n\r\n"), ("a size with an underscore", "T-Reqs", b"5", b"_0\r\n"),
        ("a bare LF behind the size", "Funky: TERM.EXT", b"5", b"\nabcde\r\n0\r\n\r\n"), ("a bare CR behind the size", "Funky", b"5\r", b"abcde\r\n0\r\n\r\n"),
        ("a bare LF in an extension", "Funky: EXT.TERM", b"5;x", b"\nabcde\r\n0\r\n\r\n"), ("a bare CR in an extension", "Funky", b"5;x\r", b"y\r\nabcde\r\n"),
        ("a NUL in an extension", "T-Reqs", b"5;", b"\0\r\nabcde\r\n0\r\n\r\n"), ("no line end behind the data", "Funky: SPILL", b"5\r\nabcde", b"0\r\n\r\n"),
        ("more data than the size", "Funky: SPILL", b"3\r\nabc", b"de\r\n0\r\n\r\n"), ("a bare LF behind the data", "Funky: ONE.TWO", b"5\r\nabcde", b"\n0\r\n\r\n"),
        ("other bytes behind the data", "Funky: TWO.SPILL", b"5\r\nabcde", b"XX0\r\n\r\n"), ("a last chunk with a bare LF", "Funky", b"0", b"\n\n"),
        ("a length among the trailers", "RFC 9110 6.5.1", b"0\r\n", b"Content-Length: 5\r\n\r\n"),
        ("a coding among the trailers", "RFC 9110 6.5.1", b"0\r\n", b"X: y\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("a host among the trailers", "RFC 9110 6.5.1", b"0\r\n", b"Host: other.test\r\n\r\n"),
        ("a trailer without a colon", "RFC 9112 7.1.2", b"0\r\n", b"X\r\n\r\n"), ("a trailer with a bare LF", "Funky", b"0\r\n", b"X: y\n\r\n"),
    ]),
    # What is unusual and right passes.
    passed("GET with a body", "RFC 9110 9.3.1; Browser", b"GET $/x HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nabcde"),
    passed("DELETE with a length of 0", "RFC 9110 9.3.5; Browser", b"DELETE $/x HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n"),
    passed("a length with leading zeros", "RFC 9110 8.6", post(b"Content-Length: 0005\r\n", b"abcde")),
    passed("CHUNKED in capitals", "RFC 9112 7", post(b"Transfer-Encoding: CHUNKED\r\n", b"0\r\n\r\n")),
    passed("blanks around the coding", "RFC 9110 5.5", post(b"Transfer-Encoding: \tchunked \t\r\n", b"0\r\n\r\n"), post(TE, b"0\r\n\r\n")),
    passed("chunks with extensions and trailers", "RFC 9112 7.1", post(TE, b'5;a=b;c="d e"\r\nabcde\r\n00\r\nX: y\r\n\r\n')),
    passed("trailers about the connection", "RFC 9110 6.5.1", post(TE, b"0\r\nX: y\r\nConnection: close\r\nTE: gzip\r\nKeep-Alive: 5\r\nZ:1\r\n\r\n"),
           post(TE, b"0\r\nX: y\r\nZ:1\r\n\r\n")),
    passed("TE ends here but for trailers", "RFC 9110 10.1.4", b"GET $/x HTTP/1.1\r\n" + HOST + b"TE: gzip, trailers;q=0.5, Trailers\r\nConnection: TE\r\n\r\n",
           b"GET /x HTTP/1.1\r\n" + HOST + b"Connection: TE\r\nTE: trailers\r\n\r\n"),
    passed("TE without trailers ends here", "RFC 9110 10.1.4", b"GET $/x HTTP/1.1\r\n" + HOST + b"TE: gzip\r\nConnection: TE\r\n\r\n",
           b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n"),
    passed("a request inside a body", "Desync", post(b"Content-Length: 45\r\n", SMUGGLED.replace(b"$/", b"/")[:45].ljust(45))),
    passed("a length spelt with an underscore", "Unusual", post(b"Content_Length: 5\r\n")),
    passed("a coding spelt with a point", "Unusual", post(b"Transfer.Encoding: chunked\r\n")),
    passed("UTF-8 in the target", "curl sends it as it is typed", "GET $/caf\u00e9/\u65e5?\u00e0 HTTP/1.1\r\n".encode() + HOST + b"\r\n"),
    passed("eight bits in a value", "RFC 9110 5.5", post(b"X: \xe9\xff\r\n")),
    passed("an empty value", "RFC 9110 5.5", b"GET $/x HTTP/1.1\r\n" + HOST + b"X:\r\n\r\n", b"GET /x HTTP/1.1\r\n" + HOST + b"X: \r\n\r\n"),
    passed("names' case and order", "RFC 9110 5.1", b"GET $/x HTTP/1.1\r\nb: 1\r\nHOST: good.test\r\nA: 2\r\nb: 3\r\n\r\n"),
    passed("an empty line before", "RFC 9112 2.2", b"\r\nGET $/x HTTP/1.1\r\n" + HOST + b"\r\n", b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n"),
    passed("a length named by Connection", "Unusual; RFC 9110 7.6.1", post(b"Connection: Content-Length\r\nContent-Length: 5\r\n", b"abcde"),
           post(b"Content-Length: 5\r\n", b"abcde")),
    passed("an upgrade to h2c ends here", "RFC 9113 3.1", b"GET $/x HTTP/1.1\r\n" + HOST +
           b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
           b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n"),
    passed("an upgrade with a body", "RFC 9110 7.8", post(b"Content-Length: 5\r\nConnection: Upgrade\r\nUpgrade: x\r\n", b"abcde")),
    passed("an expectation that nobody knows", "RFC 9110 10.1.1; 1.1", post(b"Expect: 200-ok\r\nContent-Length: 5\r\n", b"abcde")),
    passed("an expectation with the body at once", "RFC 9110 10.1.1; 1.1", post(b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"abcde")),
]

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 5\r\n"
POISON = OK + b"Content-Length: 6\r\n\r\npoison"


def bad(name, source, head, body=b"\r\nabcde"):
    return Row(name, source, head + body, Refused())


def bad_chunks(name, source, right, wrong):
    """Refused when it comes in one piece, cut when the beginning has gone to the client."""
    head = OK + TE + b"\r\n" + right
    return Row(f"{name}, at once", source, head + wrong + POISON, Refused()), Row(f"{name}, later", source, head, Cut(wrong + POISON))


def answer(name, source, sent, seen=None, method="GET", closes=False):
    return Row(name, source, sent, Relayed(sent if seen is None else seen, closes), method)


RESPONSES = [
    bad("two lengths that differ", "RFC 9112 6.3", OK + LENGTH + b"Content-Length: 4\r\n"),
    bad("a length with a sign", "RFC 9110 8.6", OK + b"Content-Length: +5\r\n"), bad("a list of lengths", "RFC 9110 8.6", OK + b"Content-Length: 5, 6\r\n"),
    bad("a negative length", "RFC 9110 8.6", OK + b"Content-Length: -5\r\n"), bad("an empty length", "RFC 9110 8.6", OK + b"Content-Length:\r\n"),
    bad("a length of 2^63", "RFC 9110 8.6", OK + b"Content-Length: 9223372036854775808\r\n"),
    bad("a length of 2^64 and 5", "RFC 9110 8.6", OK + b"Content-Length: 18446744073709551621\r\n"),
    bad("chunked not last", "RFC 9112 6.1", OK + b"Transfer-Encoding: chunked, gzip\r\n"),
    bad("chunked, identity", "RFC 9112 6.1", OK + b"Transfer-Encoding: chunked, identity\r\n"),
    bad("an unknown coding", "RFC 9112 6.1", OK + b"Transfer-Encoding: xchunked\r\n"), bad("a vertical tab", "T-Reqs", OK + b"Transfer-Encoding:\x0bchunked\r\n"),
    bad("a coding beside a length in HTTP/1.0", "RFC 9112 6.1", b"HTTP/1.0 200 OK\r\n" + TE + LENGTH),
    bad("a space in a name", "RFC 9110 5.1", OK + b"Content Length: 5\r\n"),
    bad("a bare CR", "RFC 9112 2.2", OK + b"X: y\rZ: 1\r\n" + LENGTH), bad("a NUL", "RFC 9110 5.5", OK + b"X: \0\r\n" + LENGTH),
    bad("a line without a colon", "RFC 9112 5", OK + b"X\r\n" + LENGTH), bad("a blank before the first name", "RFC 9112 2.2", OK + b" X: y\r\n" + LENGTH),
    bad("HTTP/2.0", "RFC 9112 2.3", b"HTTP/2.0 200 OK\r\n" + LENGTH), bad("HTTP/1.2", "RFC 9112 2.3", b"HTTP/1.2 200 OK\r\n" + LENGTH),
    bad("a version in lower case", "RFC 9112 2.3", b"http/1.1 200 OK\r\n" + LENGTH), bad("a status of two digits", "RFC 9112 4", b"HTTP/1.1 20 OK\r\n" + LENGTH),
    bad("a status of four digits", "RFC 9112 4", b"HTTP/1.1 2000 OK\r\n" + LENGTH), bad("a status of letters", "RFC 9112 4", b"HTTP/1.1 2OO OK\r\n" + LENGTH),
    bad("a status below 100", "RFC 9110 15", b"HTTP/1.1 099 OK\r\n" + LENGTH), bad("two spaces before the status", "RFC 9112 4", b"HTTP/1.1  200 OK\r\n" + LENGTH),
    bad("an empty line before", "RFC 9112 2.2", b"\r\n" + OK + LENGTH), bad("HTTP/0.9", "RFC 9112 4", b"<html>hello</html>"),
    bad("a switch that nobody asked for", "RFC 9110 7.8", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"),
    *(row for name, source, right, wrong in [
        ("a chunk size of 17 digits", "RFC 9112 7.1", b"0000000000000000", b"5\r\n"), ("a letter behind a chunk size", "T-Reqs", b"5", b"x\r\nabcde"),
        ("a bare LF behind a chunk size", "Funky", b"5", b"\nabcde\r\n0\r\n\r\n"), ("no line end behind a chunk", "Funky", b"5\r\nabcde", b"0\r\n\r\n"),
        ("a bare LF in a chunk extension", "Funky", b"5;x", b"\nabcde\r\n"), ("a trailer without a colon", "RFC 9112 7.1.2", b"0\r\n", b"X\r\n\r\n"),
    ] for row in bad_chunks(name, source, right, wrong)),
    answer("bytes behind the body", "response splitting; Watchfire", OK + LENGTH + b"\r\nabcde" + POISON, OK + LENGTH + b"\r\nabcde"),
    answer("a chunk size with a space behind it", "RFC 9112 7.1.1; T-Reqs", OK + TE + b"\r\n5 \r\nabcde\r\n0\r\n\r\n"),
    answer("bytes behind the last chunk", "Watchfire", OK + TE + b"\r\n0\r\n\r\n" + POISON, OK + TE + b"\r\n0\r\n\r\n"),
    answer("HEAD with a body", "RFC 9110 9.3.2; Browser", OK + LENGTH + b"\r\nabcde", OK + LENGTH + b"\r\n", "HEAD"),
    answer("HEAD with chunked", "RFC 9112 6.1", OK + TE + b"\r\n", method="HEAD"),
    answer("204 with a length and a body", "RFC 9110 8.6", b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\nabcde",
           b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n"),
    answer("304 with a length", "RFC 9110 15.4.5", b"HTTP/1.1 304 Not Modified\r\n" + LENGTH + b"\r\n"),
    answer("an interim response that names a length", "RFC 9110 15.2", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + LENGTH + b"\r\nabcde"),
    answer("chunks with extensions and trailers", "RFC 9112 7.1", OK + TE + b"\r\n5;a=b\r\nabcde\r\n0\r\nX: y\r\n\r\n"),
    answer("both lengths", "RFC 9112 6.3", OK + LENGTH + TE + b"\r\n5\r\nabcde\r\n0\r\n\r\n", OK + TE + b"\r\n5\r\nabcde\r\n0\r\n\r\n"),
    *(answer(name, source, OK + said + b"\r\n5\r\nabcde\r\n0\r\n\r\n", OK + TE + b"\r\n5\r\nabcde\r\n0\r\n\r\n") for name, source, said in [
        ("chunked twice", "RFC 9112 6.1", TE + TE), ("chunked twice in a list", "RFC 9112 6.1", b"Transfer-Encoding: chunked, chunked\r\n"),
        ("identity, chunked", "RFC 2616 3.6.2", b"Transfer-Encoding: identity, chunked\r\n")]),
    answer("a coding in HTTP/1.0", "RFC 9112 6.1", b"HTTP/1.0 200 OK\r\n" + TE + b"\r\n5\r\nabcde\r\n0\r\n\r\n", OK + TE + b"\r\n5\r\nabcde\r\n0\r\n\r\n"),
    answer("identity beside a length", "RFC 2616 3.6.2", OK + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\nabcde" + POISON, OK + LENGTH + b"\r\nabcde"),
    answer("identity until close", "RFC 2616 4.4", OK + b"Transfer-Encoding: identity\r\n\r\nabcde", OK + b"Connection: close\r\n\r\nabcde", closes=True),
    answer("bare LFs", "RFC 9112 2.2", b"HTTP/1.1 200 OK\nX: y\nContent-Length: 5\n\nabcde" + POISON, OK + b"X: y\r\n" + LENGTH + b"\r\nabcde"),
    answer("a bare LF", "RFC 9112 2.2", OK + b"X: y\n" + LENGTH + b"\r\nabcde", OK + b"X: y\r\n" + LENGTH + b"\r\nabcde"),
    answer("fields of the head among the trailers", "RFC 9110 6.5.1", OK + TE + b"\r\n0\r\nX: y\r\nContent-Length: 1\r\nHost: a\r\nConnection: close\r\nZ:1\r\n\r\n",
           OK + TE + b"\r\n0\r\nX: y\r\nZ:1\r\n\r\n"),
    answer("until close", "RFC 9112 6.3", OK + b"X: y\r\n\r\nabcde", OK + b"X: y\r\nConnection: close\r\n\r\nabcde", closes=True),
    answer("eight bits in reason and value", "RFC 9112 4", b"HTTP/1.1 200 \xe9\r\nx-A: \xff\r\nCONTENT-length: 0\r\n\r\n"),
    answer("a space before the colon", "RFC 9112 5.1", OK + b"Content-Length : 5\r\n\r\nabcde", OK + LENGTH + b"\r\nabcde"),
    answer("a length that is repeated", "RFC 9110 8.6", OK + LENGTH + b"Content-Length: 5, 5\r\n\r\nabcde", OK + LENGTH + b"\r\nabcde"),
    bad("a second length with a space before the colon", "RFC 9112 6.3", OK + LENGTH + b"Content-Length : 6\r\n"),
    answer("a fold", "RFC 9112 5.2", OK + b"X: y\r\n\tz\r\n" + LENGTH + b"\r\nabcde", OK + b"X: y   z\r\n" + LENGTH + b"\r\nabcde"),
    answer("a folded length", "RFC 9112 5.2", OK + b"Content-Length:\r\n 5\r\n\r\nabcde", OK + LENGTH + b"\r\nabcde"),
    bad("a folded coding that is none", "RFC 9112 5.2", OK + b"Transfer-Encoding: gzip\r\n chunked\r\n"),
    answer("no reason", "RFC 9112 4", b"HTTP/1.1 200 \r\n" + LENGTH + b"\r\nabcde"),
]

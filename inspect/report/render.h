// A diagnosis in each form in which a developer meets it. Each is a pure function, and escapes and
// bounds what certificates and servers put into it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/expectation.h"
#include "inspect/report/print/lines.h"

namespace inspect::scan {
struct Scan;
}

namespace inspect::report {

enum class Detail { full, brief, off };  // --detail

enum class Ink { plain, colour };  // for a terminal that shows colours (ECMA-48)

// What a text is written on.
struct Paper {
    Ink ink = Ink::plain;
    std::size_t width = page_width;  // columns
};

// No line is wider than the paper.
std::string text(const diagnosis::Diagnosis& diagnosis, Detail detail = Detail::full, const Paper& paper = {});
// For what verified: one line, and one for each warning with its first fix.
std::string summary(const diagnosis::Diagnosis& diagnosis, const Paper& paper = {});

// A line for Diagnosis::http2_remark and for each of response_remarks, below those of a check.
std::string remarks(const diagnosis::Diagnosis& diagnosis, const Paper& paper = {});
// One page, nothing from outside.
std::string html(const diagnosis::Diagnosis& diagnosis, Detail detail = Detail::full);
// The report, contract §4; one line.
std::string json(const diagnosis::Diagnosis& diagnosis, Detail detail = Detail::full);

// The reason phrase after the status in the answer's first line; npm, wget, urllib, git and others
// print it and nothing else. "CODE: title"; brief, the code and a title that is the same for every
// server. Printable ASCII, at most 120 bytes.
std::string reason(const diagnosis::Diagnosis& diagnosis, Detail detail = Detail::full);

// One readable sentence for stderr: host, title, code; terminal-safe.
std::string sentence(const diagnosis::Diagnosis& diagnosis);

// Proxy-Status's value (RFC 9209): `whytls; error=E; details="CODE"`.
std::string proxy_status(const diagnosis::Diagnosis& diagnosis);

// What was expected of a server, and what was found: a line for each expectation that was not met,
// and the member "expectations" of the JSON report.
struct Expected {
    diagnosis::Expectation expectation;
    diagnosis::Judgement answer;
};
std::string unmet(const std::vector<Expected>& expected, const Paper& paper = {});
std::string json(const diagnosis::Diagnosis& diagnosis, const std::vector<Expected>& expected);
// The same with the member "scan".
std::string json(const diagnosis::Diagnosis& diagnosis, const std::vector<Expected>& expected, const scan::Scan& scan);

enum class Format { text, html, problem_json };
// RFC 9110 §12.5.1: the form that `accept` prefers; text when it is absent, empty or a wildcard.
Format negotiate(std::string_view accept);
std::string_view media_type(Format format);  // with charset

}  // namespace inspect::report

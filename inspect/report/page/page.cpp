#include "inspect/report/page/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "certs/crypto.h"
#include "certs/pem.h"
#include "inspect/report/page/style.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

// The browser's clipboard interface exists only on https:// and on loopback; elsewhere the older
// command is used.
constexpr std::string_view script = R"js(
"use strict";
for (const box of document.querySelectorAll(".copy")) {
  const text = box.querySelector("pre"), button = document.createElement("button");
  const say = word => { button.textContent = word; setTimeout(() => { button.textContent = "Copy"; }, 2000); };
  const select = () => { getSelection().selectAllChildren(text); return document.execCommand("copy"); };
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.title = "Copy the " + box.dataset.what;
  button.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(text.textContent); say("Copied"); }
    catch { say(select() ? "Copied" : "Press Ctrl+C"); }
  });
  box.append(button);
}
)js";

std::string hash_source(std::string_view text) {
    return fmt::format("'sha256-{}'", certs::encode_base64(certs::sha256(certs::as_bytes(text))));
}

// A line breaks between two words, never after the hyphen of an option.
std::string in_words(std::string_view escaped) {
    std::string result;
    for (std::size_t at = 0; at < escaped.size();) {
        const std::size_t end = std::min(escaped.find(' ', at), escaped.size());
        const std::size_t next = std::min(escaped.find_first_not_of(' ', end), escaped.size());
        result += fmt::format("<span>{}</span>{}", escaped.substr(at, end - at), escaped.substr(end, next - end));
        at = next;
    }
    return result;
}

}  // namespace

const std::string& content_security_policy() {
    static const std::string policy = fmt::format(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash_source(stylesheet()), hash_source(script));
    return policy;
}

std::string page_begin(std::string_view title) {
    return fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>{}</title>
<style>{}</style>
</head>
<body>
)",
                       content_security_policy(), for_html(title, 480), stylesheet());
}

std::string page_end() { return fmt::format("<script>{}</script>\n</body>\n</html>\n", script); }

std::string to_copy(std::string_view escaped, std::string_view what) {
    return fmt::format("<div class=\"copy\" data-what=\"{}\"><pre><code>{}</code></pre></div>", what,
                       escaped.find('\n') == std::string_view::npos ? in_words(escaped) : std::string(escaped));
}

}  // namespace inspect::report

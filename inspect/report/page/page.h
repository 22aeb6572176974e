// The frame of every page that whytls writes: head and end, the script that copies a command, and
// the policy that lets nothing else run.
#pragma once

#include <string>
#include <string_view>

namespace inspect::report {

// A page up to its body, and its end. `title` is plain text, escaped here.
std::string page_begin(std::string_view title);
std::string page_end();

// A command or a document to be copied, already escaped. With the script the reader gets a button;
// without it, a click selects all of it. `what` names it: "command".
std::string to_copy(std::string_view escaped, std::string_view what);

// The Content-Security-Policy of those pages, also for the response's head: it allows this style
// sheet and this script by their hashes (CSP 3 §2.3.1).
const std::string& content_security_policy();

}  // namespace inspect::report

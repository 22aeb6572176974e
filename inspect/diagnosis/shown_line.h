// What may be shown of a head that could not be read: one line of it as text, without what is or
// may be a secret. A field is not judged by its exact name, because the name may be what is
// malformed.
#pragma once

#include <string>
#include <string_view>

#include "inspect/http/http1/fault.h"

namespace inspect::diagnosis {

// The text with *** in the place of what its own words call a secret (what belongs to a cookie, to
// credentials, tokens or passwords), and of long runs of letters and digits. Control bytes and
// bytes beyond ASCII are written \xNN.
std::string without_secrets(std::string_view text);

// The faulty line, without secrets. Where nothing of it may be shown (a part of a cookie, the
// beginning of a body): what it is, in parentheses.
std::string shown_line(const http::Fault& fault);

// Whether text begins as a document does, and not as any protocol's greeting does: "JSON", "HTML or
// XML", "a form"; otherwise "".
std::string_view begins_body(std::string_view text);

// What is wrong with the line, for a sentence: "line 3 has no colon". "" when no line is at fault.
std::string describe(const http::Fault& fault);

}  // namespace inspect::diagnosis

// The characters of a request target. Knows nothing of its forms.
#pragma once

#include <string_view>

namespace inspect::http {

// Visible ASCII except "#" (a fragment is never sent), and well-formed UTF-8 (RFC 3629 §4) without
// controls. Wider than RFC 3986, because "|", "{" and text typed in any language reach servers
// every day: curl sends it unchanged.
bool is_target_text(std::string_view text);

}  // namespace inspect::http

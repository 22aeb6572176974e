// How to get a certificate anew from the CA that issued it: a public one that speaks ACME, one that
// is operated otherwise, or a private one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/explain/parts.h"

namespace inspect::diagnosis {

// Whether it is a name or an address that no public CA may certify (CA/Browser Forum BR §4.2.2), or
// that only a private network uses.
bool is_private_host(std::string_view host);

// The signs of a private CA, each a reason in words: two of them make it likely. `root` is the name
// of the chain's root, "" when unknown.
std::vector<std::string> private_signs(const Context& context, std::string_view root);

// A fix for the server: have a certificate issued. `certbot` is the command where a public CA may
// do so by ACME (RFC 8555). Where the certificate in hand is from another CA, the fix names that CA
// instead: its own command, or none.
Fix issue(const Context& context, std::string text, std::string certbot);

}  // namespace inspect::diagnosis

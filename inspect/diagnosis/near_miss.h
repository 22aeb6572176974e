// Why the nearest name of a certificate does not match the name asked for, in words
// (certs::NearMissReason).
#pragma once

#include <string>
#include <string_view>

#include "certs/verdict.h"

namespace inspect::diagnosis {

// The certificate contains the name asked for, but in a form in which it does not count. To say
// that the certificate is "for" another name would not help, and would seem wrong.
struct NameFault {
    certs::NearMissReason reason = certs::NearMissReason::none;
    std::string_view is;       // "has a blank around it": ends the sentence 'the dNSName "…" …'
    std::string_view because;  // why it matches nothing
    std::string_view fix;      // what to issue instead; {} is the name asked for
    bool reissue = true;       // whether a public CA would issue that
};

// nullptr where the nearest name is another one.
const NameFault* fault_of(const certs::NameEvidence& evidence);

// At most title_limit characters, with both names.
std::string fault_title(const NameFault& fault, const certs::NearMiss& nearest, std::string_view asked);
std::string fault_fix(const NameFault& fault, std::string_view asked);

// The reason as a clause; "" without one.
std::string near_miss_text(const certs::NearMiss& near, std::string_view asked);

// A name with its blanks, control characters and bytes beyond ASCII made visible: in quotes, as in
// C.
std::string visible_name(std::string_view name);
// The same for names that are empty or have blanks or control characters; any other name as it is.
std::string shown_name(std::string_view name);
// A name that cannot be mistaken for another by its looks: letters beyond ASCII are in its xn--
// form.
std::string distinct_name(std::string_view name);

}  // namespace inspect::diagnosis

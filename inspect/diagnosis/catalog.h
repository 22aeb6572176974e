// The codes: one table of all that can be wrong (contract §6), with what is fixed about each. The
// explain_ files write what is particular to an attempt.
#pragma once

#include <span>
#include <string_view>

#include "certs/verdict.h"
#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

struct CatalogEntry {
    Code code;
    Leg leg;
    Phase phase;
    std::string_view step;  // the step of contract §4 that it fails; "" for a code of no step
    certs::Severity severity;
    int status;                           // of the HTTP answer
    std::string_view proxy_status_error;  // RFC 9209 §2.3
    std::string_view explanation;         // one paragraph for `whytls explain CODE`
};

std::span<const CatalogEntry> catalog();

// nullptr for Code::none.
const CatalogEntry* find_code(Code code);

// A problem of that code, with the catalogue's step and severity.
Problem problem_of(Code code);

}  // namespace inspect::diagnosis

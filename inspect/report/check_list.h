// Many servers checked at once, as a list: one line for each, and how many there were of each kind.
// The full reports are elsewhere.
#pragma once

#include <cstddef>
#include <string>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"

namespace inspect::report {

enum class Standing { ok, failed, not_reached };

// One line without its end, of any length: "FAIL api.example.com:443: TITLE [code]". `standing` is
// the check's result for the diagnosis: with --expect, a server that does not verify may be as
// expected, and a good one may not be.
std::string list_line(const diagnosis::Diagnosis& diagnosis, Standing standing, Ink ink);

struct Tally {
    std::size_t ok = 0, failed = 0, not_reached = 0;
};
// "12 hosts: 9 ok, 2 failed, 1 not reached", or "3 addresses of 2 hosts: …", and how to see what is
// wrong when something is. Lines with their ends.
std::string list_end(const Tally& tally, std::size_t hosts);

}  // namespace inspect::report

// Which of several true findings is reported first: the order of findings, and the order of
// candidate paths. The judgement behind "root cause first" is all in rank.cpp.
#pragma once

#include <vector>

#include "certs/evaluate.h"
#include "certs/verdict.h"

namespace certs {

// Sorts: errors before warnings before notices, among errors the root cause first, then by depth.
void rank_findings(std::vector<Finding>& findings);

// Sorts candidate paths: the one that got furthest first.
void rank_paths(std::vector<Evaluation>& evaluations);

}  // namespace certs

// No diagnosis contradicts its own evidence: the rules that any diagnosis of any attempt must keep.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "inspect/diagnosis/diagnosis.h"

namespace tests {

// What a diagnosis says that its attempt, or another part of the diagnosis, refutes: one sentence
// each; empty when nothing is refuted.
std::vector<std::string> contradictions(const inspect::diagnosis::Attempt& attempt,
                                        const inspect::diagnosis::Diagnosis& diagnosis);

}  // namespace tests

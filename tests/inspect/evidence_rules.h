// No diagnosis against its own evidence: what any diagnosis of any attempt must bear out, as rules.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "inspect/diagnosis/diagnosis.h"

namespace tests {

// What a diagnosis says that its attempt, or another part of it, refutes: a sentence each; empty when it is of one piece.
std::vector<std::string> contradictions(const inspect::diagnosis::Attempt& attempt, const inspect::diagnosis::Diagnosis& diagnosis);

}  // namespace tests

// What a diagnosis says when it answers not the request that failed but the one that this was the preflight of (Fetch §3.2.2).
#pragma once

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

// The failure is the preflight's own; the request that it asked leave for was not passed on.
void tell_of_preflight(Diagnosis& diagnosis);

}  // namespace inspect::diagnosis

// What a diagnosis says when a preflight failed (Fetch §3.2.2) and the diagnosis answers the
// request that the preflight was for.
#pragma once

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

// The failure is the preflight's own; the request that it asked permission for was not passed on.
void tell_of_preflight(Diagnosis& diagnosis);

}  // namespace inspect::diagnosis

// An issuer that was not sent: what to do about it, and what looking for it showed.
#pragma once

#include "inspect/diagnosis/explain/certificate/certificate_case.h"

namespace inspect::diagnosis {

// A command cannot show what the server does not send: without an address (AIA) the CA is the one
// to ask. `certain`: it is known to be an intermediate; a root is not to be served.
Fix append_issuer(const certs::IssuerEvidence& issuer, bool certain);

// What the server should do about it, as far as that is its fault.
Fix serve_issuer(const Case& c, const certs::IssuerEvidence& issuer, bool certain);

// What is fetched over plain HTTP could be anyone's: no single command fetches it and trusts it.
Fix trust_intermediate();

// Where to get the report's fixed_chain.
Fix take_fixed_chain(const Case& c);

// Whether the issuer was fetched in vain: then a root is missing.
bool fetched_in_vain(const Case& c);

// Adds what would distinguish an issuer that the server leaves out from one that no one has:
// whether it was looked for where the certificate says, and why in vain.
void tell_sought(const Case& c, Problem& problem);

}  // namespace inspect::diagnosis

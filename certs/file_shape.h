// Certificate files in the shapes that programs save them in, brought into the one that the readers take: PEM text. Only shapes
// that cannot be mistaken for another are taken; what is DER or PEM already passes as it is.
#pragma once

#include <string>

namespace certs {

// UTF-16 (PowerShell's redirection) as bytes; base64 without BEGIN and END as a CERTIFICATE, or as those of a PKCS #7 bundle; of PEM the
// blocks that hold such a bundle (whatever their label: Windows calls it CERTIFICATE too) as its certificates. Anything else unchanged.
std::string with_pem_shape(std::string file);

}  // namespace certs

// Certificate files in the shapes that programs save them in, converted to the one that the readers
// take: PEM text. Converts only shapes that cannot be mistaken for another; DER and PEM pass
// unchanged.
#pragma once

#include <string>

namespace certs {

// UTF-16 (PowerShell's redirection) becomes bytes. Base64 without BEGIN and END becomes a
// CERTIFICATE, or the certificates of a PKCS #7 bundle. A PEM block that contains such a bundle
// becomes its certificates, whatever the label (Windows calls it CERTIFICATE too). Anything else is
// unchanged.
std::string with_pem_shape(std::string file);

}  // namespace certs

#include "inspect/diagnosis/explain/preflight.h"

namespace inspect::diagnosis {

void tell_of_preflight(Diagnosis& diagnosis) {
    diagnosis.nothing_sent = true;
    diagnosis.detail = "This is what the browser's preflight (OPTIONS) met; the request itself was not passed on." +
                       (diagnosis.detail.empty() ? "" : " " + diagnosis.detail);
}

}  // namespace inspect::diagnosis

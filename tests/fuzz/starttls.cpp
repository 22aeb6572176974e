// The dialogues before TLS with a server that sends anything: they end within bounds, and use no
// more than there is.
#include <cstdlib>

#include "inspect/before_tls/starttls.h"

using namespace inspect::starttls;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Dialogue dialogue(static_cast<Protocol>(data[0] % 12), "xmpp.test");
    certs::Bytes rest(data + 1, size - 1);
    int sent = 0;
    for (;;) {
        const Step step = dialogue.step(rest);
        if (step.used > rest.size() || dialogue.heard().size() > most_heard) std::abort();
        rest = rest.subspan(step.used);
        if (step.state == State::send && ++sent > 2) std::abort();
        if (step.state == State::more && step.used == 0) return 0;
        if (step.state == State::trailing && rest.empty()) std::abort();
        if (step.state != State::send && step.state != State::more) return 0;
    }
}

// RecordWatch, the Certificate message and its staple on arbitrary bytes: no crash, and the same
// findings in whatever portions they come.
#include <cstdlib>

#include "tls/certificate_message.h"
#include "tls/record_watch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes bytes(data, size);
    tls::RecordWatch whole, single;
    whole.take(bytes);
    for (std::size_t i = 0; i < size; ++i) single.take(bytes.subspan(i, 1));
    if (whole.not_tls() != single.not_tls() || whole.first_bytes() != single.first_bytes() ||
        whole.reached() != single.reached() || whole.plaintext_alert() != single.plaintext_alert() ||
        whole.certificate_message() != single.certificate_message() ||
        whole.certificate_status() != single.certificate_status() ||
        whole.certificate_request() != single.certificate_request() ||
        whole.awaits_certificate_status() != single.awaits_certificate_status()) {
        std::abort();
    }
    tls::certificates_in(whole.certificate_message(), false);
    tls::certificates_in(bytes, true);
    tls::ocsp_response_in(whole.certificate_status());
    tls::ocsp_response_in(tls::certificate_status_in(bytes));
    (void)tls::message_in(bytes, tls::handshake_certificate_request);
    if (size > 48) {
        const certs::ByteVector messages = tls::messages_in_flight(bytes.subspan(48), 0x1301, bytes.first(32));
        (void)tls::message_in(messages, tls::handshake_certificate);
    }
    return 0;
}

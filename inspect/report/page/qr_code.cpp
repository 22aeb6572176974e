#include "inspect/report/page/qr_code.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace inspect::page {

std::optional<QrCode> qr_code(const std::string& text) {
    // Level M: a screen that is photographed at an angle loses a little.
    const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
        QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0,
                          QR_ECLEVEL_M),
        QRcode_free);
    if (code == nullptr) return std::nullopt;
    QrCode made{code->width, {}};
    const auto dark = [&](int x, int y) { return x < made.size && (code->data[y * made.size + x] & 1) != 0; };
    for (int y = 0; y < made.size; ++y) {
        for (int x = 0; x < made.size; ++x) {
            const int begin = x;
            while (dark(x, y)) ++x;
            if (x > begin) made.path += fmt::format("M{} {}h{}v1h-{}z", begin, y, x - begin, x - begin);
        }
    }
    return made;
}

std::string_view version_of_qrencode() { return QRcode_APIVersionString(); }

}  // namespace inspect::page

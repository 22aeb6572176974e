// A QR code (ISO/IEC 18004) of a short text, as one path of an SVG. Knows no page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace inspect::page {

struct QrCode {
    int size = 0;      // modules a side, without the quiet zone of four around it
    std::string path;  // of the dark modules, a module is 1 by 1: an SVG path's `d`
};

// nullopt for a text that no code has room for, about 2,300 bytes; and for an empty one.
std::optional<QrCode> qr_code(const std::string& text);

// Of libqrencode, as it runs: "4.1.1".
std::string_view version_of_qrencode();

}  // namespace inspect::page

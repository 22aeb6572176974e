#include "inspect/report/page/qr_code.h"

#include <vector>

#include "tests/support/catch.h"

using inspect::page::qr_code;

namespace {

// The modules of a path, as rows of '#' and '.', by the only way in which it draws: "Mx yhnv1h-nz".
std::vector<std::string> drawn(const inspect::page::QrCode& code) {
    std::vector<std::string> rows(static_cast<std::size_t>(code.size),
                                  std::string(static_cast<std::size_t>(code.size), '.'));
    const char* at = code.path.c_str();
    int x = 0, y = 0, count = 0, back = 0, read = 0;
    while (std::sscanf(at, "M%d %dh%dv1h-%dz%n", &x, &y, &count, &back, &read) == 4) {
        REQUIRE(count == back);
        for (int i = 0; i < count; ++i) rows.at(static_cast<std::size_t>(y)).at(static_cast<std::size_t>(x + i)) = '#';
        at += read;
    }
    REQUIRE(*at == '\0');
    return rows;
}

}  // namespace

// That it says what it should is for a decoder to tell: tests/end_to_end/test_phone.py.
TEST_CASE("a QR code's path draws the modules, with a finder pattern in three corners") {
    const auto code = qr_code("http://192.168.1.5:8080/ca.der");
    REQUIRE(code);
    CHECK(code->size == 29);  // version 3 has room for 42 bytes at level M
    const auto rows = drawn(*code);
    const std::vector<std::string> finder{"#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"};
    for (std::size_t y = 0; y < finder.size(); ++y) {
        CHECK(rows[y].substr(0, 8) == finder[y] + '.');
        CHECK(rows[y].substr(21) == '.' + finder[y]);
        CHECK(rows[22 + y].substr(0, 8) == finder[y] + '.');
    }
}

TEST_CASE("a text that no QR code has room for has none") {
    CHECK(qr_code(std::string(2'331, 'a')));  // version 40 at level M
    CHECK_FALSE(qr_code(std::string(2'332, 'a')));
    CHECK_FALSE(qr_code(""));
}

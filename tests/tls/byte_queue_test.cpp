#include <algorithm>

#include "tests/support/catch.h"
#include "tls/byte_queue.h"

namespace {

const certs::ByteVector some(1000, 7);

TEST_CASE("a queue of bytes gives back what was appended, from the front") {
    tls::ByteQueue queue;
    queue.append(some);
    queue.append(certs::ByteVector{1, 2, 3});
    queue.drop(999);
    CHECK(std::ranges::equal(queue.bytes(), certs::ByteVector{7, 1, 2, 3}));
    queue.append(certs::ByteVector{4});
    CHECK(std::ranges::equal(queue.bytes(), certs::ByteVector{7, 1, 2, 3, 4}));
}

TEST_CASE("an empty queue of bytes owns no memory: an idle connection has two") {
    tls::ByteQueue queue;
    queue.expect(100'000);
    queue.append(some);
    queue.drop(some.size());
    CHECK(queue.bytes().data() == nullptr);
}

}  // namespace

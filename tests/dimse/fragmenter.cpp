#include "support/hex.hpp"

#include <codicom/dimse/fragmenter.hpp>

#include <doctest/doctest.h>
#include <ostream>
#include <random>
#include <vector>

using namespace codicom;
using test_support::dump;

TEST_CASE("the longest fragment is even, and header and fragment keep the peer's limit and ours") {
  CHECK(fragmenter::max_fragment(0) == fragmenter::default_cap - 6);
  CHECK(fragmenter::max_fragment(8) == 2);
  CHECK(fragmenter::max_fragment(9) == 2);
  CHECK(fragmenter::max_fragment(10) == 4);
  CHECK(fragmenter::max_fragment(128) == 122);
  CHECK(fragmenter::max_fragment(16'383) == 16'376);
  CHECK(fragmenter::max_fragment(16'384) == 16'378);
  CHECK(fragmenter::max_fragment(0xFFFFFFFF) == fragmenter::default_cap - 6);
  CHECK(fragmenter::max_fragment(0, 0xFFFFFFFF) == 0xFFFFFFF8);
  CHECK(fragmenter::max_fragment(0, 1) == 2);
  for (std::uint32_t limit = 1; limit < 8; ++limit)
    CHECK_THROWS_AS(static_cast<void>(fragmenter::max_fragment(limit)), const association_error&);
}

TEST_CASE("a source is cut into full fragments and a last one, each with its header") {
  fragmenter cut{context_id{5}, message_part::data_set, 16};  // 10 bytes each
  CHECK(cut.next(24, true) == 10);
  CHECK(dump(cut.current_header()) == "04 00 00 00 00 10 00 00 00 0C 05 00 ");
  CHECK(cut.next(14, true) == 10);
  CHECK_FALSE(cut.done());
  CHECK(cut.next(4, true) == 4);
  CHECK(cut.done());
  CHECK(dump(cut.current_header()) == "04 00 00 00 00 0A 00 00 00 06 05 02 ");
  CHECK(cut.next(0, true) == 0);
}

TEST_CASE("a source of just one fragment has one, marked as last") {
  fragmenter cut{context_id{5}, message_part::command, 16};
  CHECK(cut.next(10, true) == 10);
  CHECK(cut.done());
  CHECK(dump(cut.current_header()) == "04 00 00 00 00 10 00 00 00 0C 05 03 ");
}

TEST_CASE("what may be the last fragment waits until that is known") {
  fragmenter cut{context_id{1}, message_part::data_set, 16};
  CHECK(cut.next(0, false) == 0);
  CHECK(cut.next(9, false) == 0);
  CHECK(cut.next(10, false) == 0);
  CHECK_FALSE(cut.done());
  CHECK(cut.next(11, false) == 10);
  CHECK(cut.next(2, true) == 2);
  CHECK(cut.done());
}

TEST_CASE("an empty source is one empty fragment") {
  fragmenter cut{context_id{1}, message_part::data_set, 0};
  CHECK(cut.next(0, true) == 0);
  CHECK(cut.done());
  CHECK(dump(cut.current_header()) == "04 00 00 00 00 06 00 00 00 02 01 02 ");
}

TEST_CASE("a source that ends at an odd byte is refused") {
  fragmenter cut{context_id{1}, message_part::data_set, 0};
  try {
    static_cast<void>(cut.next(7, true));
    FAIL("was cut");
  } catch (const association_error& e) {
    CHECK(e.code() == errc::malformed_data_set);
  }
}

TEST_CASE("every fragment is even and within the limit, whatever the pieces in which the source comes") {
  std::mt19937 random{7};
  for (int round = 0; round < 500; ++round) {
    const std::uint32_t limit = static_cast<std::uint32_t>(8 + random() % 300);
    const std::uint64_t total = random() % 2000 * 2;
    fragmenter cut{context_id{1}, message_part::data_set, limit};
    std::uint64_t there = 0, came = 0, sent = 0;
    while (!cut.done()) {
      const auto size = cut.next(there, came == total);
      if (size == 0) {
        const auto piece = std::min<std::uint64_t>(total - came, 1 + random() % 100);
        came += piece;
        there += piece;
        continue;
      }
      REQUIRE(size % 2 == 0);
      REQUIRE(size + 6 <= limit);
      there -= size;
      sent += size;
    }
    REQUIRE(sent == total);
  }
}

TEST_CASE("PDUs of a command set made in its place are those that are made beside it") {
  for (const std::uint32_t limit : {0u, 8u, 20u, 106u, 107u, 108u, 16384u})
    for (const std::size_t size : {std::size_t{0}, std::size_t{2}, std::size_t{100}, std::size_t{102}}) {
      std::vector<std::byte> command_set(size);
      for (std::size_t i = 0; i < size; ++i) command_set[i] = static_cast<std::byte>(i + 1);
      std::vector<std::byte> beside(3, std::byte{9});
      append_command_pdus(command_set, context_id{1}, limit, beside);
      std::vector<std::byte> in_place(3 + dul::p_data_header_size + size, std::byte{9});
      std::copy_backward(command_set.begin(), command_set.end(), in_place.end());
      make_command_pdus(in_place, 3, context_id{1}, limit);
      CHECK(in_place == beside);
    }
}

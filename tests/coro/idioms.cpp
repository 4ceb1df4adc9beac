// What a user may write beside co_await. g++ 12 destroys some temporaries twice; these forms must be right under the
// address sanitizer, and the counts say so without it.
#include <codicom/coro/run.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/net/tcp.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

using namespace codicom;

namespace {

// Counts its own lives.
class counted {
 public:
  counted() { ++alive; }
  counted(std::string given) : text{std::move(given)} { ++alive; }
  counted(const counted& other) : text{other.text} { ++alive; }
  counted(counted&& other) noexcept : text{std::move(other.text)} { ++alive; }
  counted& operator=(const counted&) = default;
  counted& operator=(counted&&) = default;
  ~counted() { --alive; }

  std::string text = "a text that does not fit into the string itself";
  static inline int alive = 0;
};

class options {
 public:
  options() {}
  explicit options(int n) : number{n} {}
  counted object;
  std::string name = "another text that does not fit into the string itself";
  int number = 0;
};
static_assert(!std::is_aggregate_v<options>);

task<int> by_value(options o) { co_return o.number + static_cast<int>(o.name.size() != 0); }
task<int> by_reference(const options& o) { co_return o.number + static_cast<int>(o.name.size() != 0); }
task<int> with_pointer(std::unique_ptr<counted> p) { co_return p ? 1 : 0; }
task<int> with_optional(std::optional<counted> p) { co_return p ? 1 : 0; }
task<int> with_pair(std::pair<counted, std::string> p) { co_return static_cast<int>(p.second.size()); }
task<counted> produce() { co_return counted{}; }
task<bool> yes() { co_return true; }
task<std::optional<int>> maybe(int n) {
  if (n == 0) co_return std::nullopt;
  co_return n;
}
template <class... T>
task<std::size_t> variadic(T... values) {
  co_return (values.text.size() + ...);
}

task<int> all() {
  int sum = 0;
  sum += co_await by_value(options{3});
  sum += co_await by_value(options{});
  sum += co_await by_reference(options{4});
  sum += co_await with_pointer(std::make_unique<counted>());
  sum += co_await with_optional(counted{});
  sum += co_await with_pair({counted{}, "text"});
  const bool ok = co_await yes();
  if (ok) ++sum;
  if (auto r = co_await maybe(5); r) sum += *r;
  int left = 3;
  while (auto r = co_await maybe(left)) {
    sum += *r;
    --left;
  }
  const counted first = co_await produce();
  const counted second{(co_await produce()).text};
  sum += static_cast<int>(co_await variadic(first, second, counted{"x"}) != 0);
  if (ok) sum += co_await by_value(options{1});
  const bool both = ok && co_await yes();
  sum += both ? 1 : 0;
  auto [text, size] = std::pair{(co_await produce()).text, 1};
  sum += size + (text.empty() ? 1 : 0);
  for (const auto& each : std::array{1, 2, 3}) sum += each + co_await by_value(options{0});
  sum += co_await by_value(options{co_await by_value(options{1})});
  const std::string captured = "captured text that does not fit into the string itself";
  const auto named = [captured](int n) -> task<int> { co_return n + static_cast<int>(captured.size() > 10); };
  sum += co_await named(1);
  const auto generic = [](auto object) -> task<int> { co_return static_cast<int>(object.text.size() > 10); };
  sum += co_await generic(counted{});
  auto operation = by_value(options{2});
  sum += co_await std::move(operation);
  co_return sum;
}

}  // namespace

TEST_CASE("what users write beside co_await destroys everything once") {
  counted::alive = 0;
  CHECK(run(all()) == 51);
  CHECK(counted::alive == 0);
}

TEST_CASE("no public parameter type is an aggregate") {
  CHECK_FALSE(std::is_aggregate_v<association_options>);
  CHECK_FALSE(std::is_aggregate_v<association_deadlines>);
  CHECK_FALSE(std::is_aggregate_v<acceptor_options>);
  CHECK_FALSE(std::is_aggregate_v<store_options>);
  CHECK_FALSE(std::is_aggregate_v<query_options>);
  CHECK_FALSE(std::is_aggregate_v<peer>);
  CHECK_FALSE(std::is_aggregate_v<handlers>);
  CHECK_FALSE(std::is_aggregate_v<find_match>);
  CHECK_FALSE(std::is_aggregate_v<move_result>);
  CHECK_FALSE(std::is_aggregate_v<find_request>);
  CHECK_FALSE(std::is_aggregate_v<data_set>);
  CHECK_FALSE(std::is_aggregate_v<c_find_response>);
  CHECK_FALSE(std::is_aggregate_v<c_store_request>);
}

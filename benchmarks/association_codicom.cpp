// codicom, each side on one thread.
#include "association_stack.hpp"

#include <codicom/codicom.hpp>

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <initializer_list>
#include <list>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace association_bench {
namespace {

using namespace codicom;
using seconds = std::chrono::duration<double>;

peer server_at(std::uint16_t port) { return peer{ae_title{"ANY-SCP"}, "127.0.0.1", port}; }

association_options options_for(const settings& how) {
  association_options options{"BENCH"};
  options.max_length = how.max_pdu;
  options.propose(service::verification, service::study_root_find);
  return options;
}

task<> discard(incoming_object object) {
  static std::vector<std::byte> buffer(256 << 10);
  for (;;) {
    const auto size = co_await object.read_some(buffer);
    if (size == 0) break;
  }
  co_await object.respond(status::success);
}

data_set match(std::size_t number) {
  data_set found;
  found.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName, "ALLISON^EDWARD").set(tag::PatientID, "1234567");
  found.set(tag::StudyDate, "20261122").set(tag::StudyTime, "101500").set(tag::AccessionNumber, "A" + std::to_string(number));
  found.set(tag::ModalitiesInStudy, "MR").set(tag::StudyDescription, "HEAD").set(tag::StudyID, "1");
  found.set(tag::StudyInstanceUID, "1.2.840.113619.2.1." + std::to_string(number));
  return found;
}

generator<find_match, c_find_response> find_all(find_request request, std::size_t matches) {
  for (std::size_t i = 0; i < matches; ++i) co_yield find_match{match(i), status::pending};
  co_return c_find_response{request.command, status::success};
}

task<> serve_all(settings how, std::function<void(std::uint16_t)> ready) {
  auto at = co_await listen("127.0.0.1", 0);
  ready(at.port());
  acceptor_options options;
  options.runs_on = association_executor::of_the_server;
  options.limits.associations = 20'000;
  options.policy.max_length = how.max_pdu;
  options.policy.accept_unknown({transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian,
                                 transfer_syntax::JPEGBaseline8Bit});
  handlers with;
  if (how.folder.empty()) {
    with.on_store(discard);
  } else {
    std::size_t number = 0;
    with.on_store([how, number](incoming_object object) mutable -> task<> {
      co_await object.save_as(how.folder / (std::to_string(number++) + ".dcm"), durability::cached);
    });
  }
  with.on_find([matches = how.matches](find_request request) { return find_all(std::move(request), matches); });
  co_await serve(at, options, with);
}

task<double> store_all(std::uint16_t port, settings how, object what, std::size_t times) {
  auto options = options_for(how);
  const unique_id sop_class{what.sop_class};
  const unique_id sop_instance{what.sop_instance};
  options.propose_in(sop_class, transfer_syntax::ExplicitVRLittleEndian);
  auto association = co_await codicom::associate(server_at(port), options);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    const auto response =
        co_await association.store(sop_class, sop_instance, what.bytes, transfer_syntax::ExplicitVRLittleEndian);
    if (!response.status.is_success()) throw std::runtime_error{"C-STORE failed"};
  }
  const seconds took = std::chrono::steady_clock::now() - start;
  co_await association.release();
  co_return took.count();
}

task<double> echo_all(std::uint16_t port, std::size_t times) {
  auto association = co_await codicom::associate(server_at(port), options_for({}));
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) co_await association.echo();
  const seconds took = std::chrono::steady_clock::now() - start;
  co_await association.release();
  co_return took.count();
}

task<double> find_once(std::uint16_t port, settings how) {
  auto association = co_await codicom::associate(server_at(port), options_for(how));
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::PatientName).set(tag::PatientID).set(tag::StudyDate);
  keys.set(tag::StudyTime).set(tag::AccessionNumber).set(tag::StudyDescription).set(tag::StudyID).set(tag::StudyInstanceUID);
  const auto start = std::chrono::steady_clock::now();
  auto responses = association.find(service::study_root_find, keys);
  std::size_t count = 0;
  while (auto one = co_await responses.next()) count += one->identifier.empty() ? 0 : 1;
  const seconds took = std::chrono::steady_clock::now() - start;
  if (count != how.matches) throw std::runtime_error{std::to_string(count) + " matches"};
  co_await association.release();
  co_return took.count();
}

task<double> associate_all(std::uint16_t port, std::size_t times) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    auto association = co_await codicom::associate(server_at(port), options_for({}));
    co_await association.echo();
    co_await association.release();
  }
  const seconds took = std::chrono::steady_clock::now() - start;
  co_return took.count();
}

// Encoded values that are longer than memory should be: each a header and, behind it, as many bytes of no interest.
class large_object {
 public:
  void add(std::vector<std::byte> header, std::uint64_t filling) { parts_.push_back({std::move(header), filling}); }
  void add(const data_set& head, const unique_id& syntax) {
    std::vector<std::byte> bytes;
    encode(head, syntax, bytes);
    add(std::move(bytes), 0);
  }

  task<std::size_t> read_some(std::span<std::byte> into) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);  // as one that waits for its bytes
    std::size_t size = 0;
    while (size == 0 && !parts_.empty()) {
      auto& [header, filling] = parts_.front();
      size = std::min(into.size(), header.size() - given_);
      if (size != 0) {
        std::memcpy(into.data(), header.data() + given_, size);
        given_ += size;
      } else if (filling != 0) {
        size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), filling));
        std::memset(into.data(), 0x5A, size);
        filling -= size;
      } else {
        parts_.pop_front();
        given_ = 0;
      }
    }
    bytes_ += size;
    co_return size;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct part {
    std::vector<std::byte> header;
    std::uint64_t filling;
  };
  std::list<part> parts_;
  std::size_t given_ = 0;  // of the header
  std::uint64_t bytes_ = 0;
};

constexpr std::uint64_t gib = 1 << 30;

std::vector<std::byte> little_endian(std::initializer_list<std::uint16_t> words) {
  std::vector<std::byte> bytes;
  for (const auto word : words)
    for (const int shift : {0, 8}) bytes.push_back(static_cast<std::byte>(word >> shift & 0xFF));
  return bytes;
}
// A header of 32-bit length: an item, or with its VR the Pixel Data.
std::vector<std::byte> item_header(std::uint16_t element, std::uint32_t length) {
  return little_endian({0xFFFE, element, static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(length >> 16)});
}
std::vector<std::byte> pixel_data_header(char vr, std::uint32_t length) {
  return little_endian({0x7FE0, 0x0010, static_cast<std::uint16_t>('O' | vr << 8), 0, static_cast<std::uint16_t>(length),
                        static_cast<std::uint16_t>(length >> 16)});
}

large_object native_object(const data_set& head) {
  large_object object;
  object.add(head, transfer_syntax::ExplicitVRLittleEndian);
  object.add(pixel_data_header('W', static_cast<std::uint32_t>(gib)), gib);
  return object;
}
large_object encapsulated_object(const data_set& head, std::size_t fragments) {  // PS3.5 §A.4
  large_object object;
  object.add(head, transfer_syntax::JPEGBaseline8Bit);
  object.add(pixel_data_header('B', 0xFFFFFFFF), 0);
  object.add(item_header(0xE000, 0), 0);
  for (std::size_t i = 0; i < fragments; ++i) object.add(item_header(0xE000, static_cast<std::uint32_t>(gib)), gib);
  object.add(item_header(0xE0DD, 0), 0);
  return object;
}

task<std::uint64_t> store_all_large(std::uint16_t port, std::size_t native, std::size_t encapsulated_gib) {
  const auto& sop_class = sop_class::MultiFrameTrueColorSecondaryCaptureImageStorage;
  auto options = options_for({});
  options.propose_in(sop_class, transfer_syntax::ExplicitVRLittleEndian);
  options.propose_in(sop_class, transfer_syntax::JPEGBaseline8Bit);
  auto association = co_await codicom::associate(server_at(port), options);
  data_set head;
  head.set(tag::SOPClassUID, sop_class).set(tag::SOPInstanceUID, "1.2.826.0.1.3680043.2.1143.1");
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < native + 1; ++i) {
    const bool is_last = i == native;
    if (is_last && encapsulated_gib == 0) break;
    auto object = is_last ? encapsulated_object(head, encapsulated_gib) : native_object(head);
    const auto& syntax = is_last ? transfer_syntax::JPEGBaseline8Bit : transfer_syntax::ExplicitVRLittleEndian;
    object_source source = [&object](std::span<std::byte> into) { return object.read_some(into); };
    const auto response = co_await association.store(sop_class, "1.2.826.0.1.3680043.2.1143.1", source, syntax);
    if (!response.status.is_success()) throw std::runtime_error{"C-STORE failed"};
    bytes += object.bytes();
  }
  co_await association.release();
  co_return bytes;
}

class ours final : public stack {
 public:
  const char* name() const override { return "codicom"; }
  void serve(const settings& how, const std::function<void(std::uint16_t)>& ready) override { run(serve_all(how, ready)); }
  double store(std::uint16_t port, const settings& how, const object& what, std::size_t times) override {
    return run(store_all(port, how, what, times));
  }
  double echo(std::uint16_t port, std::size_t times) override { return run(echo_all(port, times)); }
  double find(std::uint16_t port, const settings& how) override { return run(find_once(port, how)); }
  double associate(std::uint16_t port, std::size_t times) override { return run(associate_all(port, times)); }
};

}  // namespace

std::uint64_t store_large(std::uint16_t port, std::size_t native, std::size_t encapsulated_gib) {
  return run(store_all_large(port, native, encapsulated_gib));
}

stack& codicom_stack() {
  static ours one;
  return one;
}

}  // namespace association_bench

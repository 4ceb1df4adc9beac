#pragma once
#include <codicom/coro/event.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/serve.hpp>
#include <codicom/testing/memory_transport.hpp>
#include <codicom/testing/scripted_peer.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace codicom_test {

using namespace codicom;
using testing::memory_faults;
using testing::scripted_peer;

inline constexpr const unique_id& find_class = sop_class::StudyRootQueryRetrieveInformationModelFind;
inline constexpr const unique_id& move_class = sop_class::StudyRootQueryRetrieveInformationModelMove;
inline constexpr const unique_id& ct = sop_class::CTImageStorage;

// Contexts 1 Verification, 3 FIND, 5 MOVE, 7 CT, all accepted by a scripted peer in Explicit VR Little Endian.
inline association_options all_services() {
  association_options options{"SCU", "SCP"};
  options.propose(sop_class::Verification, find_class, move_class, ct);
  return options;
}

using script = std::function<task<>(scripted_peer&)>;
using user = std::function<task<>(association&)>;

// Both must come to their end; what one throws comes out, and ends the other.
inline task<> together(task<> one, task<> other) {
  const executor where = co_await asio::this_coro::executor;
  scope both{where};
  both.spawn(std::move(one));
  both.spawn(std::move(other));
  co_await both.join();
}

struct meeting_faults {
  meeting_faults() {}
  memory_faults ours, theirs;
  std::uint32_t max_length = 16384;
  unique_id implementation_class{"1.2.3.4"};
};

// An association between a user and a script, which begins once it has been accepted.
inline void meet(user does, script answers, association_options options = all_services(), meeting_faults faults = {}) {
  const auto ours = [](std::unique_ptr<transport> over, association_options o, const user& then) -> task<> {
    auto established = co_await associate(std::move(over), std::move(o));
    co_await then(established);
  };
  const auto theirs = [](std::unique_ptr<transport> over, const meeting_faults& like, const script& then) -> task<> {
    scripted_peer peer{std::move(over)};
    co_await peer.accept(like.max_length, like.implementation_class);
    co_await then(peer);
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where, faults.ours, faults.theirs);
    co_await together(ours(std::move(pair.first), options, does), theirs(std::move(pair.second), faults, answers));
  };
  testing::simulate(whole());
}

// Two stacks of ours: a user of an association, and what serves it.
inline void meet_server(user does, handlers with, acceptor_options accepts, association_options options) {
  const auto ours = [](std::unique_ptr<transport> over, association_options o, const user& then) -> task<> {
    auto established = co_await associate(std::move(over), std::move(o));
    co_await then(established);
    co_await established.release();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(ours(std::move(pair.first), options, does), serve_one(std::move(pair.second), accepts, with));
  };
  testing::simulate(whole());
}

inline std::vector<std::byte> encoded(const data_set& value) {
  std::vector<std::byte> bytes;
  encode(value, transfer_syntax::ExplicitVRLittleEndian, bytes);
  return bytes;
}

inline data_set patient(std::string id) {
  data_set value;
  value.set(tag::PatientID, id);
  return value;
}

inline data_set ct_object(std::size_t pixel_bytes = 1000, unique_id instance = "1.2.3.4.5") {
  data_set value;
  value.set(tag::SOPClassUID, ct).set(tag::SOPInstanceUID, instance).set(tag::PatientName, "TEST^A");
  std::vector<std::byte> pixels(pixel_bytes);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i * 7);
  value.set_bytes(tag::PixelData, vr::ow, std::move(pixels));
  return value;
}

template <class Function>
task<std::error_code> error_of(Function operation) {
  auto outcome = co_await as_result(operation());
  co_return outcome.error();
}

}  // namespace codicom_test

#include "service/scripted_archive.hpp"

#include <codicom/file/write_file.hpp>

#include <support/temporary_folder.hpp>

#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

using namespace scripted;
using service::bulk_sending;
using service::outgoing_file;
using service::send_outcome;

namespace {

/// Files "<n>.dcm", the n-th of instance 1.9.<n>.
std::vector<outgoing_file> make_files(const std::filesystem::path& folder, int count,
                                      const unique_id& sop_class = sop_class::SecondaryCaptureImageStorage, int from = 1) {
  std::vector<outgoing_file> files;
  for (int n = from; n < from + count; ++n) {
    auto one = object("1.9", "1.9.0", "1.9." + std::to_string(n));
    one.set(tag::SOPClassUID, sop_class);
    const auto path = folder / (std::to_string(n) + ".dcm");
    write_file(path, one, transfer_syntax::ExplicitVRLittleEndian);
    files.emplace_back(path);
  }
  return files;
}

/// A peer on the loopback that answers each C-STORE as a test says, and what it saw.
struct storing_peer {
  std::function<task<>(incoming_object&)> answer;
  std::size_t most_associations = 100;
  std::multiset<unique_id> stored;
  std::size_t associations = 0;
  transport* line = nullptr;  // of the last association; closed, the peer has fallen over

  std::vector<service::send_result> take(std::vector<outgoing_file> files, service::send_options how = {}) {
    return run(play(*this, std::move(files), std::move(how)));
  }

 private:
  static task<std::vector<service::send_result>> play(storing_peer& self, std::vector<outgoing_file> files,
                                                      service::send_options how) {
    acceptor_options options;
    options.policy.accept(sop_class::SecondaryCaptureImageStorage).accept(sop_class::CTImageStorage);
    options.runs_on = association_executor::of_the_server;
    options.limits.associations = static_cast<std::uint32_t>(self.most_associations);
    options.security = [&self](std::unique_ptr<transport> over, std::string_view) {
      self.line = over.get();
      return over;
    };
    handlers with;
    with.on_store([&self](incoming_object object) -> task<> {
      if (self.answer) co_await self.answer(object);
      if (object.is_answered()) co_return;
      const auto value = co_await object.read();
      co_await object.respond(status::success);
      self.stored.insert(*value.uid(tag::SOPInstanceUID));
    });
    auto bound = co_await listen("127.0.0.1", 0);
    const auto port = bound.port();
    auto ended = co_await race(serve(bound, std::move(options), std::move(with)),
                               send(self, std::move(files), std::move(how), port));
    co_return ended.second.value();
  }

  static task<std::vector<service::send_result>> send(storing_peer& self, std::vector<outgoing_file> files,
                                                      service::send_options how, std::uint16_t port) {
    std::size_t told = 0;
    service::send_handlers with;
    with.connect = [&self, port](dul::proposal contexts) -> task<association> {
      association_options options{"SENDER", "KEEPER"};
      options.contexts = std::move(contexts);
      ++self.associations;
      co_return co_await associate(peer{"KEEPER", "127.0.0.1", port}, std::move(options));
    };
    with.on_result = [&told](const service::send_result&) { ++told; };
    const auto count = files.size();
    how.back_off = std::chrono::milliseconds{1};
    bulk_sending sending{std::move(files), std::move(with), std::move(how)};
    co_await sending.run();
    CHECK(told == count);
    co_return sending.results();
  }
};

std::map<send_outcome, int> tally(const std::vector<service::send_result>& results) {
  std::map<send_outcome, int> counts;
  for (const auto& each : results) ++counts[each.outcome];
  return counts;
}

}  // namespace

TEST_CASE("many files go over several associations, each once, and each has its result in their order") {
  const test_support::temporary_folder folder;
  storing_peer keeper;
  service::send_options how;
  how.parallel = 3;
  const auto results = keeper.take(make_files(folder.path(), 20), how);
  CHECK(tally(results) == std::map<send_outcome, int>{{send_outcome::stored, 20}});
  CHECK(keeper.stored.size() == 20);
  CHECK(std::set<unique_id>(keeper.stored.begin(), keeper.stored.end()).size() == 20);
  CHECK(keeper.associations == 3);
  CHECK(results[4].file.sop_instance_uid == unique_id{"1.9.5"});
  CHECK(results[4].status == status::success);
}

TEST_CASE("what the peer refuses, does not take at all, or cannot be read does not end the rest") {
  const test_support::temporary_folder folder;
  auto files = make_files(folder.path(), 3);
  for (auto& each : make_files(folder.path(), 2, sop_class::MRImageStorage, 11)) files.push_back(each);
  std::filesystem::remove(folder.path() / "3.dcm");
  storing_peer keeper;
  keeper.answer = [](incoming_object& object) -> task<> {
    if (object.request().affected_sop_instance_uid == unique_id{"1.9.1"})
      co_await object.respond(status::out_of_resources, "the disk is full");
  };
  const auto results = keeper.take(files);
  CHECK(results[0].outcome == send_outcome::refused);
  CHECK(results[0].status == status::out_of_resources);
  CHECK(results[0].comment == "the disk is full");
  CHECK(results[1].outcome == send_outcome::stored);
  CHECK(results[2].outcome == send_outcome::unreadable);
  CHECK(results[3].outcome == send_outcome::not_accepted);
  CHECK(results[3].comment.find("MR Image Storage") != std::string::npos);
  CHECK_FALSE(results[3].status);
}

TEST_CASE("where none of the contexts is taken, every file says so") {
  const test_support::temporary_folder folder;
  storing_peer keeper;
  const auto results = keeper.take(make_files(folder.path(), 2, sop_class::MRImageStorage));
  CHECK(tally(results) == std::map<send_outcome, int>{{send_outcome::not_accepted, 2}});
}

TEST_CASE("a peer that takes one association only gets everything over that one") {
  const test_support::temporary_folder folder;
  storing_peer keeper;
  keeper.most_associations = 1;
  service::send_options how;
  how.parallel = 4;
  const auto results = keeper.take(make_files(folder.path(), 12), how);
  CHECK(tally(results) == std::map<send_outcome, int>{{send_outcome::stored, 12}});
}

TEST_CASE("what an association took with it is sent again as often as was said, and else is lost") {
  const test_support::temporary_folder folder;
  storing_peer keeper;
  int falls = 0;
  keeper.answer = [&falls, &keeper](incoming_object& object) -> task<> {
    if (object.request().affected_sop_instance_uid != unique_id{"1.9.2"} || falls == 1) co_return;
    ++falls;
    keeper.line->close();
  };
  const auto files = make_files(folder.path(), 4);
  SUBCASE("once more") {
    service::send_options how;
    how.retries = 1;
    CHECK(tally(keeper.take(files, how)) == std::map<send_outcome, int>{{send_outcome::stored, 4}});
    CHECK(keeper.associations == 2);
  }
  SUBCASE("not again") {
    const auto results = keeper.take(files);
    CHECK(results[1].outcome == send_outcome::lost);
    CHECK_FALSE(results[1].comment.empty());
    CHECK(tally(results) == std::map<send_outcome, int>{{send_outcome::stored, 3}, {send_outcome::lost, 1}});
  }
}

TEST_CASE("a peer that falls over each time is left alone, and what was not tried is told apart") {
  const test_support::temporary_folder folder;
  storing_peer keeper;
  keeper.answer = [&keeper](incoming_object&) -> task<> {
    keeper.line->close();
    co_return;
  };
  const auto results = keeper.take(make_files(folder.path(), 10));
  CHECK(tally(results) == std::map<send_outcome, int>{{send_outcome::lost, 3}, {send_outcome::not_sent, 7}});
}

TEST_CASE("nobody there: the first error comes out, and every file has its result") {
  const test_support::temporary_folder folder;
  service::send_handlers with;
  with.connect = [](dul::proposal) -> task<association> {
    throw association_error{errc::connection_refused, "nobody listens there"};
    co_return association{};
  };
  bulk_sending sending{make_files(folder.path(), 2), std::move(with)};
  CHECK_THROWS_AS(run(sending.run()), association_error);
  CHECK(tally(sending.results()) == std::map<send_outcome, int>{{send_outcome::not_sent, 2}});
}

TEST_CASE("once stopped, nothing more is begun") {
  const test_support::temporary_folder folder;
  const auto scenario = [](std::vector<outgoing_file> files) -> task<int> {
    auto receiver = co_await store_receiver::listen("KEEPER", "127.0.0.1", 0);
    service::send_handlers with;
    with.connect = [port = receiver.port()](dul::proposal contexts) -> task<association> {
      association_options options{"SENDER", "KEEPER"};
      options.contexts = std::move(contexts);
      co_return co_await associate(peer{"KEEPER", "127.0.0.1", port}, std::move(options));
    };
    bulk_sending sending{std::move(files), std::move(with)};
    const auto take = [](store_receiver& from, bulk_sending& under_way) -> task<> {
      auto first = co_await from.next();
      REQUIRE(first);
      under_way.stop();
      co_await first->respond(status::success);
      const auto second = co_await from.next();
      CHECK_FALSE(second);
    };
    auto ended = co_await race(sending.run(), take(receiver, sending));
    static_cast<void>(ended.first.value());
    co_await receiver.stop();
    CHECK(tally(sending.results()) == std::map<send_outcome, int>{{send_outcome::stored, 1}, {send_outcome::not_sent, 4}});
    co_return 0;
  };
  CHECK(run(scenario(make_files(folder.path(), 5))) == 0);
}

#include "service/scripted_archive.hpp"

#include <codicom/testing/memory_transport.hpp>
#include <codicom/testing/virtual_clock.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace scripted;
using service::bulk_handlers;
using service::bulk_job;
using service::bulk_options;
using service::bulk_retrieval;
using service::instance_outcome;
using service::retrieval_event;

namespace {

using chance = std::mt19937;

bool one_in(chance& random, unsigned n) { return random() % n == 0; }

/// An archive in memory that holds studies and treats each request as chance has it: it sends an object or does not,
/// twice, late, in any order, after its final response, under counts and a final status that have nothing to do with
/// it; it names objects as failed, aborts, loses the connection. What it knows is the truth of the run.
class lying_archive {
 public:
  lying_archive(const executor& where, chance& random, testing::memory_acceptor::door receiver)
      : random{random}, receiver_{std::move(receiver)}, late_{where} {}

  handlers make() {
    handlers with;
    with.on_find([this](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
    with.on_move([this](move_request request) { return move(std::move(request)); });
    with.on_get([this](get_request request) { return get(std::move(request)); });
    return with;
  }
  task<> finish() { co_await late_.join(); }

  chance& random;
  service::archive_index index;
  std::map<unique_id, data_set> content;
  std::set<unique_id> delivered;     // answered with success
  std::set<unique_id> named_failed;  // in (0008,0058)
  bool honest = false;

 private:
  // What is to be sent, and what is said to have failed.
  struct script {
    std::vector<unique_id> send, fail, late;
  };
  script write_script(const data_set& identifier, service::query_model model) {
    script result;
    for (const auto* object : index.select(identifier, model)) {
      const auto& uid = object->sop_instance_uid;
      const auto fate = honest ? 9 : random() % 10;
      if (fate == 0) continue;  // dropped
      if (fate == 1) result.fail.push_back(uid);
      else if (fate == 2) result.late.push_back(uid);
      else result.send.push_back(uid);
      if (fate == 3) result.send.push_back(uid);  // twice
      if (fate == 4) result.fail.push_back(uid);  // sent, and said to have failed
    }
    if (!honest) std::shuffle(result.send.begin(), result.send.end(), random);
    return result;
  }
  template <class Response>
  Response said(dimse_status outcome) {
    Response response;
    response.status = outcome;
    const auto number = [this]() -> std::optional<std::uint16_t> {
      if (one_in(random, 4)) return std::nullopt;
      return static_cast<std::uint16_t>(one_in(random, 8) ? random() : random() % 6);
    };
    response.remaining = number();
    response.completed = number();
    response.failed = number();
    response.warning = number();
    return response;
  }
  template <class Response>
  retrieve_result<Response> final_of(const script& played) {
    static constexpr dimse_status all[] = {status::success,
                                           status::success,
                                           status::suboperations_with_failures,
                                           status::unable_to_perform_suboperations,
                                           status::unable_to_calculate_matches,
                                           dimse_status{0xC000},
                                           dimse_status{0xA900}};
    const auto outcome = honest ? status::success : all[random() % std::size(all)];
    auto response = said<Response>(outcome);
    if (honest) response = Response{}, response.status = outcome;
    data_set list;
    if (!played.fail.empty() && !outcome.is_success()) {
      list.set(tag::FailedSOPInstanceUIDList, played.fail);
      named_failed.insert(played.fail.begin(), played.fail.end());
    }
    return retrieve_result<Response>{response, std::move(list)};
  }
  task<association> call_receiver() {
    association_options options{"ARCHIVE", "CODICOM"};
    options.propose(sop_class::SecondaryCaptureImageStorage);
    auto transport = receiver_.connect();
    auto over = co_await associate(std::move(transport), std::move(options));
    co_return over;
  }
  task<> store(association& over, unique_id uid) {
    const auto response = co_await over.store(content.at(uid));
    if (response.status.is_success()) delivered.insert(uid);
  }
  static task<> send_late(lying_archive* self, std::vector<unique_id> objects, duration after) {
    co_await sleep_for(after);
    try {
      auto over = co_await self->call_receiver();
      for (const auto& uid : objects) co_await self->store(over, uid);
      co_await over.release();
    } catch (const std::system_error&) {
      // the receiver has stopped
    }
  }
  generator<c_move_response, move_result> move(move_request request) {
    const auto played = write_script(request.identifier, *service::model_of(request.command.affected_sop_class_uid));
    if (!played.late.empty()) late_.spawn(send_late(this, played.late, std::chrono::seconds{random() % 30}));
    auto over = co_await call_receiver();
    for (const auto& uid : played.send) {
      if (!honest && one_in(random, 6)) co_await sleep_for(std::chrono::seconds{random() % 20});
      co_await store(over, uid);
      if (!honest && one_in(random, 2)) co_yield said<c_move_response>(status::pending);
    }
    co_await over.release();
    co_return final_of<c_move_response>(played);
  }
  generator<c_get_response, get_result> get(get_request request) {
    const auto played = write_script(request.identifier, *service::model_of(request.command.affected_sop_class_uid));
    for (const auto& uid : played.send) {
      const auto response = co_await request.sender().store(content.at(uid), transfer_syntax::ExplicitVRLittleEndian);
      if (response.status.is_success()) delivered.insert(uid);
      if (!honest && one_in(random, 2)) co_yield said<c_get_response>(status::pending);
    }
    co_return final_of<c_get_response>(played);
  }

  testing::memory_acceptor::door receiver_;
  scope late_;
};

struct bulk_case {
  explicit bulk_case(unsigned number) : seed{number} {}
  unsigned seed;
  bool honest = false;
  int studies = 0;           // 0: as chance has it
  std::size_t parallel = 0;  // the same
  int associations = 0;      // with the archive, when it has ended
};

/// One run; checks that the account is the truth.
task<> run_bulk(bulk_case& given) {
  const auto where = co_await asio::this_coro::executor;
  chance random{given.seed};
  auto receiver_side = std::make_unique<testing::memory_acceptor>(where);
  auto receiver_door = receiver_side->entrance();
  auto archive_side = std::make_unique<testing::memory_acceptor>(where);
  const auto archive_door = archive_side->entrance();
  listener receiver_listener{std::move(receiver_side)};
  auto receiver = co_await store_receiver::listen("CODICOM", std::move(receiver_listener));
  listener archive_listener{std::move(archive_side)};

  lying_archive archive{where, random, std::move(receiver_door)};
  archive.honest = given.honest;
  const int studies = given.studies != 0 ? given.studies : 1 + static_cast<int>(random() % 3);
  for (int n = 1; n <= studies; ++n)
    for (const auto& each : study(n, 1 + static_cast<int>(random() % 2), 1 + static_cast<int>(random() % 4))) {
      enter(archive.index, {each});
      archive.content.emplace(*each.uid(tag::SOPInstanceUID), each);
    }
  const bool by_get = one_in(random, 3);
  const bool loses = !given.honest && one_in(random, 3);
  const bool refuses = !given.honest && one_in(random, 3);

  bool may_fail = false;
  const auto connect = [&]() -> task<association> {
    ++given.associations;
    association_options options{"CODICOM", "ARCHIVE"};
    options.propose(service::study_root_find, service::study_root_move, service::study_root_get);
    options.receive(sop_class::SecondaryCaptureImageStorage);
    testing::memory_faults faults;
    if (may_fail && loses) faults.fail_at = 8 + random() % 60;
    auto transport = archive_door.connect(faults);
    auto over = co_await associate(std::move(transport), std::move(options));
    co_return over;
  };

  const auto use = [&]() -> task<> {
    std::set<unique_id> kept;  // answered with success by the user, as far as he can tell
    std::map<unique_id, int> settled;
    bulk_options how;
    how.parallel = given.parallel != 0 ? given.parallel : 1 + random() % 4;
    how.batch = 1 + random() % 4;
    how.retries = static_cast<unsigned>(random() % 4);
    pool_options kept_open;
    kept_open.most = how.parallel;
    association_pool pool{where, connect, kept_open};
    std::vector<std::pair<data_set, std::vector<service::instance_reference>>> jobs;
    {
      auto over = co_await pool.acquire();
      for (int n = 1; n <= studies; ++n) {
        auto found = co_await service::find_instances(*over, study_keys(n));
        REQUIRE(found);
        jobs.emplace_back(study_keys(n), std::move(*found));
      }
    }
    may_fail = true;
    bulk_handlers with;
    with.on_event = [&](const bulk_job&, retrieval_event& event, const service::retrieval&) -> task<> {
      auto* object = event.arrived();
      if (object == nullptr) object = event.unexpected();
      if (object == nullptr) co_return;
      try {
        const auto read = co_await object->read();
        const auto uid = object->request().affected_sop_instance_uid;
        CHECK(read.uid(tag::SOPInstanceUID) == uid);
        const bool refuse = refuses && one_in(random, 4);
        co_await object->respond(refuse ? status::out_of_resources : status::success);
        if (!refuse) kept.insert(uid);
      } catch (const association_error&) {
        // lost on its way
      }
    };
    bulk_retrieval bulk{pool, with, by_get ? nullptr : &receiver, how};
    for (std::size_t i = 0; i < jobs.size(); ++i) bulk.add(jobs[i].first, jobs[i].second, i);
    co_await bulk.run();
    CHECK(pool.in_use() == 0);
    co_await pool.close();

    std::set<unique_id> said_received;
    for (const auto& each : bulk.results()) {
      ++settled[each.instance.sop_instance_uid];
      if (each.outcome == instance_outcome::received) said_received.insert(each.instance.sop_instance_uid);
      if (each.outcome == instance_outcome::missing && given.honest) FAIL_CHECK("missing from an honest archive");
    }
    CHECK(settled.size() == archive.content.size());
    for (const auto& [uid, times] : settled) CHECK(times == 1);
    for (const auto& uid : said_received) CHECK(kept.contains(uid));
    for (const auto& uid : kept) CHECK(said_received.contains(uid));
    if (given.honest) CHECK(said_received.size() == archive.content.size());
    for (const auto& uid : archive.delivered) CHECK(kept.contains(uid));
  };
  auto ended = co_await race(serve(archive_listener, archive_options(), archive.make()), use());
  co_await receiver.stop();
  co_await archive.finish();
  static_cast<void>(ended.second.value());
}

}  // namespace

TEST_CASE("An honest archive: everything is received, over one association or several, by C-MOVE and C-GET") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    bulk_case given{seed};
    given.honest = true;
    testing::simulate(run_bulk(given));
  }
}

TEST_CASE("The account at the end is the truth, whatever the archive drops, doubles, delays, reorders and says") {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    bulk_case given{seed};
    testing::simulate(run_bulk(given));
  }
}

TEST_CASE("Twenty studies over four associations: the C-FINDs and the C-MOVEs take no more than these") {
  bulk_case given{7};
  given.honest = true;
  given.studies = 20;
  given.parallel = 4;
  testing::simulate(run_bulk(given));
  CHECK(given.associations == 4);
}

#include "service/scripted_archive.hpp"

#include <stdexcept>

using namespace scripted;

namespace {

task<> send_all(std::uint16_t port, std::vector<data_set> objects, std::vector<dimse_status>& answers) {
  auto over = co_await call(port);
  for (const auto& each : objects) {
    const auto answer = co_await over.store(each);
    answers.push_back(answer.status);
  }
  // A receiver that is being stopped does not wait for this.
  static_cast<void>(co_await as_result(over.release()));
}

}  // namespace

TEST_CASE("A receiver hands over one object after the other, before its data set is read") {
  const auto scenario = []() -> task<> {
    auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0);
    CHECK(receiver.title() == ae_title{"CODICOM"});
    CHECK(receiver.port() != 0);
    std::vector<dimse_status> answers;
    const auto receive = [](store_receiver& from) -> task<int> {
      int count = 0;
      while (count < 3) {
        auto object = co_await from.next();
        REQUIRE(object);
        CHECK(object->bytes_read() == 0);
        const auto content = co_await object->read();
        CHECK(content.uid(tag::SOPInstanceUID) == object->request().affected_sop_instance_uid);
        co_await object->respond(status::success);
        ++count;
      }
      co_return count;
    };
    scope senders{co_await asio::this_coro::executor};
    senders.spawn(send_all(receiver.port(), study(1, 1, 2), answers));
    senders.spawn(send_all(receiver.port(), study(2, 1, 1), answers));
    const auto received = co_await receive(receiver);
    CHECK(received == 3);
    co_await senders.join();
    CHECK(answers == std::vector<dimse_status>(3, status::success));
    co_await receiver.stop();
    CHECK_FALSE(receiver.is_listening());
    const auto none = co_await receiver.next();
    CHECK_FALSE(none);
  };
  run(scenario());
}

TEST_CASE("An object that is dropped is refused with A700, and the association lives on") {
  const auto scenario = []() -> task<> {
    auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0);
    std::vector<dimse_status> answers;
    scope senders{co_await asio::this_coro::executor};
    senders.spawn(send_all(receiver.port(), study(1, 1, 2), answers));
    {
      auto dropped = co_await receiver.next();
      REQUIRE(dropped);
    }
    auto second = co_await receiver.next();
    REQUIRE(second);
    co_await second->respond(status::success);
    co_await senders.join();
    CHECK(answers == std::vector<dimse_status>{status::out_of_resources, status::success});
    co_await receiver.stop();
  };
  run(scenario());
}

TEST_CASE("What must be kept besides the file is kept before the sender is told; if it cannot, neither is the object") {
  const auto scenario = []() -> task<> {
    const folder into;
    auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0);
    std::vector<dimse_status> answers;
    scope senders{co_await asio::this_coro::executor};
    senders.spawn(send_all(receiver.port(), study(1, 1, 2), answers));

    auto kept = co_await receiver.next();
    REQUIRE(kept);
    bool entered = false;
    const auto enter = [&](const saved_object& saved) -> task<> {
      CHECK(std::filesystem::exists(saved.path));
      CHECK(answers.empty());
      const auto where = co_await asio::this_coro::executor;
      const auto work = [&entered] { entered = true; };
      co_await blocking(where, work);
    };
    kept->before_success(enter);
    const auto saved = co_await kept->save(into.path, durability::cached);
    CHECK(entered);
    CHECK(saved.outcome == save_outcome::created);

    auto lost = co_await receiver.next();
    REQUIRE(lost);
    const auto fail = [](const saved_object&) -> task<> {
      throw std::runtime_error{"no index"};
      co_return;
    };
    lost->before_success(fail);
    const auto failed = co_await as_result(lost->save(into.path, durability::cached));
    CHECK_FALSE(failed);
    CHECK(lost->is_answered());
    co_await senders.join();
    CHECK(answers == std::vector<dimse_status>{status::success, status::cannot_understand});
    CHECK(into.files() == 2);  // found by who looks at the folder again
    co_await receiver.stop();
  };
  run(scenario());
}

TEST_CASE("A stop refuses what nobody has taken, and waits for it") {
  const auto scenario = []() -> task<> {
    auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0);
    std::vector<dimse_status> answers;
    scope senders{co_await asio::this_coro::executor};
    senders.spawn(send_all(receiver.port(), study(1, 1, 1), answers));
    co_await sleep_for(100ms);
    co_await receiver.stop();
    co_await senders.join();
    CHECK(answers == std::vector<dimse_status>{status::out_of_resources});
  };
  run(scenario());
}

TEST_CASE("Only the calling AE titles of a list may store") {
  const auto scenario = []() -> task<> {
    store_receiver_options options;
    options.calling_ae_titles = {"ARCHIVE"};
    auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0, options);
    const auto stranger = co_await as_result(call(receiver.port(), "STRANGER"));
    CHECK(stranger.error() == errc::association_rejected);
    auto known = co_await call(receiver.port());
    const auto echo = co_await known.echo();
    CHECK(echo.status.is_success());
    co_await known.release();
    co_await receiver.stop();
  };
  run(scenario());
}

TEST_CASE("Unknown storage classes are taken on request, other services never") {
  for (const bool unknown : {false, true}) {
    CAPTURE(unknown);
    const auto scenario = [](bool take_unknown) -> task<> {
      store_receiver_options options;
      options.unknown_sop_classes = take_unknown;
      auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0, options);
      association_options proposal{"ARCHIVE", "CODICOM"};
      proposal.propose(service::verification, unique_id{"1.2.3.4.5"}, service::study_root_find);
      auto over = co_await associate(peer{"CODICOM", "127.0.0.1", receiver.port()}, proposal);
      CHECK((over.parameters().accepted(unique_id{"1.2.3.4.5"}) != nullptr) == take_unknown);
      CHECK(over.parameters().accepted(service::study_root_find) == nullptr);
      co_await over.release();
      co_await receiver.stop();
    };
    run(scenario(unknown));
  }
}

TEST_CASE("A receiver that goes out of scope ends its associations") {
  const auto scenario = []() -> task<> {
    association over;
    {
      auto receiver = co_await store_receiver::listen("CODICOM", "127.0.0.1", 0);
      over = co_await call(receiver.port());
    }
    const auto echo = co_await as_result(over.echo());
    CHECK(echo.error() == failure::peer_gone);
  };
  run(scenario());
}

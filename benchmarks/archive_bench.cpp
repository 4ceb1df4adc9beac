// The index of codicom-pacs under load: how long it takes to build from the heads of synthetic objects (no files), how
// large it is, and how long C-FINDs take over the loopback, from the request to the last response.
//
//     archive_bench [INSTANCES [FILE]]
#include "sqlite_index.hpp"

#include <codicom/codicom.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace codicom;
using clock_type = std::chrono::steady_clock;

constexpr int instances_per_series = 25;
constexpr int series_per_study = 2;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

// Resident memory of this process in MB.
double resident() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  return 0;
}

std::string number(long value, int digits) {
  auto text = std::to_string(value);
  return std::string(static_cast<std::size_t>(std::max(0, digits - static_cast<int>(text.size()))), '0') + text;
}

// Patients have two or three studies; family names are shared by some twenty patients; 20 studies a day.
data_set head_of(long study, int series, int instance) {
  static const auto days = [] {
    std::vector<std::string> all;
    for (int year = 2000; year < 2026; ++year)
      for (int month = 1; month <= 12; ++month)
        for (int day = 1; day <= 28; ++day) all.push_back(number(year, 4) + number(month, 2) + number(day, 2));
    return all;
  }();
  const long patient = study * 2 / 5;
  const auto study_uid = "1.2.826.0.1.3680043.9.9999." + std::to_string(study);
  const auto series_uid = study_uid + '.' + std::to_string(series);
  data_set head;
  head.set(tag::SpecificCharacterSet, "ISO_IR 192");
  head.set(tag::SOPClassUID, sop_class::CTImageStorage).set(tag::SOPInstanceUID, series_uid + '.' + std::to_string(instance));
  head.set(tag::StudyDate, days[static_cast<std::size_t>(study / 20) % days.size()]).set(tag::StudyTime, "101112");
  head.set(tag::AccessionNumber, "A" + number(study, 8)).set(tag::Modality, series == 1 ? "CT" : "SR");
  head.set(tag::Manufacturer, "CODICOM").set(tag::StudyDescription, "Thorax with contrast");
  head.set(tag::SeriesDescription, "axial 1.0").set(tag::StudyID, number(study % 10'000, 4));
  head.set(tag::PatientName, "NAME" + number(patient / 20, 5) + "^GIVEN" + std::to_string(patient % 20));
  head.set(tag::PatientID, "P" + number(patient, 7)).set(tag::PatientBirthDate, "19700102").set(tag::PatientSex, "O");
  head.set(tag::StudyInstanceUID, study_uid).set(tag::SeriesInstanceUID, series_uid);
  head.set(tag::SeriesNumber, series).set(tag::InstanceNumber, instance).set(tag::Rows, 512).set(tag::Columns, 512);
  head.set(tag::BitsAllocated, 16).set(tag::ContentTime, "101113." + number(instance, 6));
  return head;
}

void fill(tools::sqlite_index& index, const std::filesystem::path& folder, long instances) {
  const long studies = instances / (series_per_study * instances_per_series);
  for (long first = 0; first < studies; first += 100)
    index.together([&] {
      for (long study = first; study < std::min(first + 100, studies); ++study)
        for (int series = 1; series <= series_per_study; ++series)
          for (int instance = 1; instance <= instances_per_series; ++instance) {
            const auto head = head_of(study, series, instance);
            const auto uid = *head.uid(tag::SOPInstanceUID);
            index.add(head,
                      {sop_class::CTImageStorage, uid, transfer_syntax::ExplicitVRLittleEndian, folder / (uid.str() + ".dcm")},
                      {524'288, 1});
          }
    });
}

struct question {
  const char* name;
  const char* level;
  std::vector<std::pair<element_tag, std::string>> keys;
};

data_set keys_of(const question& asked) {
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, std::string_view{asked.level});
  for (const element_tag each : {element_tag{tag::PatientName}, element_tag{tag::PatientID}, element_tag{tag::StudyDate},
                                 element_tag{tag::AccessionNumber}, element_tag{tag::StudyInstanceUID},
                                 element_tag{tag::NumberOfStudyRelatedInstances}, element_tag{tag::ModalitiesInStudy}})
    if (std::string_view{asked.level} != "PATIENT" || each == tag::PatientName || each == tag::PatientID) keys.set(each);
  for (const auto& [key, value] : asked.keys) keys.set_text(key, value);
  return keys;
}

task<> ask(association& over, const question& asked, int times) {
  std::vector<double> taken;
  std::size_t matches = 0;
  const double before = resident();
  double highest = before;
  for (int i = 0; i <= times; ++i) {
    matches = 0;
    const auto start = clock_type::now();
    auto responses = over.find(service::patient_root_find, keys_of(asked));
    while (auto match = co_await responses.next())
      if (++matches % 1024 == 0) highest = std::max(highest, resident());
    taken.push_back(seconds_since(start) * 1000);
    if (!responses.last().status.is_success()) std::printf("  %s\n", to_string(responses.last().status).c_str());
  }
  const double first = taken.front();
  if (taken.size() > 1) taken.erase(taken.begin());
  std::sort(taken.begin(), taken.end());
  std::printf("| %-8s | %-34s | %8zu | %10.1f | %10.1f | %10.1f | %6.1f |\n", asked.level, asked.name, matches, first,
              taken[taken.size() / 2], taken.back(), highest - before);
  std::fflush(stdout);
}

task<> measure(const tools::sqlite_index& index, long instances) {
  auto bound = co_await listen("127.0.0.1", 0);
  acceptor_options options;
  options.policy.accept(service::patient_root_find);
  options.runs_on = association_executor::of_the_server;
  service::accept_extensions(options.policy, service::query_extensions::all());
  handlers served;
  served.on_find([&index](find_request request) { return service::answer_find(index, "BENCH", std::move(request)); });
  const auto client = [](std::uint16_t port, long all) -> task<> {
    association_options how{"BENCH", "BENCH"};
    how.propose(service::patient_root_find);
    service::offer(how, service::patient_root_find, {.relational = true});
    const peer where{"BENCH", "127.0.0.1", port};
    auto over = co_await associate(where, std::move(how));
    const long studies = all / (series_per_study * instances_per_series);
    const auto some = head_of(studies / 2, 1, 1);
    const auto study = some.text(tag::StudyInstanceUID);
    const std::vector<question> questions{
        {"StudyInstanceUID", "STUDY", {{tag::StudyInstanceUID, study}}},
        {"PatientID", "STUDY", {{tag::PatientID, some.text(tag::PatientID)}}},
        {"PatientName=NAME*", "STUDY", {{tag::PatientName, some.text(tag::PatientName).substr(0, 9) + "*"}}},
        {"StudyDate, a range of two days",
         "STUDY",
         {{tag::StudyDate, some.text(tag::StudyDate) + "-" + std::to_string(std::stol(some.text(tag::StudyDate)) + 1)}}},
        {"AccessionNumber", "STUDY", {{tag::AccessionNumber, some.text(tag::AccessionNumber)}}},
        {"nothing matches", "STUDY", {{tag::AccessionNumber, "NONE"}}},
        {"PatientName=NAME*", "PATIENT", {{tag::PatientName, some.text(tag::PatientName).substr(0, 9) + "*"}}},
        {"of one study", "SERIES", {{tag::StudyInstanceUID, study}, {tag::SeriesInstanceUID, ""}}},
        {"of one series",
         "IMAGE",
         {{tag::StudyInstanceUID, study},
          {tag::SeriesInstanceUID, some.text(tag::SeriesInstanceUID)},
          {tag::SOPInstanceUID, ""}}},
        {"SOPInstanceUID alone", "IMAGE", {{tag::SOPInstanceUID, some.text(tag::SOPInstanceUID)}}},
    };
    std::printf("\n| level    | query                              |  matches |  first, ms | median, ms |    max, ms | +MB    |\n"
                "|----------|------------------------------------|----------|------------|------------|------------|--------|\n");
    for (const auto& each : questions) co_await ask(over, each, 50);
    const question all_studies{"everything", "STUDY", {}};
    const question all_images{"everything", "IMAGE", {{tag::SOPInstanceUID, ""}}};
    co_await ask(over, all_studies, 0);
    co_await ask(over, all_images, 0);
    co_await over.release();
  };
  auto ended = co_await race(serve(bound, std::move(options), std::move(served)), client(bound.port(), instances));
  static_cast<void>(ended.second.value());
}

}  // namespace

int main(int argc, char** argv) {
  const long instances = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  const std::filesystem::path file = argc > 2 ? argv[2] : "archive_bench.sqlite";
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  {
    tools::sqlite_index index{file, "/synthetic", durability::synced};
    const auto start = clock_type::now();
    fill(index, "/synthetic", instances);
    const double taken = seconds_since(start);
    const auto have = index.count();
    std::printf("%lld instances, %lld series, %lld studies, %lld patients indexed in %.1f s (%.0f a second)\n",
                static_cast<long long>(have.instances), static_cast<long long>(have.series),
                static_cast<long long>(have.studies), static_cast<long long>(have.patients), taken,
                static_cast<double>(have.instances) / taken);
  }
  std::printf("index: %.1f MB; resident memory: %.1f MB\n",
              static_cast<double>(std::filesystem::file_size(file)) / 1e6, resident());
  const tools::sqlite_index index{file, "/synthetic", durability::synced};  // as after a restart
  run(measure(index, instances));
  std::printf("\nresident memory at the end: %.1f MB\n", resident());
}

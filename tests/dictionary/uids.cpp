#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dictionary/uids.hpp>

#include "support/standard_tables.hpp"
#include <algorithm>
#include <cstdio>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <string>

using namespace codicom;

// All of it can be decided by the compiler.
static_assert(sop_class::Verification == unique_id{"1.2.840.10008.1.1"});
static_assert(sop_class::CTImageStorage == unique_id{"1.2.840.10008.5.1.4.1.1.2"});
static_assert(sop_class::StudyRootQueryRetrieveInformationModelMove == unique_id{"1.2.840.10008.5.1.4.1.2.2.2"});
static_assert(sop_class::BasicGrayscalePrintManagementMeta == unique_id{"1.2.840.10008.5.1.1.9"});
static_assert(sop_instance::StorageCommitmentPushModelInstance == unique_id{"1.2.840.10008.1.20.1.1"});
static_assert(transfer_syntax::ImplicitVRLittleEndian == unique_id{"1.2.840.10008.1.2"});
static_assert(is_storage(sop_class::CTImageStorage) && !is_storage(sop_class::Verification));
static_assert(is_encapsulated(transfer_syntax::JPEGBaseline8Bit));

TEST_CASE("storage SOP classes are those whose objects travel by C-STORE") {
  CHECK(is_storage("1.2.840.10008.5.1.4.1.1.7"));          // Secondary Capture
  CHECK(is_storage("1.2.840.10008.5.1.4.1.1.104.1"));      // Encapsulated PDF
  CHECK(is_storage("1.2.840.10008.5.1.4.1.1.1.2.1"));      // Digital Mammography For Processing
  CHECK(is_storage("1.2.840.10008.5.1.4.1.1.6"));          // Ultrasound, retired
  CHECK(is_storage("1.2.840.10008.5.1.4.38.1"));           // Hanging Protocol: a non-patient object
  CHECK_FALSE(is_storage("1.2.840.10008.1.3.10"));         // Media Storage Directory: files only
  CHECK_FALSE(is_storage("1.2.840.10008.5.1.4.1.2.2.1"));  // Study Root FIND
  CHECK_FALSE(is_storage("1.2.840.10008.5.1.4.1.1"));
  CHECK_FALSE(is_storage(""));
  const auto all = storage_sop_classes();
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("a transfer syntax tells how it encodes") {
  struct row {
    const char* uid;
    bool explicit_vr, big_endian, deflated, encapsulated;
  };
  constexpr row rows[] = {
      {"1.2.840.10008.1.2", false, false, false, false},     // PS3.5 §A.1
      {"1.2.840.10008.1.2.1", true, false, false, false},    // §A.2
      {"1.2.840.10008.1.2.2", true, true, false, false},     // §A.3
      {"1.2.840.10008.1.2.1.99", true, false, true, false},  // §A.5
      {"1.2.840.10008.1.2.1.98", true, false, false, true},  // encapsulated uncompressed, §A.4.11
      {"1.2.840.10008.1.2.4.50", true, false, false, true},  {"1.2.840.10008.1.2.4.70", true, false, false, true},
      {"1.2.840.10008.1.2.4.80", true, false, false, true},  {"1.2.840.10008.1.2.4.90", true, false, false, true},
      {"1.2.840.10008.1.2.4.94", true, false, false, false},  // JPIP referenced: no pixel data, §A.6
      {"1.2.840.10008.1.2.4.95", true, false, true, false},   // §A.7
      {"1.2.840.10008.1.2.4.102", true, false, false, true}, {"1.2.840.10008.1.2.4.112", true, false, false, true},
      {"1.2.840.10008.1.2.4.201", true, false, false, true}, {"1.2.840.10008.1.2.4.204", true, false, false, false},
      {"1.2.840.10008.1.2.4.205", true, false, true, false}, {"1.2.840.10008.1.2.5", true, false, false, true},  // RLE
      {"1.2.840.10008.1.2.8.1", true, false, false, true},  // deflated frames: each one a fragment
  };
  for (const auto& r : rows) {
    CAPTURE(std::string{r.uid});
    const auto* facts = find_transfer_syntax(r.uid);
    REQUIRE(facts != nullptr);
    CHECK(facts->explicit_vr == r.explicit_vr);
    CHECK(facts->big_endian == r.big_endian);
    CHECK(facts->deflated == r.deflated);
    CHECK(facts->encapsulated == r.encapsulated);
    CHECK(facts->file_or_dimse);
    CHECK(is_explicit_vr(r.uid) == r.explicit_vr);
    CHECK(is_big_endian(r.uid) == r.big_endian);
    CHECK(is_deflated(r.uid) == r.deflated);
    CHECK(is_encapsulated(r.uid) == r.encapsulated);
  }
  CHECK(find_transfer_syntax("1.2.840.10008.1.2.1")->name == "Explicit VR Little Endian");
  CHECK(find_transfer_syntax(transfer_syntax::ExplicitVRBigEndian)->retired);
}

TEST_CASE("an unknown transfer syntax counts as explicit little endian, as every new one is") {
  CHECK(find_transfer_syntax("1.2.3") == nullptr);
  CHECK(is_explicit_vr("1.2.3"));
  CHECK_FALSE(is_big_endian("1.2.3"));
  CHECK_FALSE(is_encapsulated("1.2.3"));
  CHECK_FALSE(is_deflated("1.2.3"));
}

TEST_CASE("what passes through is every transfer syntax that encodes a data set, the plain ones first") {
  const auto all = all_transfer_syntaxes();
  REQUIRE(all.size() > 3);
  CHECK(all[0] == transfer_syntax::ImplicitVRLittleEndian);
  CHECK(all[1] == transfer_syntax::ExplicitVRLittleEndian);
  CHECK(all[2] == transfer_syntax::ExplicitVRBigEndian);
  const std::set<unique_id> set{all.begin(), all.end()};
  CHECK(set.size() == all.size());
  CHECK(set.contains(transfer_syntax::JPEGXL));
  CHECK(set.contains(transfer_syntax::JPEGExtended35));  // retired, but still in archives
  CHECK_FALSE(set.contains(transfer_syntax::XMLEncoding));
  CHECK_FALSE(set.contains(transfer_syntax::RFC2557MIMEEncapsulation));
  CHECK_FALSE(set.contains(transfer_syntax::SMPTEST211030PCMDigitalAudio));
}

TEST_CASE("a registered UID has a name and a keyword") {
  CHECK(uid_name("1.2.840.10008.5.1.4.1.1.2") == "CT Image Storage");
  CHECK(uid_keyword("1.2.840.10008.5.1.4.1.1.2") == "CTImageStorage");
  CHECK(uid_name("1.2.840.10008.3.1.1.1") == "DICOM Application Context Name");
  CHECK(find_uid("1.2.840.10008.3.1.1.1")->kind == uid_kind::application_context);
  CHECK(find_uid("1.2.840.10008.1.2.2")->retired);
  CHECK(find_uid("1.2.840.10008.1.20.1.1")->kind == uid_kind::sop_instance);
  CHECK(uid_from_keyword("ExplicitVRLittleEndian") == transfer_syntax::ExplicitVRLittleEndian);
  CHECK_FALSE(find_uid("1.2.840.10008.5.1.4.1.1.2.99"));
  CHECK_FALSE(find_uid(""));
  CHECK(uid_name("1.2.3").empty());
  CHECK_FALSE(uid_from_keyword("CtImageStorage"));
  CHECK_FALSE(uid_from_keyword(""));
}

TEST_CASE("every UID of the tables of facts is found as it stands there") {
  const auto rows = test_support::standard_table("uids.tsv");
  const auto classes = test_support::standard_table("sop_classes.tsv");
  if (rows.empty() || classes.empty()) {
    std::puts("skipped: no standard/uids.tsv");
    return;
  }
  CHECK(rows.size() == 493);
  std::map<std::string, int> counts;
  int wrong = 0;
  for (const auto& row : rows) {
    ++counts[row[2]];
    const auto found = find_uid(row[0]);
    const bool same = found && found->name == row[1] && found->keyword == row[3] && found->retired == (row[4] == "Y") &&
                      (row[3].empty() || uid_from_keyword(row[3]) == unique_id{row[0]}) &&
                      (find_transfer_syntax(row[0]) != nullptr) == (row[2] == "Transfer Syntax");
    if (!same) {
      ++wrong;
      MESSAGE("differs: " << row[0]);
    }
  }
  CHECK(wrong == 0);
  CHECK(counts["Transfer Syntax"] == 63);
  CHECK(all_transfer_syntaxes().size() == 63 - 5);
  std::size_t storage = 0;
  for (const auto& row : classes) {
    const bool stored = row[3] == "Y" || row[3] == "non-patient";
    storage += stored ? 1 : 0;
    if (is_storage(row[0]) != stored) MESSAGE("storage or not: " << row[0]);
    CHECK(is_storage(row[0]) == stored);
  }
  CHECK(storage_sop_classes().size() == storage);
}

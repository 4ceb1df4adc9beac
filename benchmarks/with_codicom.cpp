#include "toolkit.hpp"

#include <codicom/core/version.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/encoding/transcode.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

namespace {

using namespace codicom;

const unique_id& uid(syntax s) {
  return s == syntax::explicit_le ? transfer_syntax::ExplicitVRLittleEndian : transfer_syntax::ImplicitVRLittleEndian;
}

std::size_t count_elements(const data_set& d) {
  std::size_t n = d.size();
  for (const auto& e : d)
    for (const auto& item : e.items()) n += count_elements(item);
  return n;
}

class ours : public toolkit {
 public:
  [[nodiscard]] std::string name() const override { return "codicom"; }
  [[nodiscard]] std::string version() const override { return std::string{codicom::version}; }

  void decode(bytes_view from, syntax s) override { keep(codicom::decode(from, uid(s)).value); }
  void hold(bytes_view from, syntax s) override { hold(codicom::decode(from, uid(s))); }
  void drop() override { held_.clear(); }
  [[nodiscard]] std::size_t count(std::size_t held) override { return count_elements(*held_[held]); }
  bytes_view encode(std::size_t held, syntax s, item_lengths, output& out) override {
    return encoded(*held_[held], s, out);
  }
  bytes_view transcode(bytes_view from, syntax s, syntax to, item_lengths, output& out) override {
    return encoded(codicom::decode(from, uid(s)).value, to, out);
  }
  bytes_view build(const find_row& row, syntax s, output& out) override {
    data_set d;
    d.set(tag::SpecificCharacterSet, "ISO_IR 100")
        .set(tag::StudyDate, row.study_date)
        .set(tag::StudyTime, row.study_time)
        .set(tag::AccessionNumber, row.accession_number)
        .set(tag::QueryRetrieveLevel, "STUDY")
        .set(tag::RetrieveAETitle, row.retrieve_ae_title)
        .set(tag::ModalitiesInStudy, row.modalities)
        .set(tag::PatientName, row.patient_name)
        .set(tag::PatientID, row.patient_id)
        .set(tag::PatientBirthDate, row.birth_date)
        .set(tag::StudyInstanceUID, row.study_instance_uid)
        .set(tag::NumberOfStudyRelatedInstances, row.instances);
    return encoded(d, s, out);
  }

 protected:
  static void keep(const data_set& d) { asm volatile("" : : "g"(&d) : "memory"); }
  static bytes_view encoded(const data_set& d, syntax s, output& out) {
    out.bytes.clear();
    codicom::encode(d, uid(s), out.bytes);
    return out.bytes;
  }
  void hold(decoded d) { held_.push_back(std::make_unique<data_set>(std::move(d.value))); }
  std::vector<std::unique_ptr<data_set>> held_;
};

// The received buffer is kept by count and large values refer to it; encoding gives a list of buffers to gather.
class by_reference final : public ours {
 public:
  [[nodiscard]] std::string name() const override { return "codicom by reference"; }
  [[nodiscard]] bool builds() const override { return false; }
  [[nodiscard]] bool transcodes() const override { return false; }
  [[nodiscard]] bool takes_part_in(const workload& w) const override { return w.few_large_values(); }

  void decode(bytes_view from, syntax s) override { keep(codicom::decode(from, uid(s), options(from)).value); }
  void hold(bytes_view from, syntax s) override { ours::hold(codicom::decode(from, uid(s), options(from))); }
  bytes_view encode(std::size_t held, syntax s, item_lengths, output&) override {
    gathered_ = codicom::encode_buffers(*held_[held], uid(s));
    return gathered_.buffers().front();
  }
  bytes_view joined(bytes_view, output& out) override {
    out.bytes.clear();
    for (const auto part : gathered_.buffers()) out.bytes.insert(out.bytes.end(), part.begin(), part.end());
    return out.bytes;
  }

 private:
  decode_options options(bytes_view from) {
    decode_options result;
    if (owner_ == nullptr || owner_.get() != from.data()) owner_ = {from.data(), [](const void*) {}};
    result.owner = owner_;
    return result;
  }
  std::shared_ptr<const void> owner_;
  encoded_buffers gathered_;
};

// Element by element, without holding a data set. Lengths become undefined, so that it is compared where they are, or
// where there are no sequences.
class streamed final : public ours {
 public:
  [[nodiscard]] std::string name() const override { return "codicom streamed"; }
  [[nodiscard]] bool builds() const override { return false; }
  [[nodiscard]] bool only_transcodes() const override { return true; }
  [[nodiscard]] bool takes_part_in(const workload& w) const override {
    return w.lengths == item_lengths::undefined || !w.rows.empty();
  }
  bytes_view transcode(bytes_view from, syntax s, syntax to, item_lengths, output& out) override {
    out.bytes.clear();
    transcoder between{[&out](byte_span bytes) { out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end()); }, uid(s),
                       uid(to)};
    between.feed(from);
    between.finish();
    return out.bytes;
  }
};

}  // namespace

namespace {

// In an order that no cache knows.
const std::vector<dictionary_entry>& all_attributes() {
  static const auto all = [] {
    std::vector<dictionary_entry> found;
    for (const auto tag : codicom::detail::attribute_tags)
      if (const auto entry = find_attribute(element_tag{tag}); entry && !entry->keyword.empty() && !entry->repeating)
        found.push_back(*entry);
    std::shuffle(found.begin(), found.end(), std::minstd_rand{1});
    return found;
  }();
  return all;
}

template <class Key>
std::size_t look_up(Key dictionary_entry::*key) {
  for (const auto& entry : all_attributes()) {
    const auto found = find_attribute(entry.*key);
    asm volatile("" : : "g"(&found) : "memory");
  }
  return all_attributes().size();
}

}  // namespace

std::size_t look_up_by_tag() { return look_up(&dictionary_entry::tag); }
std::size_t look_up_by_keyword() { return look_up(&dictionary_entry::keyword); }
std::unique_ptr<toolkit> make_codicom_streamed() { return std::make_unique<streamed>(); }
std::unique_ptr<toolkit> make_codicom() { return std::make_unique<ours>(); }
std::unique_ptr<toolkit> make_codicom_by_reference() { return std::make_unique<by_reference>(); }

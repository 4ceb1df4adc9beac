#include "toolkit.hpp"

#include <odil/DataSet.h>
#include <odil/Reader.h>
#include <odil/Writer.h>
#include <odil/registry.h>

namespace {

const std::string& uid(syntax s) {
  static const std::string uids[] = {odil::registry::ExplicitVRLittleEndian, odil::registry::ImplicitVRLittleEndian};
  return uids[static_cast<std::size_t>(s)];
}

std::size_t count_elements(const odil::DataSet& d) {
  std::size_t n = 0;
  for (const auto& [tag, e] : d) {
    ++n;
    if (e.is_data_set())
      for (const auto& item : e.as_data_set()) n += count_elements(*item);
  }
  return n;
}

class odil_toolkit final : public toolkit {
 public:
  [[nodiscard]] std::string name() const override { return "odil"; }
  [[nodiscard]] std::string version() const override { return "0.12"; }
  [[nodiscard]] bool rewrites_numbers() const override { return true; }

  void decode(bytes_view from, syntax s) override { static_cast<void>(read(from, s)); }
  void hold(bytes_view from, syntax s) override { held_.push_back(read(from, s)); }
  void drop() override { held_.clear(); }
  [[nodiscard]] std::size_t count(std::size_t held) override { return count_elements(*held_[held]); }
  bytes_view encode(std::size_t held, syntax s, item_lengths lengths, output& out) override {
    return write(held_[held], s, lengths, out);
  }
  bytes_view transcode(bytes_view from, syntax s, syntax to, item_lengths lengths, output& out) override {
    return write(read(from, s), to, lengths, out);
  }
  bytes_view build(const find_row& row, syntax s, output& out) override {
    namespace tag = odil::registry;
    const auto d = std::make_shared<odil::DataSet>();
    d->add(tag::SpecificCharacterSet, {"ISO_IR 100"});
    d->add(tag::StudyDate, {row.study_date});
    d->add(tag::StudyTime, {row.study_time});
    d->add(tag::AccessionNumber, {row.accession_number});
    d->add(tag::QueryRetrieveLevel, {"STUDY"});
    d->add(tag::RetrieveAETitle, {row.retrieve_ae_title});
    d->add(tag::ModalitiesInStudy, {row.modalities});
    d->add(tag::PatientName, {row.patient_name});
    d->add(tag::PatientID, {row.patient_id});
    d->add(tag::PatientBirthDate, {row.birth_date});
    d->add(tag::StudyInstanceUID, {row.study_instance_uid});
    d->add(tag::NumberOfStudyRelatedInstances, {static_cast<odil::Value::Integer>(std::stoi(row.instances))});
    return write(d, s, item_lengths::defined, out);
  }

 private:
  using held = std::shared_ptr<odil::DataSet>;
  static held read(bytes_view from, syntax s) {
    view_buffer buffer{from};
    std::istream stream{&buffer};
    return odil::Reader{stream, uid(s)}.read_data_set();
  }
  static bytes_view write(const held& d, syntax s, item_lengths lengths, output& out) {
    using encoding = odil::Writer::ItemEncoding;
    block_buffer buffer{out};
    std::ostream stream{&buffer};
    odil::Writer{stream, uid(s),
                 lengths == item_lengths::defined ? encoding::ExplicitLength : encoding::UndefinedLength}
        .write_data_set(d);
    return {out.data(), buffer.written()};
  }
  std::vector<held> held_;
};

}  // namespace

std::unique_ptr<toolkit> make_odil() { return std::make_unique<odil_toolkit>(); }

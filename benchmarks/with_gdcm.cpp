#include "toolkit.hpp"

#include <gdcmDataSet.h>
#include <gdcmExplicitDataElement.h>
#include <gdcmImplicitDataElement.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmSwapper.h>
#include <gdcmVersion.h>

namespace {

std::size_t count_elements(const gdcm::DataSet& d) {
  std::size_t n = 0;
  for (auto e = d.Begin(); e != d.End(); ++e, ++n) {
    if (e->IsEmpty()) continue;
    const auto* items = dynamic_cast<const gdcm::SequenceOfItems*>(&e->GetValue());
    for (std::size_t i = 1; items != nullptr && i <= items->GetNumberOfItems(); ++i)
      n += count_elements(items->GetItem(i).GetNestedDataSet());
  }
  return n;
}

class gdcm_toolkit final : public toolkit {
 public:
  [[nodiscard]] std::string name() const override { return "GDCM"; }
  [[nodiscard]] std::string version() const override { return gdcm::Version::GetVersion(); }

  void decode(bytes_view from, syntax s) override {
    gdcm::DataSet d;
    read(d, from, s);
  }
  void hold(bytes_view from, syntax s) override {
    held_.push_back(std::make_unique<gdcm::DataSet>());
    read(*held_.back(), from, s);
  }
  void drop() override { held_.clear(); }
  [[nodiscard]] std::size_t count(std::size_t held) override { return count_elements(*held_[held]); }
  bytes_view encode(std::size_t held, syntax s, item_lengths, output& out) override {
    return write(*held_[held], s, out);
  }
  bytes_view transcode(bytes_view from, syntax s, syntax to, item_lengths, output& out) override {
    gdcm::DataSet d;
    read(d, from, s);
    return write(d, to, out);
  }
  bytes_view build(const find_row& row, syntax s, output& out) override {
    gdcm::DataSet d;
    insert(d, 0x0008, 0x0005, gdcm::VR::CS, "ISO_IR 100");
    insert(d, 0x0008, 0x0020, gdcm::VR::DA, row.study_date);
    insert(d, 0x0008, 0x0030, gdcm::VR::TM, row.study_time);
    insert(d, 0x0008, 0x0050, gdcm::VR::SH, row.accession_number);
    insert(d, 0x0008, 0x0052, gdcm::VR::CS, "STUDY");
    insert(d, 0x0008, 0x0054, gdcm::VR::AE, row.retrieve_ae_title);
    insert(d, 0x0008, 0x0061, gdcm::VR::CS, row.modalities);
    insert(d, 0x0010, 0x0010, gdcm::VR::PN, row.patient_name);
    insert(d, 0x0010, 0x0020, gdcm::VR::LO, row.patient_id);
    insert(d, 0x0010, 0x0030, gdcm::VR::DA, row.birth_date);
    insert(d, 0x0020, 0x000D, gdcm::VR::UI, row.study_instance_uid);
    insert(d, 0x0020, 0x1208, gdcm::VR::IS, row.instances);
    return write(d, s, out);
  }

 private:
  // As gdcm::Reader does.
  static void read(gdcm::DataSet& d, bytes_view from, syntax s) {
    view_buffer buffer{from};
    std::istream stream{&buffer};
    if (s == syntax::explicit_le) {
      d.Read<gdcm::ExplicitDataElement, gdcm::SwapperNoOp>(stream);
    } else {
      gdcm::VL length = static_cast<std::uint32_t>(from.size());
      d.ReadWithLength<gdcm::ImplicitDataElement, gdcm::SwapperNoOp>(stream, length);
    }
  }
  static bytes_view write(const gdcm::DataSet& d, syntax s, output& out) {
    block_buffer buffer{out};
    std::ostream stream{&buffer};
    if (s == syntax::explicit_le) d.Write<gdcm::ExplicitDataElement, gdcm::SwapperNoOp>(stream);
    else d.Write<gdcm::ImplicitDataElement, gdcm::SwapperNoOp>(stream);
    return {out.data(), buffer.written()};
  }
  // It pads everything with NUL.
  static void insert(gdcm::DataSet& d, std::uint16_t group, std::uint16_t number, gdcm::VR vr,
                     const std::string& value) {
    gdcm::DataElement e{gdcm::Tag{group, number}, 0, vr};
    if (value.size() % 2 != 0 && vr != gdcm::VR::UI) {
      const std::string padded = value + ' ';
      e.SetByteValue(padded.data(), static_cast<std::uint32_t>(padded.size()));
    } else {
      e.SetByteValue(value.data(), static_cast<std::uint32_t>(value.size()));
    }
    d.Insert(e);
  }
  std::vector<std::unique_ptr<gdcm::DataSet>> held_;
};

}  // namespace

std::unique_ptr<toolkit> make_gdcm() { return std::make_unique<gdcm_toolkit>(); }

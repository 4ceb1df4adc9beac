#include "toolkit.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcwcache.h>
#include <stdexcept>

namespace {

E_TransferSyntax xfer(syntax s) {
  return s == syntax::explicit_le ? EXS_LittleEndianExplicit : EXS_LittleEndianImplicit;
}

void check(const OFCondition& done) {
  if (done.bad()) throw std::runtime_error{done.text()};
}

class dcmtk_toolkit final : public toolkit {
 public:
  [[nodiscard]] std::string name() const override { return "DCMTK"; }
  [[nodiscard]] std::string version() const override { return OFFIS_DCMTK_VERSION_STRING; }

  void decode(bytes_view from, syntax s) override {
    DcmDataset d;
    read(d, from, s);
  }
  void hold(bytes_view from, syntax s) override {
    held_.push_back(std::make_unique<DcmDataset>());
    read(*held_.back(), from, s);
  }
  void drop() override { held_.clear(); }
  [[nodiscard]] std::size_t count(std::size_t held) override {
    std::size_t n = 0;
    DcmStack stack;
    while (held_[held]->nextObject(stack, OFTrue).good()) n += stack.top()->ident() != EVR_item;
    return n;
  }
  bytes_view encode(std::size_t held, syntax s, item_lengths lengths, output& out) override {
    return write(*held_[held], s, lengths, out);
  }
  bytes_view transcode(bytes_view from, syntax s, syntax to, item_lengths lengths, output& out) override {
    DcmDataset d;
    read(d, from, s);
    return write(d, to, lengths, out);
  }
  bytes_view build(const find_row& row, syntax s, output& out) override {
    DcmDataset d;
    d.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 100");
    d.putAndInsertString(DCM_StudyDate, row.study_date.c_str());
    d.putAndInsertString(DCM_StudyTime, row.study_time.c_str());
    d.putAndInsertString(DCM_AccessionNumber, row.accession_number.c_str());
    d.putAndInsertString(DCM_QueryRetrieveLevel, "STUDY");
    d.putAndInsertString(DCM_RetrieveAETitle, row.retrieve_ae_title.c_str());
    d.putAndInsertString(DCM_ModalitiesInStudy, row.modalities.c_str());
    d.putAndInsertString(DCM_PatientName, row.patient_name.c_str());
    d.putAndInsertString(DCM_PatientID, row.patient_id.c_str());
    d.putAndInsertString(DCM_PatientBirthDate, row.birth_date.c_str());
    d.putAndInsertString(DCM_StudyInstanceUID, row.study_instance_uid.c_str());
    d.putAndInsertString(DCM_NumberOfStudyRelatedInstances, row.instances.c_str());
    return write(d, s, item_lengths::defined, out);
  }

 private:
  static void read(DcmDataset& d, bytes_view from, syntax s) {
    DcmInputBufferStream stream;
    stream.setBuffer(from.data(), static_cast<offile_off_t>(from.size()));
    stream.setEos();
    d.transferInit();
    check(d.read(stream, xfer(s), EGL_noChange));
    d.transferEnd();
  }
  static bytes_view write(DcmDataset& d, syntax s, item_lengths lengths, output& out) {
    DcmOutputBufferStream stream{out.data(), static_cast<offile_off_t>(out.capacity())};
    DcmWriteCache cache;
    d.transferInit();
    check(d.write(stream, xfer(s), lengths == item_lengths::defined ? EET_ExplicitLength : EET_UndefinedLength, &cache,
                  EGL_noChange));
    d.transferEnd();
    return {out.data(), static_cast<std::size_t>(stream.tell())};
  }
  std::vector<std::unique_ptr<DcmDataset>> held_;
};

}  // namespace

std::unique_ptr<toolkit> make_dcmtk() { return std::make_unique<dcmtk_toolkit>(); }

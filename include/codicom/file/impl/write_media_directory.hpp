#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/generate_uid.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dictionary/uids.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/file/detail/record_offsets.hpp>
#include <codicom/file/detail/record_types.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/file/write_file.hpp>
#include <codicom/file/write_media_directory.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

inline constexpr std::string_view directory_file_name = "DICOMDIR";

class directory_writer {
 public:
  explicit directory_writer(const media_directory_options& options) : options_{options} {
    if (options.file_set_id.size() > 16 ||
        options.file_set_id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ") != std::string::npos)
      throw std::system_error{errc::invalid_argument, "no File-set ID: '" + options.file_set_id + "'"};
    nodes_.emplace_back();
  }

  // Why the file is left out, or "".
  [[nodiscard]] std::string add(const std::filesystem::path& folder, const std::filesystem::path& path) {
    const auto relative = path.lexically_relative(folder.empty() ? "." : folder);
    std::vector<std::string> id;
    for (const auto& part : relative) id.push_back(part.string());
    if (id.empty() || id.size() > most_file_id_components || !std::all_of(id.begin(), id.end(), is_file_id_component))
      return "not a File ID: up to 8 components of up to 8 capital letters, digits and _";
    dicom_file file;
    try {
      file = read_file(path, decode_options::until(tag::PixelData));
    } catch (const std::system_error& e) {
      if (e.code() == failure::local_io) throw;
      return e.what();
    }
    if (std::any_of(file.diagnoses.begin(), file.diagnoses.end(), [](const diagnosis& d) {
          return d.what == deviation::no_preamble || d.what == deviation::no_file_meta ||
                 d.what == deviation::missing_transfer_syntax;
        }))
      return "not a Part 10 file";
    return add(file, id);
  }

  [[nodiscard]] std::size_t instances() const noexcept { return objects_.size(); }

  void write(const std::filesystem::path& folder) {
    auto directory = assemble();
    file_meta meta{sop_class::MediaStorageDirectoryStorage, generate_uid(), transfer_syntax::ExplicitVRLittleEndian};
    // Offsets have a fixed size, so the records lie where they will lie.
    auto offsets = record_offsets::of(encode(directory, meta.transfer_syntax_uid), wire_format{});
    const auto before = encode_file_header(meta).size();
    for (auto& offset : offsets) offset += before;
    if (!offsets.empty() && offsets.back() > std::numeric_limits<std::uint32_t>::max())
      throw std::system_error{errc::invalid_argument, "a media directory of more than 4 GiB"};
    const auto offset_of = [&](std::size_t node) { return static_cast<std::uint32_t>(offsets[place_of_[node]]); };
    const auto& top = nodes_.front().children;
    if (!top.empty()) {
      directory.set(tag::OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, offset_of(top.front()));
      directory.set(tag::OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, offset_of(top.back()));
    }
    const auto items = directory.items(tag::DirectoryRecordSequence);
    for (const auto& node : nodes_)
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        const auto child = node.children[i];
        auto& record = items[place_of_[child]];
        if (i + 1 != node.children.size())
          record.set(tag::OffsetOfTheNextDirectoryRecord, offset_of(node.children[i + 1]));
        if (!nodes_[child].children.empty())
          record.set(tag::OffsetOfReferencedLowerLevelDirectoryEntity, offset_of(nodes_[child].children.front()));
      }
    write_file(folder / directory_file_name, directory, meta);
  }

 private:
  struct node {
    data_set record;
    std::vector<std::size_t> children;
  };
  struct place {
    std::size_t node;
    std::size_t parent;
  };

  [[nodiscard]] std::string add(const dicom_file& file, const std::vector<std::string>& id) {
    const auto& object = file.value;
    const auto sop_class = object.uid(tag::SOPClassUID);
    const auto instance = object.uid(tag::SOPInstanceUID);
    if (!sop_class || !instance) return "an object without SOP Class UID or SOP Instance UID";
    if (objects_.contains(*instance)) return "an object that is listed already: " + instance->str();
    const auto* type = record_type_of(*sop_class);
    if (type == nullptr && (object.contains(tag::Rows) || is_image(*sop_class))) type = &image;
    if (type == nullptr) return "no type of directory record for the SOP class " + sop_class->str();

    // Nothing is added before all is there.
    std::vector<std::pair<place, data_set>> added;
    std::array<place, 3> above{};
    std::size_t parent = 0;
    if (directory_level(type->name) != 0) {
      const auto study = object.uid(tag::StudyInstanceUID);
      const auto series = object.uid(tag::SeriesInstanceUID);
      if (!study || !series) return "an object without Study or Series Instance UID";
      const auto patient_id = object.text(tag::PatientID);
      // Patients without ID are told apart by name.
      const auto patient = patient_id.empty() ? '\\' + object.text(tag::PatientName) : patient_id;
      const std::array<std::string, 3> names{patient, study->str(), series->str()};
      const std::array<const record_type*, 3> types{&patient_record, &study_record, &series_record};
      for (std::size_t level = 0; level < 3; ++level) {
        const auto found = known_[level].find(names[level]);
        if (found != known_[level].end()) {
          if (level != 0 && found->second.parent != parent)
            return level == 1 ? "its study is listed with another patient" : "its series is listed with another study";
          above[level] = found->second;
        } else {
          auto record = make_record(*types[level], object, children_of(parent) + 1);
          if (!record) return std::exchange(missing_, {});
          above[level] = {nodes_.size() + added.size(), parent};
          added.emplace_back(above[level], std::move(*record));
        }
        parent = above[level].node;
      }
      auto record = make_instance(file, *type, id, parent);
      if (!record) return std::exchange(missing_, {});
      for (auto& [where, one] : added) {
        nodes_.push_back({std::move(one), {}});
        nodes_[where.parent].children.push_back(where.node);
      }
      for (std::size_t level = 0; level < 3; ++level) known_[level].emplace(names[level], above[level]);
      append(parent, std::move(*record));
    } else {
      auto record = make_instance(file, *type, id, 0);
      if (!record) return std::exchange(missing_, {});
      append(0, std::move(*record));
    }
    objects_.insert(*instance);
    return {};
  }

  [[nodiscard]] static bool is_image(const unique_id& sop_class) {
    return uid_name(sop_class).find("Image Storage") != std::string_view::npos;
  }

  void append(std::size_t parent, data_set&& record) {
    nodes_[parent].children.push_back(nodes_.size());
    nodes_.push_back({std::move(record), {}});
  }
  // One that is still to come has none.
  [[nodiscard]] std::size_t children_of(std::size_t node) const {
    return node < nodes_.size() ? nodes_[node].children.size() : 0;
  }

  [[nodiscard]] std::optional<data_set> make_instance(const dicom_file& file, const record_type& type,
                                                      const std::vector<std::string>& id, std::size_t parent) {
    auto record = make_record(type, file.value, children_of(parent) + 1);
    if (!record) return record;
    record->set(tag::ReferencedFileID, id);
    record->set(tag::ReferencedSOPClassUIDInFile, *file.value.uid(tag::SOPClassUID));
    record->set(tag::ReferencedSOPInstanceUIDInFile, *file.value.uid(tag::SOPInstanceUID));
    record->set(tag::ReferencedTransferSyntaxUIDInFile, file.meta.transfer_syntax_uid);
    return record;
  }

  // The record of an object; `number` is what an invented number will be. Nothing when a key is missing, which
  // `missing_` then tells.
  [[nodiscard]] std::optional<data_set> make_record(const record_type& type, const data_set& object,
                                                    std::size_t number) {
    data_set record;
    record.set(tag::OffsetOfTheNextDirectoryRecord, 0u).set(tag::RecordInUseFlag, 0xFFFF);
    record.set(tag::OffsetOfReferencedLowerLevelDirectoryEntity, 0u).set(tag::DirectoryRecordType, type.name);
    if (const auto* set = object.find(tag::SpecificCharacterSet); set != nullptr && !set->empty()) record.set(*set);
    for (const auto& key : type.keys) {
      copy_key(record, object, key.tag);
      const auto* copied = record.find(key.tag);
      if (copied != nullptr && !is_blank(*copied)) continue;
      if (key.type == key_type::conditional) record.erase(key.tag);
      else if (key.type == key_type::may_be_empty) record.set(key.tag);
      else if (options_.if_missing == missing_keys::leave_out || !invent(record, object, key.tag, number)) {
        missing_ = "no " + std::string{keyword(key.tag)} + ", which a " + std::string{type.name} + " record must have";
        return std::nullopt;
      }
    }
    return record;
  }

  [[nodiscard]] static bool is_blank(const element& e) {
    return e.is_sequence() ? e.empty() : trimmed(as_text(e.bytes())).empty() && (e.empty() || is_text(e.value_representation()));
  }

  static void copy_key(data_set& record, const data_set& object, element_tag tag) {
    if (tag == tag::ContentSequence) {  // only what modifies the title (PS3.3 §F.5.25)
      for (const auto& item : object.items(tag))
        if (item.text(tag::RelationshipType) == "HAS CONCEPT MOD") record.add_item(tag, item);
    } else if (tag == tag::VerificationDateTime) {  // the last of them
      if (object.text(tag::VerificationFlag) != "VERIFIED") return;
      std::string last;
      for (const auto& item : object.items(tag::VerifyingObserverSequence))
        last = std::max(last, item.text(tag::VerificationDateTime));
      record.set_text(tag, last);
    } else if (const auto* value = object.find(tag)) {
      record.set(*value);
    }
  }

  // False when that cannot be.
  [[nodiscard]] static bool invent(data_set& record, const data_set& object, element_tag tag, std::size_t number) {
    const auto first_of = [&](std::initializer_list<element_tag> others, std::string_view otherwise) {
      for (const auto other : others)
        if (const auto text = object.text(other); !text.empty()) return text;
      return std::string{otherwise};
    };
    std::string text;
    switch (implicit_vr(tag)) {
      case vr::da:
        text = first_of({tag::SeriesDate, tag::AcquisitionDate, tag::ContentDate, tag::InstanceCreationDate}, "19000101");
        break;
      case vr::tm:
        text = first_of({tag::SeriesTime, tag::AcquisitionTime, tag::ContentTime, tag::InstanceCreationTime}, "000000");
        break;
      case vr::dt: text = "19000101000000"; break;
      case vr::is: text = std::to_string(number); break;
      case vr::cs:
        text = tag == tag::Modality           ? "OT"
               : tag == tag::CompletionFlag   ? "PARTIAL"
               : tag == tag::VerificationFlag ? "UNVERIFIED"
                                              : "UNKNOWN";
        break;
      case vr::lo:
      case vr::sh:
        text = tag == tag::PatientID || tag == tag::StudyID ? "UNKNOWN" + std::to_string(number) : "UNKNOWN";
        break;
      default: return false;
    }
    record.set_text(tag, text);
    return true;
  }

  // The records in the order of the tree, depth first.
  [[nodiscard]] data_set assemble() {
    data_set directory;
    directory.set(tag::FileSetID, options_.file_set_id);
    directory.set(tag::OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 0u);
    directory.set(tag::OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, 0u);
    directory.set(tag::FileSetConsistencyFlag, 0);
    directory.set(tag::DirectoryRecordSequence);
    place_of_.assign(nodes_.size(), 0);
    std::vector<std::size_t> left_to_do(nodes_.front().children.rbegin(), nodes_.front().children.rend());
    for (std::size_t place = 0; !left_to_do.empty(); ++place) {
      const auto now = left_to_do.back();
      left_to_do.pop_back();
      place_of_[now] = place;
      directory.add_item(tag::DirectoryRecordSequence, nodes_[now].record);
      left_to_do.insert(left_to_do.end(), nodes_[now].children.rbegin(), nodes_[now].children.rend());
    }
    return directory;
  }

  media_directory_options options_;
  std::vector<node> nodes_;                              // the root first
  std::array<std::map<std::string, place>, 3> known_;    // patients, studies, series
  std::set<unique_id> objects_;
  std::vector<std::size_t> place_of_;                    // of a node among the items
  std::string missing_;
};

}  // namespace detail

CODICOM_FUNCTION media_directory_report write_media_directory(const std::filesystem::path& folder,
                                                    std::span<const std::filesystem::path> files,
                                                    const media_directory_options& options) {
  detail::directory_writer writer{options};
  media_directory_report report;
  for (const auto& path : files)
    if (auto reason = writer.add(folder, path); !reason.empty()) report.left_out.push_back({path, std::move(reason)});
  writer.write(folder);
  report.instances = writer.instances();
  return report;
}

CODICOM_FUNCTION media_directory_report write_media_directory(const std::filesystem::path& folder,
                                                    const media_directory_options& options) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry{folder, error}, end; !error && entry != end;
       entry.increment(error))
    if (entry->symlink_status(error).type() == std::filesystem::file_type::regular &&
        !(entry.depth() == 0 && entry->path().filename() == detail::directory_file_name))
      files.push_back(entry->path());
  if (error) throw std::system_error{errc::file_error, "cannot read '" + folder.string() + "': " + error.message()};
  std::sort(files.begin(), files.end());
  return write_media_directory(folder, files, options);
}

}  // namespace codicom

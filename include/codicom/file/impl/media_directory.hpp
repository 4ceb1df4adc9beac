#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/file/detail/record_offsets.hpp>
#include <codicom/file/detail/system_file.hpp>
#include <codicom/file/media_directory.hpp>
#include <codicom/file/impl/read_file.hpp>
#include <codicom/file/read_file.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

namespace codicom {

namespace detail {

// PS3.3 §F.4, Table F.4-1: how far below the root a record of that type stands.
[[nodiscard]] constexpr std::size_t directory_level(std::string_view type) noexcept {
  constexpr std::array<std::string_view, 7> in_root{"PATIENT",      "HANGING PROTOCOL", "PALETTE",  "IMPLANT",
                                                    "IMPLANT ASSY", "IMPLANT GROUP",    "INVENTORY"};
  if (std::find(in_root.begin(), in_root.end(), type) != in_root.end()) return 0;
  return type == "STUDY" ? 1 : type == "SERIES" ? 2 : 3;
}

// PS3.10 §8.2, §8.5: 8 components of 8 characters.
inline constexpr std::size_t most_file_id_components = 8;
[[nodiscard]] inline bool is_file_id_component(std::string_view text) noexcept {
  constexpr std::size_t most_characters = 8;
  return !text.empty() && text.size() <= most_characters &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

class directory_reader {
 public:
  directory_reader(byte_span bytes, const std::filesystem::path& folder, const decode_options& options)
      : options_{options} {
    auto file = read_file(bytes, options);
    const auto format = wire_format_of(file.meta.transfer_syntax_uid);
    if (format.deflated) throw std::system_error{errc::malformed_file, "a media directory is never deflated"};
    offsets_ = record_offsets::of(bytes.subspan(static_cast<std::size_t>(file.data_set_offset)), format, options);
    for (auto& offset : offsets_) offset += file.data_set_offset;
    result_.folder_ = folder;
    result_.meta_ = std::move(file.meta);
    result_.value_ = std::move(file.value);
    result_.diagnoses_ = std::move(file.diagnoses);
    items_ = std::as_const(result_.value_).items(tag::DirectoryRecordSequence);
    items_ = items_.first(std::min(items_.size(), offsets_.size()));
  }

  [[nodiscard]] media_directory read() {
    reached_.resize(items_.size());
    children_.resize(items_.size() + 1);
    follow(root(), number(result_.value_, tag::OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity),
           tag::OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity);
    const auto last = number(result_.value_, tag::OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity);
    const auto& top = children_[root()];
    if (last != (top.empty() ? 0 : offsets_[top.back()]))
      deviates(deviation::wrong_directory_offset, diagnosis::no_offset,
               tag::OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity,
               "the last record of the root is not at " + std::to_string(last));
    place_the_lost();
    lay_out();
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::size_t root() const noexcept { return items_.size(); }
  template <class Tag>
  [[nodiscard]] static std::uint64_t number(const data_set& from, Tag tag) {
    const auto value = from.get(tag);
    return value ? *value : 0;
  }
  [[nodiscard]] bool in_use(std::size_t record) const {
    return items_[record].get(tag::RecordInUseFlag) != std::uint16_t{0};
  }
  [[nodiscard]] std::optional<std::size_t> record_at(std::uint64_t offset) const {
    const auto found = std::lower_bound(offsets_.begin(), offsets_.end(), offset);
    const auto index = static_cast<std::size_t>(found - offsets_.begin());
    if (index >= items_.size() || *found != offset) return std::nullopt;
    return index;
  }

  void deviates(deviation what, std::uint64_t offset, element_tag tag, std::string detail) {
    diagnosis found{what, offset, {tag::DirectoryRecordSequence, tag}, "PS3.3 §F.3.2.2", std::move(detail)};
    if (options_.mode == strictness::strict) throw std::system_error{errc::malformed_file, to_string(found)};
    if (result_.diagnoses_.size() < options_.limits.diagnoses) result_.diagnoses_.push_back(std::move(found));
  }

  // The list of records that begins at `offset`, and all below it.
  void follow(std::size_t parent, std::uint64_t offset, element_tag link) {
    std::vector<std::size_t> left_to_do;
    for (;;) {
      for (auto from = diagnosis::no_offset; offset != 0;) {
        const auto record = record_at(offset);
        if (!record) {
          deviates(deviation::wrong_directory_offset, from, link, "no record begins at " + std::to_string(offset));
          break;
        }
        if (reached_[*record]) {
          deviates(deviation::directory_record_twice, from, link, "the record at " + std::to_string(offset));
          break;
        }
        reached_[*record] = true;
        children_[parent].push_back(*record);
        left_to_do.push_back(*record);
        from = offset;
        link = tag::OffsetOfTheNextDirectoryRecord;
        offset = number(items_[*record], tag::OffsetOfTheNextDirectoryRecord);
      }
      if (left_to_do.empty()) return;
      parent = left_to_do.back();
      left_to_do.pop_back();
      link = tag::OffsetOfReferencedLowerLevelDirectoryEntity;
      offset = number(items_[parent], tag::OffsetOfReferencedLowerLevelDirectoryEntity);
    }
  }

  // Writers lay records down depth first: what nothing leads to belongs to the record of the next higher level that
  // stands last before it.
  void place_the_lost() {
    std::array<std::size_t, 3> last;
    last.fill(root());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const auto type = type_of(items_[i]);
      const auto level = directory_level(type);
      if (!reached_[i] && in_use(i)) {
        deviates(deviation::unreachable_directory_record, offsets_[i], tag::DirectoryRecordType, std::string{type});
        reached_[i] = true;
        children_[level == 0 ? root() : last[level - 1]].push_back(i);
        follow(i, number(items_[i], tag::OffsetOfReferencedLowerLevelDirectoryEntity),
               tag::OffsetOfReferencedLowerLevelDirectoryEntity);
      }
      if (level < last.size() && in_use(i) && (level != 0 || type == "PATIENT")) {
        last[level] = i;
        for (auto below = level + 1; below < last.size(); ++below) last[below] = i;
      }
    }
  }

  // Level by level, so that the children of a record stand side by side.
  void lay_out() {
    auto& records = result_.records_;
    records.reserve(items_.size());  // they point to each other
    std::vector<std::size_t> items_of;
    const auto append = [&](std::size_t of, const directory_record* parent) {
      const auto first = records.size();
      for (const auto i : children_[of]) {
        if (!in_use(i)) continue;
        auto& added = records.emplace_back();
        added.keys_ = &items_[i];
        added.parent_ = parent;
        added.offset_ = offsets_[i];
        items_of.push_back(i);
        check_file_id(added);
      }
      return std::pair{records.data() + first, records.size() - first};
    };
    result_.root_count_ = append(root(), nullptr).second;
    for (std::size_t i = 0; i < records.size(); ++i)
      std::tie(records[i].first_child_, records[i].child_count_) = append(items_of[i], &records[i]);
  }

  void check_file_id(const directory_record& record) {
    const auto id = record.file_id();
    if (id.size() <= most_file_id_components && std::all_of(id.begin(), id.end(), is_file_id_component)) return;
    deviates(deviation::invalid_file_id, record.offset(), tag::ReferencedFileID,
             "up to 8 components of up to 8 capital letters, digits and _");
  }

  [[nodiscard]] static std::string_view type_of(const data_set& record) noexcept {
    return trimmed(as_text(record.bytes(tag::DirectoryRecordType)));
  }

  const decode_options& options_;
  media_directory result_;
  std::span<const data_set> items_;
  std::vector<std::uint64_t> offsets_;              // of the items, ascending
  std::vector<bool> reached_;
  std::vector<std::vector<std::size_t>> children_;  // of each item, and of the root behind them
};

// `name` in `folder`, as the file system spells it.
[[nodiscard]] inline std::filesystem::path find_in_folder(const std::filesystem::path& folder, std::string_view name) {
  std::error_code error;
  auto exact = folder / name;
  if (std::filesystem::exists(exact, error)) return exact;
  const auto plain = [](std::string_view text) {
    std::string result{text.substr(0, text.find(';'))};
    while (result.ends_with('.')) result.pop_back();
    for (auto& c : result)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
  };
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error))
    if (plain(entry->path().filename().string()) == plain(name)) return entry->path();
  return exact;
}

[[nodiscard]] inline bool lies_in(const std::filesystem::path& folder, const std::filesystem::path& path) {
  std::error_code error;
  const auto base = std::filesystem::canonical(folder, error);
  const auto real = error ? std::filesystem::path{} : std::filesystem::weakly_canonical(path, error);
  return !error && std::mismatch(base.begin(), base.end(), real.begin(), real.end()).first == base.end();
}

}  // namespace detail

CODICOM_FUNCTION std::string_view directory_record::type() const noexcept {
  return detail::trimmed(as_text(keys_->bytes(tag::DirectoryRecordType)));
}

CODICOM_FUNCTION std::vector<std::string> directory_record::file_id() const {
  return keys_->values<std::string>(tag::ReferencedFileID);
}

CODICOM_FUNCTION std::string media_directory::file_set_id() const { return value_.text(tag::FileSetID); }

CODICOM_FUNCTION std::filesystem::path media_directory::path_of(const directory_record& record) const {
  const auto components = record.file_id();
  const auto refuse = [&](errc code, std::string_view why) {
    throw std::system_error{code, std::string{why} + ": the File ID '" + record.keys().text(tag::ReferencedFileID) + "'"};
  };
  if (components.empty()) refuse(errc::invalid_argument, "the record refers to no file");
  auto path = folder_.empty() ? std::filesystem::path{"."} : folder_;
  const auto base = path;
  for (const auto& component : components) {
    if (component.empty() || component == "." || component == ".." ||
        component.find_first_of(std::string_view{"/:\0", 3}) != std::string::npos)
      refuse(errc::malformed_file, "not a path");
    path = detail::find_in_folder(path, component);
    if (!detail::lies_in(base, path)) refuse(errc::malformed_file, "leads out of the folder of the directory");
  }
  return path;
}

CODICOM_FUNCTION media_directory read_media_directory(byte_span bytes, const std::filesystem::path& folder,
                                            const decode_options& options) {
  return detail::directory_reader{bytes, folder, options}.read();
}

CODICOM_FUNCTION media_directory read_media_directory(const std::filesystem::path& path, const decode_options& options) {
  try {
    detail::input_file file{path};
    const auto contents = detail::contents_of(file, options.limits);
    return read_media_directory(contents.bytes, path.parent_path(), options);
  } catch (const std::system_error& e) {
    detail::throw_with_path(e, path);
  }
}

}  // namespace codicom

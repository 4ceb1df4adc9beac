#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/file/detail/contents_of.hpp>
#include <codicom/file/detail/system_file.hpp>
#include <codicom/file/impl/file_meta.hpp>
#include <codicom/file/read_file.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace codicom {

namespace detail {

// Everything before the data set.
struct file_start {
  file_meta meta;
  bool has_meta = false;
  std::size_t data_set_offset = 0;
  std::vector<diagnosis> diagnoses;
};

// Could an element of a data set without meta information start here?
[[nodiscard]] inline bool looks_like_element(byte_span bytes) noexcept {
  if (bytes.size() < 8) return false;
  if (load_le<std::uint32_t>(bytes.data()) == 0) return false;
  const auto little = load_le<std::uint16_t>(bytes.data());
  const auto big = load_be<std::uint16_t>(bytes.data());
  if (vr_from_code(static_cast<char>(bytes[4]), static_cast<char>(bytes[5])) != vr::none)
    return little <= 0x00FF || big <= 0x00FF;
  return little <= 0x0020 && load_le<std::uint32_t>(bytes.data() + 4) < 0x4000;
}

// Nothing when `bytes`, the start of a file, ends too early to tell; `is_all` says that there are no more.
[[nodiscard]] inline std::optional<file_start> read_file_start(byte_span bytes, bool is_all, strictness mode) {
  file_start start;
  const auto deviates = [&](deviation what, std::uint64_t offset, std::string text) {
    if (mode == strictness::strict) throw std::system_error{errc::malformed_file, text};
    start.diagnoses.push_back({what, offset, {}, "PS3.10 §7.1", std::move(text)});
  };
  if (bytes.size() < preamble_size + 4 && !is_all) return std::nullopt;
  const auto is_magic = [&](std::size_t at) {
    return bytes.size() >= at + 4 && as_text(bytes.subspan(at, 4)) == "DICM";
  };
  const auto is_group_2 = [&](byte_span from) {
    return from.size() >= 2 && (load_le<std::uint16_t>(from.data()) == 2 || load_be<std::uint16_t>(from.data()) == 2);
  };
  std::size_t at = 0;
  // "DICM" may also stand there by chance, in the middle of a data set.
  if (is_magic(preamble_size) && (is_group_2(bytes.subspan(preamble_size + 4)) || !looks_like_element(bytes))) {
    at = preamble_size + 4;
  } else {
    if (is_magic(0)) at = 4;
    if (!looks_like_element(bytes.subspan(std::min(at, bytes.size()))))
      throw std::system_error{errc::malformed_file, "neither a preamble with DICM nor a data set"};
    deviates(deviation::no_preamble, 0, "no preamble with DICM");
  }
  const auto rest = bytes.subspan(at);
  if (!is_group_2(rest)) {
    deviates(deviation::no_file_meta, at, "no file meta information");
    start.data_set_offset = at;
    return start;
  }
  decode_options options{mode};
  options.only_group = 0x0002;
  data_set_reader reader{file_meta_format, options};
  reader.feed(rest);
  if (!reader.stopped() && !is_all) return std::nullopt;
  auto group_2 = reader.finish_all();
  start.has_meta = true;
  start.data_set_offset = at + static_cast<std::size_t>(group_2.consumed);
  for (auto& d : group_2.diagnoses) {
    if (d.what == deviation::wrong_group_length) continue;  // told below
    if (d.what == deviation::wrong_transfer_syntax) d.what = deviation::file_meta_wrong_syntax;
    d.offset += at;
    start.diagnoses.push_back(std::move(d));
  }
  if (const auto said = group_2.value.get(tag::FileMetaInformationGroupLength)) {
    const std::uint64_t counted = group_2.consumed - 12;
    if (*said != counted)
      deviates(deviation::file_meta_group_length, at,
               "group length is " + std::to_string(*said) + ", not " + std::to_string(counted));
  } else {
    deviates(deviation::file_meta_group_length, at, "no group length");
  }
  start.meta = to_file_meta(group_2.value);
  if (start.meta.transfer_syntax_uid.empty()) deviates(deviation::missing_transfer_syntax, at, "no transfer syntax");
  return start;
}

[[nodiscard]] inline unique_id syntax_to_read(const file_start& start) {
  return start.meta.transfer_syntax_uid.empty() ? transfer_syntax::ImplicitVRLittleEndian
                                                : start.meta.transfer_syntax_uid;
}

// A syntax that the decoder found by itself, as a UID.
[[nodiscard]] inline unique_id syntax_found(const unique_id& announced, wire_format found) {
  const auto said = wire_format_of(announced);
  if (said.explicit_vr == found.explicit_vr && said.big_endian == found.big_endian) return announced;
  if (said.encapsulated || said.deflated) return announced;  // it still says how they are compressed
  if (!found.explicit_vr) return transfer_syntax::ImplicitVRLittleEndian;
  return found.big_endian ? transfer_syntax::ExplicitVRBigEndian : transfer_syntax::ExplicitVRLittleEndian;
}

[[nodiscard]] inline dicom_file finish_file(file_start start, data_set_reader& reader, const unique_id& announced) {
  dicom_file file;
  const auto format = reader.format();
  auto result = reader.finish_all();
  file.meta = std::move(start.meta);
  file.meta.transfer_syntax_uid = syntax_found(announced, format);
  file.value = std::move(result.value);
  file.data_set_offset = start.data_set_offset;
  file.consumed = start.data_set_offset + result.consumed;
  file.diagnoses = std::move(start.diagnoses);
  const auto before = wire_format_of(announced).deflated ? 0 : start.data_set_offset;
  for (auto& d : result.diagnoses) {
    d.offset += before;
    file.diagnoses.push_back(std::move(d));
  }
  return file;
}

// A file up to the element that the options name, and how it is encoded.
struct file_head {
  dicom_file file;
  wire_format format;
};

[[nodiscard]] inline file_head read_head(input_file& file, const decode_options& options) {
  constexpr std::size_t first_chunk = 8 << 10;  // enough for most headers without icons
  constexpr std::size_t largest_chunk = 64 << 10;
  std::vector<std::byte> buffer(first_chunk);
  std::size_t have = file.read(buffer);
  auto start = read_file_start({buffer.data(), have}, have < buffer.size(), options.mode);
  while (!start) {
    buffer.resize(buffer.size() * 4);
    have += file.read(std::span{buffer}.subspan(have));
    start = read_file_start({buffer.data(), have}, have < buffer.size(), options.mode);
  }
  const auto announced = syntax_to_read(*start);
  data_set_reader reader{announced, options};
  reader.feed(byte_span{buffer}.first(have).subspan(start->data_set_offset));
  // At most twice as much is read as is needed.
  for (std::size_t chunk = first_chunk; !reader.stopped(); chunk = std::min(chunk * 2, largest_chunk)) {
    buffer.resize(std::max(buffer.size(), chunk));
    const auto count = file.read(std::span{buffer}.first(chunk));
    if (count == 0) break;
    reader.feed(byte_span{buffer}.first(count));
  }
  return {finish_file(std::move(*start), reader, announced), reader.format()};
}

// What went wrong, and with which file.
[[noreturn]] inline void throw_with_path(const std::system_error& e, const std::filesystem::path& path) {
  if (e.code() == failure::local_io) throw e;  // says it already
  std::string_view what = e.what();
  const auto said_by_code = ": " + e.code().message();
  if (what.ends_with(said_by_code)) what.remove_suffix(said_by_code.size());
  throw std::system_error{e.code(), "'" + path.string() + "': " + std::string{what}};
}

}  // namespace detail

CODICOM_FUNCTION dicom_file read_file(byte_span bytes, const decode_options& options) {
  auto start = detail::read_file_start(bytes, true, options.mode);
  const auto announced = detail::syntax_to_read(*start);
  data_set_reader reader{announced, options};
  reader.feed(bytes.subspan(start->data_set_offset));
  return detail::finish_file(std::move(*start), reader, announced);
}

CODICOM_FUNCTION dicom_file read_file(const std::filesystem::path& path, const decode_options& options) {
  try {
    detail::input_file file{path};
    if (options.stop_before) return detail::read_head(file, options).file;
    auto contents = detail::contents_of(file, options.limits);
    auto with_owner = options;
    with_owner.owner = std::move(contents.owner);
    return read_file(contents.bytes, with_owner);
  } catch (const std::system_error& e) {
    detail::throw_with_path(e, path);
  }
}

CODICOM_FUNCTION file_header read_file_header(const std::filesystem::path& path) {
  detail::input_file file{path};
  std::vector<std::byte> buffer(2 << 10);
  std::size_t have = 0;
  std::optional<detail::file_start> start;
  do {
    if (have != 0) buffer.resize(buffer.size() * 4);
    have += file.read(std::span{buffer}.subspan(have));
    try {
      start = detail::read_file_start({buffer.data(), have}, have < buffer.size(), strictness::tolerant);
    } catch (const std::system_error& e) {
      detail::throw_with_path(e, path);
    }
  } while (!start);
  if (!start->has_meta || start->meta.transfer_syntax_uid.empty())
    throw std::system_error{errc::malformed_file,
                            "'" + path.string() + "' has no file meta information with a transfer syntax"};
  file_header header;
  header.meta = std::move(start->meta);
  header.data_set_offset = start->data_set_offset;
  header.file_size = file.size();
  return header;
}

CODICOM_FUNCTION file_header read_object_header(const std::filesystem::path& path) {
  auto header = read_file_header(path);
  auto& meta = header.meta;
  if (meta.media_storage_sop_class_uid.empty() || meta.media_storage_sop_instance_uid.empty()) {
    const auto head = read_file(path, decode_options::until(element_tag{0x0008, 0x0019})).value;
    meta.media_storage_sop_class_uid = head.uid(tag::SOPClassUID).value_or(unique_id{});
    meta.media_storage_sop_instance_uid = head.uid(tag::SOPInstanceUID).value_or(unique_id{});
  }
  return header;
}

}  // namespace codicom

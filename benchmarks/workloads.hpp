#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What is encoded and decoded. Made here from plain descriptions, without the help of any toolkit, so that each has to
// give the same bytes.

enum class syntax : std::uint8_t { explicit_le, implicit_le };
enum class item_lengths : std::uint8_t { defined, undefined };
[[nodiscard]] std::string_view name(syntax s) noexcept;

// A study as a C-FIND provider answers with it: 12 attributes as text.
struct find_row {
  std::string study_date, study_time, accession_number, retrieve_ae_title, modalities, patient_name, patient_id,
      birth_date, study_instance_uid, instances;
};

using bytes_view = std::span<const std::byte>;

struct workload {
  std::string name;
  item_lengths lengths = item_lengths::defined;
  std::size_t elements = 0;              // of all data sets together, nested ones included, items apart
  std::vector<std::byte> encoded[2];     // by syntax: all data sets one behind the other
  std::vector<bytes_view> data_sets[2];  // where each lies
  std::vector<find_row> rows;            // of find_responses

  [[nodiscard]] bool few_large_values() const noexcept { return bytes() / elements > 2048; }
  [[nodiscard]] std::size_t bytes(syntax s = syntax::explicit_le) const noexcept {
    return encoded[static_cast<std::size_t>(s)].size();
  }
  [[nodiscard]] const std::vector<bytes_view>& of(syntax s) const noexcept {
    return data_sets[static_cast<std::size_t>(s)];
  }
};

// ct_header, enhanced_header, enhanced_undefined, ct_image, multiframe, find_responses.
[[nodiscard]] workload make_workload(std::string_view name);

#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/data_set/data_set.hpp>

#include <vector>

namespace codicom {

/// What is wrong with the text of a data set and its items: a Specific Character Set that is none
/// (`deviation::unknown_character_set`), and text that has bytes which its set does not define
/// (`deviation::undecodable_text`). Reading such text loses nothing: see `to_utf8`.
[[nodiscard]] inline std::vector<diagnosis> check_text(const data_set& object);

}  // namespace codicom

#include <codicom/data_set/impl/check_text.hpp>

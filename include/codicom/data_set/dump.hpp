#pragma once
#include <codicom/data_set/data_set.hpp>

#include <cstddef>
#include <string>

namespace codicom {

/// How `dump` writes.
class dump_options {
 public:
  dump_options() = default;

  std::size_t max_characters = 64;  ///< of a value; what is longer ends with "..."; 0 is no limit
  std::size_t indentation = 2;      ///< spaces per level of items
  bool colours = false;             ///< for a terminal (ECMA-48)
};

/// A data set as lines of UTF-8 text for a person: tag, VR, value, and after `#` length in bytes and keyword. UIDs have
/// their name behind them, private elements the creator of their block in place of a keyword; items stand indented
/// under their sequence. Control characters and bytes that are no text are made visible, so that the lines are safe
/// to print.
///
///     (0008,0060) CS MR                                                   # 2 Modality
[[nodiscard]] std::string dump(const data_set& object, const dump_options& options = {});
/// One element of `object` alone, with its items.
[[nodiscard]] std::string dump(const data_set& object, const element& one, const dump_options& options = {});

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/dump.hpp>
#endif

#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/detail/repertoires.hpp>
#include <codicom/data_set/detail/text_decoder.hpp>
#include <codicom/data_set/detail/text_encoder.hpp>

#include <algorithm>

namespace codicom {

namespace detail {

struct character_set_term {
  std::string_view key;  // capital letters and digits of the defined term
  repertoire set;
  bool defined;  // or only met in practice
};

// The defined terms of PS3.3 §C.12.1.1.2 without "ISO 2022 " or "ISO_", and what other writers use.
inline constexpr std::array character_set_terms{
    character_set_term{"IR6", repertoire::ascii, true},       character_set_term{"IR100", repertoire::latin1, true},
    character_set_term{"IR101", repertoire::latin2, true},    character_set_term{"IR109", repertoire::latin3, true},
    character_set_term{"IR110", repertoire::latin4, true},    character_set_term{"IR144", repertoire::cyrillic, true},
    character_set_term{"IR127", repertoire::arabic, true},    character_set_term{"IR126", repertoire::greek, true},
    character_set_term{"IR138", repertoire::hebrew, true},    character_set_term{"IR148", repertoire::latin5, true},
    character_set_term{"IR203", repertoire::latin9, true},    character_set_term{"IR166", repertoire::thai, true},
    character_set_term{"IR13", repertoire::jis_x_0201, true}, character_set_term{"IR192", repertoire::utf8, true},
    character_set_term{"IR87", repertoire::jis_x_0208, true}, character_set_term{"IR159", repertoire::jis_x_0212, true},
    character_set_term{"IR149", repertoire::ks_x_1001, true}, character_set_term{"IR58", repertoire::gb_2312, true},
    character_set_term{"GB18030", repertoire::gb18030, true}, character_set_term{"GBK", repertoire::gbk, true},
    character_set_term{"58", repertoire::gb_2312, false},     character_set_term{"UTF8", repertoire::utf8, false},
    character_set_term{"88591", repertoire::latin1, false},   character_set_term{"LATIN1", repertoire::latin1, false},
};

}  // namespace detail

CODICOM_FUNCTION specific_character_set::specific_character_set(std::string_view value) noexcept {
  size_ = 0;
  bool more = true;
  while (more && size_ < max_terms) {
    const auto end = value.find('\\');
    more = end != std::string_view::npos;
    const auto term = value.substr(0, end);
    if (more) value.remove_prefix(end + 1);

    // Capital letters and digits only, so that "iso-ir 100" reads as ISO_IR 100.
    std::array<char, 24> letters{};
    std::size_t count = 0;
    for (const char c : term) {
      const bool small = c >= 'a' && c <= 'z';
      if (count < letters.size() && (small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
        letters[count++] = small ? static_cast<char>(c - 'a' + 'A') : c;
    }
    std::string_view key{letters.data(), count};
    if (key.starts_with("ISO2022")) {
      key.remove_prefix(7);
      code_extensions_ = true;
    } else if (key.starts_with("ISO")) {
      key.remove_prefix(3);
    }
    auto& set = terms_[size_++];
    if (count == 0) {
      set = repertoire::ascii;
      continue;
    }
    const auto& all = detail::character_set_terms;
    const auto found = std::find_if(all.begin(), all.end(), [key](const auto& t) { return t.key == key; });
    set = found == all.end() ? repertoire::unknown : found->set;
    known_ = known_ && found != all.end() && found->defined;
    // Those in a half of the code table, which are there with code extensions only.
    code_extensions_ = code_extensions_ || (detail::is_multi_byte(set) && set < repertoire::gb18030);
  }
  known_ = known_ && !more;
  code_extensions_ = code_extensions_ || size_ > 1;
}

CODICOM_FUNCTION bool has_multi_byte_sets() noexcept {
  return detail::installed<detail::multi_byte_codec>() != nullptr;
}

CODICOM_FUNCTION bool specific_character_set::is_convertible() const noexcept {
  for (std::size_t i = 0; i < size_; ++i)
    if (terms_[i] == repertoire::unknown || (detail::is_multi_byte(terms_[i]) && !has_multi_byte_sets())) return false;
  return true;
}

CODICOM_FUNCTION std::string to_utf8(byte_span value, const specific_character_set& set, vr representation,
                           std::size_t* undecodable) {
  const auto text = as_text(value);
  if (detail::is_invariant(text)) return std::string{text};
  detail::text_decoder decoder{set, representation};
  auto utf8 = decoder.decode(text);
  if (undecodable) *undecodable += decoder.undecodable();
  return utf8;
}

CODICOM_FUNCTION std::optional<std::string> from_utf8(std::string_view utf8, const specific_character_set& set,
                                            vr representation) {
  if (detail::is_invariant(utf8)) return std::string{utf8};
  return detail::text_encoder{set, representation}.encode(utf8);
}

}  // namespace codicom

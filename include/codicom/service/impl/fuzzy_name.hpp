#pragma once
#include <codicom/core/utf8.hpp>
#include <codicom/service/impl/fold_case.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

// Fuzzy semantic matching of person names (PS3.4 §C.2.2.2.1), which the standard leaves to each implementation. Ours
// regards neither case, accents, punctuation nor the order of components: every word of the key must begin a word of
// one component group of the name. `Jorg Muller`, `Müller^Jörg` and `mueller*` find `MÜLLER^JÖRG`.
namespace codicom::service::detail {

// Latin letters of U+00E0 to U+017F without their accents, lower case; '.' stands for what has no such letter.
inline constexpr std::string_view bare_letters =
    "aaaaaaaceeeeiiiidnooooo.ouuuuypy"
    "aaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssss"
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

// The words of a component group, folded and bare. A diaeresis may be written as an e, so both spellings are kept apart
// by `umlaut`: "u" or "ue".
[[nodiscard]] inline std::vector<std::string> words_of(std::string_view group, bool umlaut_as_e) {
  std::vector<std::string> words;
  bool inside = false;
  while (!group.empty()) {
    const auto next = next_utf8(group);
    const auto size = next.size == 0 ? 1 : next.size;
    const auto code = next.size == 0 ? char32_t{'?'} : folded(next.code);
    group.remove_prefix(size);
    if (code == '\'' || code == '.' || code == '-') continue;  // O'Brien, Jr., Anne-Marie
    if (code == ' ' || code == '^' || code == ',' || code == '*' || code == '?') {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    auto& word = words.back();
    if (code == 0xDF) word += "ss";
    else if (code == 0xE6) word += "ae";
    else if (code == 0x153) word += "oe";
    else if (code >= 0xE0 && code - 0xE0 < bare_letters.size() && bare_letters[code - 0xE0] != '.') {
      word += bare_letters[code - 0xE0];
      if (umlaut_as_e && (code == 0xE4 || code == 0xF6 || code == 0xFC)) word += 'e';
    } else append_utf8(word, code);
  }
  return words;
}

[[nodiscard]] inline bool words_begin(const std::vector<std::string>& wanted, const std::vector<std::string>& have) {
  std::vector<bool> used(have.size());
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    for (std::size_t i = 0; i < have.size(); ++i)
      if (!used[i] && have[i].starts_with(word)) {
        used[i] = true;
        return true;
      }
    return false;
  });
}

[[nodiscard]] inline bool matches_fuzzy_name(std::string_view key, std::string_view name) {
  const auto groups = [](std::string_view text, auto f) {
    for (std::size_t start = 0; start <= text.size();) {
      const auto end = std::min(text.find('=', start), text.size());
      if (f(text.substr(start, end - start))) return true;
      start = end + 1;
    }
    return false;
  };
  return groups(key, [&](std::string_view wanted) {
    const auto plain = words_of(wanted, false), with_e = words_of(wanted, true);
    if (plain.empty()) return false;
    return groups(name, [&](std::string_view group) {
      const auto have = words_of(group, false), have_e = words_of(group, true);
      return words_begin(plain, have) || words_begin(plain, have_e) || words_begin(with_e, have_e);
    });
  });
}

}  // namespace codicom::service::detail

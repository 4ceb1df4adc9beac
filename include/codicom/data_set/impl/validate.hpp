#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/date_time.hpp>
#include <codicom/data_set/detail/trimmed.hpp>
#include <codicom/data_set/number_string.hpp>
#include <codicom/data_set/validate.hpp>
#include <codicom/dictionary/detail/stated_vr.hpp>
#include <codicom/dictionary/dictionary.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace codicom {

namespace detail {

// Characters of one value; 0: no limit. Dates and times are no query keys here (PS3.5 Table 6.2-1).
[[nodiscard]] constexpr std::size_t most_characters(vr v) noexcept {
  switch (v) {
    case vr::da:
    case vr::tm:
    case vr::pn: return 0;  // by their form
    case vr::dt: return 26;
    default: return facts(v).max_characters;
  }
}

[[nodiscard]] constexpr bool is_allowed_in(vr v, char32_t c) noexcept {
  const bool digit = c >= '0' && c <= '9';
  switch (v) {
    case vr::cs: return (c >= 'A' && c <= 'Z') || digit || c == ' ' || c == '_';
    case vr::as: return digit || c == 'D' || c == 'W' || c == 'M' || c == 'Y';
    case vr::da: return digit || c == '.' || c == ' ';
    case vr::tm: return digit || c == '.' || c == ':' || c == ' ';
    case vr::dt: return digit || c == '+' || c == '-' || c == '.' || c == ' ';
    case vr::is: return digit || c == '+' || c == '-' || c == ' ';
    case vr::ds: return digit || c == '+' || c == '-' || c == '.' || c == 'E' || c == 'e' || c == ' ';
    case vr::ui: return digit || c == '.';
    case vr::ur:  // RFC 3986 §2
      return digit || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             (c < 0x80 && c != 0 &&
              std::string_view{"-._~:/?#[]@!$&'()*+,;=%"}.find(static_cast<char>(c)) != std::string_view::npos);
    case vr::ae: return c >= ' ' && c < 0x7F && c != '\\';
    case vr::lt:
    case vr::st:
    case vr::ut:
      if (c == '\t' || c == '\n' || c == '\f' || c == '\r') return true;  // PS3.5 §6.1.3
      [[fallthrough]];
    default: return c >= ' ' && (c < 0x7F || c >= 0xA0);
  }
}

// How much is undecodable, and what to do when that is for want of tables.
[[nodiscard]] inline std::string undecodable_detail(std::size_t bytes, const specific_character_set& set) {
  auto detail = std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  if (set.is_known() && !set.is_convertible())
    detail += "; #include <codicom/data_set/iconv.hpp> in one source file of the program";
  return detail;
}

class validator {
 public:
  explicit validator(std::size_t most) noexcept : most_{most} {}

  void check(const data_set& root) {
    struct place {
      const data_set* object;
      specific_character_set set;
      std::size_t element = 0;
      std::size_t item = 0;
    };
    std::vector<place> open;
    open.push_back({&root, specific_character_set{root.specific_character_set()}});
    while (!open.empty() && found_.size() < most_) {
      auto& here = open.back();
      if (here.element == here.object->size()) {
        open.pop_back();
        continue;
      }
      const auto& e = here.object->begin()[here.element];
      if (here.item == 0) {
        path_.push_back(e.tag());
        check(here.set, e);
      }
      if (here.item < e.items().size()) {
        const auto& item = e.items()[here.item++];
        open.push_back({&item, specific_character_set{item.specific_character_set()}});
      } else {
        path_.pop_back();
        ++here.element;
        here.item = 0;
      }
    }
  }
  [[nodiscard]] std::vector<diagnosis> take() && { return std::move(found_); }

 private:
  void add(deviation what, std::string_view section, std::string detail) {
    if (found_.size() < most_) found_.push_back({what, diagnosis::no_offset, path_, section, std::move(detail)});
  }

  // About one value of several: which one.
  void add(deviation what, std::string_view section, std::size_t value, std::string detail) {
    if (values_ > 1) detail = "value " + std::to_string(value + 1) + (detail.empty() ? "" : ", ") + detail;
    add(what, section, std::move(detail));
  }

  void check(const specific_character_set& set, const element& e) {
    const auto v = e.value_representation();
    const auto entry = find_attribute(e.tag());
    const bool may_stand = !entry || may_stand_as(e.tag(), entry->value_representation, v);
    if (!may_stand) add(deviation::wrong_vr, wrong_vr_section, wrong_vr_detail(v, entry->value_representation));
    if (e.empty() || e.is_sequence() || e.is_encapsulated() || v == vr::un) return;
    if (is_text(v)) check_text(set, e);
    else check_binary(e);
    if (entry && is_multi_valued(v) && may_stand && !entry->allows(static_cast<std::uint32_t>(values_)))
      add(deviation::wrong_multiplicity, "PS3.6 §6", std::to_string(values_) + (values_ == 1 ? " value" : " values"));
  }

  void check_binary(const element& e) {
    const auto v = e.value_representation();
    const std::size_t unit = v == vr::at ? 4 : unit_size(v);
    values_ = e.length() / unit;
    if (e.length() % unit != 0)
      add(deviation::invalid_length, "PS3.5 §6.2",
          std::to_string(e.length()) + " bytes, no multiple of " + std::to_string(unit));
  }

  void check_text(const specific_character_set& set, const element& e) {
    const auto v = e.value_representation();
    std::string utf8;
    if (has_character_set(v)) {
      std::size_t undecodable = 0;
      utf8 = to_utf8(e.bytes(), set, v, &undecodable);
      if (undecodable != 0) add(deviation::undecodable_text, "PS3.5 §6.1", undecodable_detail(undecodable, set));
      else if (!from_utf8(utf8, set, v))
        add(deviation::undecodable_text, "PS3.5 §6.1.2.5",
            "an escape sequence to a set that (0008,0005) does not name");
    } else {
      utf8 = as_text(e.bytes());
      if (e.tag() == specific_character_set_tag) check_character_set(set, utf8);
    }
    std::string_view rest = utf8;
    if (rest.ends_with(padding(v))) rest.remove_suffix(1);  // which makes the length even
    if (v != vr::ui && rest.ends_with('\0')) {
      add(deviation::invalid_character, "PS3.5 §6.2", "padded with NUL");
      rest = trimmed(rest);
    }
    values_ = 1;
    if (is_multi_valued(v)) values_ += static_cast<std::size_t>(std::ranges::count(rest, '\\'));
    std::size_t number = 0;
    each_part(rest, is_multi_valued(v), [&](std::string_view value) {
      check_value(v, value, number++);
      return found_.size() < most_;
    });
  }

  // Which terms may stand alone, and which first (PS3.3 §C.12.1.1.2).
  void check_character_set(const specific_character_set& set, std::string_view value) {
    constexpr std::string_view section = "PS3.3 §C.12.1.1.2";
    if (!set.is_known()) {
      add(deviation::unknown_character_set, section, '\'' + std::string{trimmed(value)} + '\'');
      return;
    }
    std::size_t number = 0;
    each_part(value, true, [&](std::string_view term) {
      const bool extends = trimmed(term).starts_with("ISO 2022");
      const bool has_half = is_multi_byte(set[number]) && set[number] < repertoire::gb18030;
      if (!extends && has_half)
        add(deviation::unknown_character_set, section, '\'' + std::string{trimmed(term)} + '\'');
      else if (set.size() == 1 && extends)
        add(deviation::invalid_value, section, "a term of code extensions stands alone");
      else if (set.size() > 1 && !extends && (number != 0 || !trimmed(term).empty()))
        add(deviation::invalid_value, section, "term " + std::to_string(number + 1) + " is none of code extensions");
      else if (number == 0 && is_multi_byte(set.initial()) && extends)
        add(deviation::invalid_value, section, "a multi-byte set stands first");
      ++number;
      return true;
    });
  }

  void check_value(vr v, std::string_view value, std::size_t number) {
    constexpr std::string_view section = "PS3.5 §6.2";
    if (v == vr::ur) value = without_end(value, " ");
    if (value.empty()) return;
    std::size_t characters = 0;
    char32_t wrong = 0;
    bool any_wrong = false;
    for (auto rest = value; !rest.empty(); ++characters) {
      auto next = next_utf8(rest);
      if (next.size == 0) next = {static_cast<unsigned char>(rest.front()), 1};
      if (!any_wrong && !is_raw_byte(next.code) && !is_allowed_in(v, next.code)) {
        any_wrong = true;
        wrong = next.code;
      }
      rest.remove_prefix(next.size);
    }
    if (any_wrong) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      std::string name = "U+";
      for (int shift = wrong > 0xFFFF ? 20 : 12; shift >= 0; shift -= 4) name += digits[wrong >> shift & 0xF];
      add(deviation::invalid_character, section, number, std::move(name));
    }
    if (const auto most = most_characters(v); most != 0 && characters > most)
      add(deviation::value_too_long, section, number,
          std::to_string(characters) + " characters, at most " + std::to_string(most));
    else if (!any_wrong) check_form(v, value, number);
  }

  void check_form(vr v, std::string_view value, std::size_t number) {
    constexpr std::string_view section = "PS3.5 §6.2";
    const auto text = trimmed(value);
    if (text.empty() && v != vr::ae && v != vr::as) return;  // spaces alone are no value
    const auto invalid = [&](std::string_view what) {
      add(deviation::invalid_value, section, number, std::string{what});
    };
    switch (v) {
      case vr::ae:
        if (text.empty()) invalid("nothing but spaces");
        break;
      case vr::as:
        if (value.size() != 4 || value.find_first_not_of("0123456789") != 3) invalid("no age: nnnD, nnnW, nnnM, nnnY");
        break;
      case vr::da:
        if (!date::parse(text)) invalid("no date: YYYYMMDD");
        else if (text.size() != 8) add(deviation::outdated_format, section, number, "YYYY.MM.DD");
        break;
      case vr::tm:
        if (!time_of_day::parse(text)) invalid("no time: HHMMSS.FFFFFF");
        else if (text.find(':') != std::string_view::npos) add(deviation::outdated_format, section, number, "HH:MM:SS");
        break;
      case vr::dt:
        if (!date_time::parse(text)) invalid("no date and time: YYYYMMDDHHMMSS.FFFFFF&ZZXX");
        else if (text.ends_with("-0000")) invalid("UTC is +0000");
        break;
      case vr::is: {
        const auto whole = parse_integer_string(text);
        if (!whole) invalid("no integer");
        else if (!std::in_range<std::int32_t>(*whole)) invalid("beyond 32 bits");
        break;
      }
      case vr::ds:
        if (!parse_decimal_string(text)) invalid("no number");
        break;
      case vr::ui:
        if (!unique_id{value}.is_valid()) invalid("no UID");
        break;
      case vr::pn: check_person_name(value, number); break;
      default: break;
    }
  }

  void check_person_name(std::string_view value, std::size_t number) {
    constexpr std::string_view section = "PS3.5 §6.2.1";
    constexpr std::size_t most_in_group = 64;
    std::size_t groups = 0;
    while (true) {
      const auto end = value.find('=');
      const auto group = value.substr(0, end);
      ++groups;
      if (const auto length = utf8_length(group); length > most_in_group)
        add(deviation::value_too_long, section, number,
            "component group " + std::to_string(groups) + ": " + std::to_string(length) + " characters, at most " +
                std::to_string(most_in_group));
      if (const auto carets = std::count(group.begin(), group.end(), '^'); carets > 4)
        add(deviation::invalid_value, section, number, std::to_string(carets + 1) + " components, at most 5");
      if (end == std::string_view::npos) break;
      value.remove_prefix(end + 1);
    }
    if (groups > 3)
      add(deviation::invalid_value, section, number, std::to_string(groups) + " component groups, at most 3");
  }

  std::size_t most_;
  std::size_t values_ = 0;  // of the element at hand
  std::vector<element_tag> path_;
  std::vector<diagnosis> found_;
};

}  // namespace detail

CODICOM_FUNCTION std::vector<diagnosis> validate(const data_set& object, std::size_t most) {
  detail::validator checker{most};
  checker.check(object);
  return std::move(checker).take();
}

}  // namespace codicom

#pragma once
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/check_text.hpp>
#include <codicom/dictionary/tags.hpp>

#include <string>

namespace codicom {

namespace detail {

class text_checker {
 public:
  void check(const data_set& object) {
    const specific_character_set set{object.specific_character_set()};
    for (const auto& e : object) {
      path_.push_back(e.tag());
      if (e.tag() == tag::SpecificCharacterSet && !set.is_known())
        add(deviation::unknown_character_set, "PS3.3 §C.12.1.1.2", "'" + object.text(e) + "'");
      // Of a set that cannot be converted nothing can be said.
      if (has_character_set(e.value_representation()) && (set.is_convertible() || !set.is_known())) {
        std::size_t undecodable = 0;
        static_cast<void>(to_utf8(e.bytes(), set, e.value_representation(), &undecodable));
        if (undecodable != 0)
          add(deviation::undecodable_text, "PS3.5 §6.1",
              std::to_string(undecodable) + (undecodable == 1 ? " byte" : " bytes"));
      }
      for (const auto& item : e.items()) check(item);
      path_.pop_back();
    }
  }
  [[nodiscard]] std::vector<diagnosis> take() && { return std::move(found_); }

 private:
  void add(deviation what, std::string_view section, std::string detail) {
    found_.push_back({what, diagnosis::no_offset, path_, section, std::move(detail)});
  }

  std::vector<element_tag> path_;
  std::vector<diagnosis> found_;
};

}  // namespace detail

inline std::vector<diagnosis> check_text(const data_set& object) {
  detail::text_checker checker;
  checker.check(object);
  return std::move(checker).take();
}

}  // namespace codicom

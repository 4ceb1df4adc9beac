#include <codicom/data_set/person_name.hpp>

#include <doctest/doctest.h>
#include <string_view>

using namespace codicom;

TEST_CASE("a person name has five components in up to three groups") {
  const person_name name{"Adams^John Robert Quincy^^Rev.^B.A. M.Div."};  // PS3.5 §6.2.1.1
  CHECK(name.alphabetic.family_name == "Adams");
  CHECK(name.alphabetic.given_name == "John Robert Quincy");
  CHECK(name.alphabetic.middle_name.empty());
  CHECK(name.alphabetic.name_prefix == "Rev.");
  CHECK(name.alphabetic.name_suffix == "B.A. M.Div.");
  CHECK(name.ideographic.empty());
  CHECK(name.display() == "Rev. John Robert Quincy Adams, B.A. M.Div.");
  CHECK(name.str() == "Adams^John Robert Quincy^^Rev.^B.A. M.Div.");

  const person_name wang{"Wang^XiaoDong=王^小東"};  // PS3.5 §J.1
  CHECK(wang.alphabetic.family_name == "Wang");
  CHECK(wang.ideographic.family_name == "王");
  CHECK(wang.ideographic.given_name == "小東");
  CHECK(wang.phonetic.empty());
  CHECK(to_string(wang) == "Wang^XiaoDong=王^小東");
}

TEST_CASE("trailing delimiters and padding mean nothing") {
  CHECK(person_name{"Doe^Jane^^^"} == person_name{"Doe^Jane"});
  CHECK(person_name{"Doe^Jane=="} == person_name{"Doe^Jane"});
  CHECK(person_name{"Doe^Jane "} == person_name{"Doe ^ Jane"});
  CHECK(person_name{"Doe^Jane^^^=="}.str() == "Doe^Jane");
  CHECK_FALSE(person_name{"Doe^Jane"} == person_name{"Doe^^Jane"});
  CHECK_FALSE(person_name{"=Doe"} == person_name{"Doe"});
}

TEST_CASE("a name without an alphabetic group shows the next one") {
  CHECK(person_name{"=王^小東"}.display() == "小東 王");
  CHECK(person_name{"==ヤマダ^タロウ"}.display() == "タロウ ヤマダ");
  CHECK(person_name{"=王^小東"}.str() == "=王^小東");
}

TEST_CASE("an empty name is empty") {
  CHECK(person_name{}.empty());
  CHECK(person_name{""}.empty());
  CHECK(person_name{"^^^^=="}.empty());
  CHECK(person_name{"^"}.str().empty());
  CHECK(person_name{""}.display().empty());
  CHECK(person_name{"^^^^Jr."}.display() == "Jr.");
}

TEST_CASE("more components and groups than there should be are kept") {
  CHECK(person_name{"a^b^c^d^e^f"}.str() == "a^b^c^d^e^f");
  CHECK(person_name{"a=b=c=d"}.str() == "a=b=c=d");
  CHECK(person_name{"a=b=c=d=^"} == person_name{"a=b=c=d"});
  CHECK(person_name{"a^b^c^d^e^f^^ "} == person_name{"a^b^c^d^e^f"});
}

TEST_CASE("NULs in a name are kept, so that it reads back as written") {
  using namespace std::string_view_literals;
  const person_name name{"^^^^^\1\0\0^\0\0"sv};
  CHECK(person_name{name.str()} == name);
}

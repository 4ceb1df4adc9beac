// Reads the sources as text: the layers stand as tests/layers.txt has them, and what a compiler does not tell.
#include <support/folders.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

const fs::path root = codicom::test_support::source_folder();
const fs::path headers = root / "include" / "codicom";

std::map<std::string, std::set<std::string>> read_layers() {
  std::map<std::string, std::set<std::string>> layers;
  std::ifstream in{root / "tests" / "layers.txt"};
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    auto& allowed = layers[line.substr(0, colon)];
    std::istringstream rest{line.substr(colon + 1)};
    for (std::string name; rest >> name;) allowed.insert(name);
  }
  return layers;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What a line includes: the name between the brackets, or nothing.
std::string included(const std::string& line) {
  static const std::regex include{R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re"};
  std::smatch found;
  if (line.find("include") == std::string::npos || !std::regex_search(line, found, include)) return {};
  return found[1];
}

// The folder that a header belongs to; "asio" for Asio's; nothing for the standard library's and others.
std::string layer_of(const std::string& header) {
  if (header == "asio.hpp" || header.starts_with("asio/")) return "asio";
  if (!header.starts_with("codicom/")) return {};
  auto name = header.substr(8);
  const auto slash = name.find('/');
  return slash == std::string::npos ? fs::path{name}.stem().string() : name.substr(0, slash);
}

std::vector<fs::path> sources(std::initializer_list<const char*> folders, std::initializer_list<const char*> extensions) {
  std::vector<fs::path> files;
  for (const char* folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator{root / folder})
      for (const char* extension : extensions)
        if (entry.is_regular_file() && entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

std::string place(const fs::path& file, std::size_t line) {
  return fs::relative(file, root).string() + ':' + std::to_string(line + 1);
}

// `if (co_await ...)` and the like: g++ 12 miscompiles a condition that awaits unless something is declared in it.
// Gives the offsets of such conditions.
std::vector<std::size_t> awaiting_conditions(const std::string& text) {
  static const std::regex declaration{"[^=!<>]=[^=]|;"};
  std::vector<std::size_t> found;
  for (const std::string word : {"if (", "while (", "switch ("})
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      if (at != 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0 || text[at - 1] == '_')) continue;
      const auto start = at + word.size();
      auto end = start;
      for (int depth = 1; end < text.size() && depth != 0; ++end) depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
      const auto condition = text.substr(start, end - start);
      if (condition.find("co_await") != std::string::npos && !std::regex_search(condition, declaration)) found.push_back(at);
    }
  return found;
}

// Behind the bracket that closes the one before `at`.
std::size_t behind_closing(const std::string& text, std::size_t at) {
  for (int depth = 1; at < text.size() && depth != 0; ++at)
    depth += std::string_view{"({["}.find(text[at]) != std::string_view::npos   ? 1
             : std::string_view{")}]"}.find(text[at]) != std::string_view::npos ? -1
                                                                                : 0;
  return at;
}

// `chosen ? co_await a() : co_await b()`: g++ 12 destroys a temporary of the branch that is taken twice. Gives the offsets
// of such conditionals.
std::vector<std::size_t> awaiting_choices(const std::string& text) {
  std::vector<std::size_t> found;
  for (auto at = text.find(" ? "); at != std::string::npos; at = text.find(" ? ", at + 1)) {
    auto end = at + 3;
    while (end < text.size() && std::string_view{";,)}]"}.find(text[end]) == std::string_view::npos)
      end = std::string_view{"({["}.find(text[end]) == std::string_view::npos ? end + 1 : behind_closing(text, end + 1);
    if (text.substr(at, end - at).find("co_await ") != std::string::npos) found.push_back(at);
  }
  return found;
}

std::string without_comments(const fs::path& file) {
  std::string text;
  for (const auto& line : lines_of(file)) text += line.substr(0, line.find("//")) + '\n';
  return text;
}

// The structs of a text that have no constructor of their own, nor anything private.
void collect_aggregates(const std::string& text, std::set<std::string>& names) {
  static const std::regex begin{R"(\bstruct\s+(?:\w+::)*(\w+)[^;{}()]*\{)"};
  for (std::sregex_iterator found{text.begin(), text.end(), begin}, end; found != end; ++found) {
    const auto at = static_cast<std::size_t>(found->position() + found->length());
    const auto body = text.substr(at, behind_closing(text, at) - at);
    const std::string name = (*found)[1];
    if (!std::regex_search(body, std::regex{"(^|[^~\\w])" + name + "\\("}) && body.find("private:") == std::string::npos)
      names.insert(name);
  }
}

// `co_await f(options{a, b})`, `co_await f({a, b})`: g++ 12 destroys an aggregate twice that is made in what is awaited.
// Gives the offsets of the braces. An empty one owns nothing.
std::vector<std::size_t> awaited_aggregates(const std::string& text, const std::set<std::string>& aggregates) {
  static const std::string word = "co_await ";
  std::vector<std::size_t> found;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    auto end = at + word.size();
    while (end < text.size() && std::string_view{";,)}]"}.find(text[end]) == std::string_view::npos)
      end = std::string_view{"({["}.find(text[end]) == std::string_view::npos ? end + 1 : behind_closing(text, end + 1);
    for (auto brace = text.find('{', at); brace < end; brace = text.find('{', brace + 1)) {
      if (text.find_first_not_of(" \n", brace + 1) == text.find('}', brace)) continue;
      const auto before = text.find_last_not_of(" \n", brace - 1);
      auto name = before + 1;
      while (std::isalnum(static_cast<unsigned char>(text[name - 1])) != 0 || text[name - 1] == '_') --name;
      if (text[before] == '(' || text[before] == ',' || aggregates.contains(text.substr(name, before + 1 - name)))
        found.push_back(brace);
    }
  }
  return found;
}

std::size_t line_at(const std::string& text, std::size_t offset) {
  return static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

bool names_a_machine(const std::string& line) {
  static const std::regex path{R"((^|[^A-Za-z0-9_.}])/(work|farm|home|root|tmp|Users)/)"};
  return line.find('/') != std::string::npos && std::regex_search(line, path);
}

// `find` gives the offsets of what may not be in the text of a source.
template <class Find>
void check_none(const fs::path& file, const Find& find, const std::string& advice) {
  const auto text = without_comments(file);
  for (const auto at : find(text)) CHECK_MESSAGE(false, place(file, line_at(text, at)) << ": " << advice);
}

}  // namespace

TEST_CASE("a folder includes only what tests/layers.txt allows it") {
  const auto layers = read_layers();
  REQUIRE(layers.size() >= 11);
  std::size_t read = 0;
  for (const auto& file : sources({"include"}, {".hpp"})) {
    const auto relative = fs::relative(file, root / "include").string();
    const auto own = layer_of(relative);
    if (own == "codicom" || own == "src") continue;
    const bool is_umbrella = file.parent_path() == headers && layers.contains(file.filename().string());
    const auto layer = layers.find(is_umbrella ? file.filename().string() : own);
    CHECK_MESSAGE(layer != layers.end(), relative << ": the folder " << own << " is not in tests/layers.txt");
    if (layer == layers.end()) continue;
    const auto lines = lines_of(file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto header = included(lines[i]);
      if (header.empty()) continue;
      ++read;
      const auto other = layer_of(header);
      CHECK_MESSAGE(header.find("..") == std::string::npos, place(file, i) << " includes by a relative path: " << header);
      CHECK_MESSAGE((other.empty() || other == own || layer->second.contains(other)),
                    place(file, i) << ": " << own << " may not include " << header);
    }
  }
  CHECK(read > 50);
}

TEST_CASE("every header of ours that is included is there, and every header guards itself") {
  for (const auto& file : sources({"include", "tests", "examples", "benchmarks"}, {".hpp", ".cpp"})) {
    const auto lines = lines_of(file);
    bool once = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      once = once || lines[i].starts_with("#pragma once");
      const auto header = included(lines[i]);
      if (header.starts_with("codicom/"))
        CHECK_MESSAGE(fs::exists(root / "include" / header), place(file, i) << ": there is no " << header);
    }
    if (file.extension() == ".hpp" && file.string().starts_with((root / "include").string())) CHECK_MESSAGE(once, file.string() << " lacks #pragma once");
  }
}

TEST_CASE("no condition awaits: if (co_await ...), while (co_await ...), switch (co_await ...)") {
  CHECK(awaiting_conditions("  if (co_await ready()) return;").size() == 1);
  CHECK(awaiting_conditions("  while (!co_await ready(a == b))").size() == 1);
  CHECK(awaiting_conditions("  if (count == co_await next())").size() == 1);
  CHECK(awaiting_conditions("  switch (\n      co_await kind()) {").size() == 1);
  CHECK(awaiting_conditions("  while (auto event = co_await retrieval.next()) {").empty());
  CHECK(awaiting_conditions("  if (const auto r = co_await f(); r)").empty());
  CHECK(awaiting_conditions("  if (ready) co_await f();").empty());
  for (const auto& file : sources({"include", "tests", "examples", "benchmarks"}, {".hpp", ".cpp"}))
    if (file.filename() != "layers.cpp") check_none(file, awaiting_conditions, "name the awaited value first");
}

TEST_CASE("nothing is awaited by choice: chosen ? co_await a() : co_await b()") {
  CHECK(awaiting_choices("auto r = ok ? co_await a(x, {1}) : co_await b();").size() == 1);
  CHECK(awaiting_choices("auto r = ok\n      ? a()\n : co_await b();").size() == 1);
  CHECK(awaiting_choices("f(ok ? a : g(co_await b()));").size() == 1);
  CHECK(awaiting_choices("co_await f(ok ? a : b); co_await c();").empty());
  CHECK(awaiting_choices("x = ok ? 1 : 2;\nco_await c();").empty());
  CHECK(awaiting_choices("run([&]() -> task<> { const auto n = ok ? 1 : 2; co_await c(n); });").empty());
  for (const auto& file : sources({"include", "tests", "examples", "benchmarks"}, {".hpp", ".cpp"}))
    if (file.filename() != "layers.cpp") check_none(file, awaiting_choices, "await it in branches of an if");
}

TEST_CASE("no aggregate is made inside of what is awaited: co_await f(options{a, b}), co_await f({a, b})") {
  std::set<std::string> aggregates;
  collect_aggregates("struct plain { int a; std::string b; };  struct made { made(int, int); };\n"
                     "struct outer::inner : base {\n  int a;\n};  struct hidden { private: int a; };  struct later;",
                     aggregates);
  CHECK(aggregates == std::set<std::string>{"inner", "plain"});
  const auto count = [&](const std::string& text) { return awaited_aggregates(text, aggregates).size(); };
  CHECK(count("co_await f(plain{1, text});") == 1);
  CHECK(count("auto r = co_await f(\n    a, {1, text});") == 1);
  CHECK(count("co_await g(h(x::plain{1, text}), inner{2});") == 2);
  CHECK(count("co_await f(made{1, 2}, plain{}, {}, number{3});") == 0);
  CHECK(count("const plain p{1, text}; co_await f(p); use(plain{1, text});") == 0);
  CHECK(count("co_await f([&](int a) { return a; });") == 0);
  aggregates.clear();
  const auto files = sources({"include", "examples"}, {".hpp", ".cpp"});
  for (const auto& file : files) collect_aggregates(without_comments(file), aggregates);
  CHECK(aggregates.size() > 50);
  const auto awaited = [&](const std::string& text) { return awaited_aggregates(text, aggregates); };
  for (const auto& file : files) check_none(file, awaited, "name it first");
}

TEST_CASE("no file names a path of one machine") {
  CHECK(names_a_machine(std::string{"see /ho"} + "me/somebody/file"));
  CHECK_FALSE(names_a_machine("#include <codicom/tmp/x.hpp>"));
  for (const auto& file : sources({"include", "tests", "examples", "benchmarks", "scripts", "cmake", "docs", ".ci"},
                                  {".hpp", ".cpp", ".txt", ".sh", ".py", ".cmake", ".in", ".md", ".build", ""})) {
    if (file.filename() == "layers.cpp") continue;
    const auto lines = lines_of(file);
    for (std::size_t i = 0; i < lines.size(); ++i)
      CHECK_MESSAGE(!names_a_machine(lines[i]), place(file, i) << ": " << lines[i]);
  }
}

// codicom-dump: what is in a DICOM file, where it departs from the standard, and what the image looks like.
//
//     codicom-dump image.dcm
//     codicom-dump --preview image.dcm
#include <codicom/data_set/dump.hpp>
#include <codicom/data_set/validate.hpp>

#include "../common/json_lines.hpp"
#include "arguments.hpp"
#include "picture.hpp"
#include "png.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <exception>
#include <span>
#include <system_error>

namespace {

using namespace codicom;
using tools::dump_arguments;
using tools::exit_code;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// File meta information as elements; what a file without any would have is not its own.
data_set group_2(const dicom_file& file) {
  for (const auto& found : file.diagnoses)
    if (found.what == deviation::no_file_meta) return {};
  auto elements = decode(byte_span{encode_file_header(file.meta)}.subspan(132), transfer_syntax::ExplicitVRLittleEndian);
  elements.value.erase(tag::FileMetaInformationGroupLength);
  elements.value.erase(tag::FileMetaInformationVersion);
  return std::move(elements.value);
}

struct found_element {
  const data_set* in = nullptr;
  const element* value = nullptr;
};

found_element find(const data_set& root, const element_path& path) {
  found_element at{&root, nullptr};
  for (const auto& step : path.steps()) {
    if (at.value != nullptr) return {};
    const auto* e = at.in->find(step.tag);
    if (e == nullptr) return {};
    if (&step == &path.steps().back()) return {at.in, e};
    if (step.index >= e->items().size()) return {};
    at.in = &e->items()[step.index];
  }
  return {};
}

// Only the element that a path leads to, and the items on the way.
void select(const data_set& from, std::span<const element_path::step> path, data_set& to) {
  const auto* e = from.find(path[0].tag);
  if (e == nullptr) return;
  if (path.size() == 1) {
    to.set(*e);
    return;
  }
  if (path[0].index >= e->items().size()) return;
  while (to.items(path[0].tag).size() <= path[0].index) to.add_item(path[0].tag);
  select(e->items()[path[0].index], path.subspan(1), to.items(path[0].tag)[path[0].index]);
}

// file:///folder/image.dcm#7FE00010
std::string uri_of(const std::filesystem::path& file, std::string_view element) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string uri = "file://";
  for (const char c : std::filesystem::absolute(file).string())
    if (plain.find(c) != std::string_view::npos) uri += c;
    else uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return uri.append("#").append(element);
}

void show_json(const dicom_file& file, const std::filesystem::path& path, const dump_arguments& arguments) {
  json_encode_options options;
  if (arguments.max_length.value_or(0) != 0)
    options.bulk_data_uri = [&](std::string_view where, const element& value) {
      std::size_t size = value.length();
      for (const auto& fragment : value.fragments()) size += fragment.size();
      return size > *arguments.max_length ? uri_of(path, where) : std::string{};
    };
  if (arguments.tags.empty()) {
    print(encode_json(file.value, options) + '\n');
    return;
  }
  data_set chosen;
  if (const auto* sets = file.value.find(tag::SpecificCharacterSet)) chosen.set(*sets);
  for (const auto& wanted : arguments.tags) select(file.value, wanted.path.steps(), chosen);
  print(encode_json(chosen, options) + '\n');
}

void show_text(const dicom_file& file, const std::string& name, const dump_arguments& arguments) {
  dump_options options;
  if (arguments.max_length) options.max_characters = *arguments.max_length;
  options.colours = tools::is_terminal() && tools::wants_colours();
  const auto meta = group_2(file);
  if (arguments.tags.empty()) {
    print(dump(meta, options) + dump(file.value, options));
    for (const auto& found : file.diagnoses) fmt::print(stderr, "{}: {}\n", name, to_string(found));
    return;
  }
  for (const auto& [text, path] : arguments.tags) {
    const auto found = find(path.steps().front().tag.group() == 2 ? meta : file.value, path);
    if (found.value != nullptr) print(dump(*found.in, *found.value, options));
    else fmt::print(stderr, "{}: has no {}\n", name, text);
  }
}

// False when something was found.
bool check(const dicom_file& file, const std::string& name, const dump_arguments& arguments) {
  auto all = file.diagnoses;
  for (const auto& more : {validate(file.value), frames{file.value, file.meta.transfer_syntax_uid}.diagnoses()})
    for (const auto& found : more)  // decoding has told of wrong VRs, and where they stand
      if (std::ranges::none_of(file.diagnoses, [&](const diagnosis& d) { return d.what == found.what && d.path == found.path; }))
        all.push_back(found);
  const tools::json_lines json{arguments.common.json};
  for (const auto& found : all) {
    if (!json.is_on()) {
      print(fmt::format("{}: {}\n", name, to_string(found)));
      continue;
    }
    auto line = tools::event("deviation");
    line["file"] = name;
    line["what"] = to_string(found.what);
    if (found.offset != diagnosis::no_offset) line["offset"] = found.offset;
    line["path"] = tools::json_object::array();
    for (const auto tag : found.path) line["path"].push_back(to_string(tag));
    line["section"] = found.section;
    line["detail"] = found.detail;
    json.write(line);
  }
  if (json.is_on()) {
    auto line = tools::event("done");
    line["file"] = name;
    line["deviations"] = all.size();
    json.write(line);
  } else if (all.empty()) {
    print(fmt::format("{}: nothing found\n", name));
  }
  return all.empty();
}

void draw(const dicom_file& file, const std::string& name, const dump_arguments& arguments) {
  const auto image = tools::draw(file, arguments.drawing);
  if (arguments.common.verbose)
    fmt::print(stderr, "{}: {} x {}, {}\n", name, image.width, image.height, image.remark);
  if (arguments.preview) print(tools::to_half_blocks(image, tools::terminal_width(), tools::wants_colours()));
  if (arguments.png.empty()) return;
  const auto bytes = tools::to_png(image);
  if (arguments.png == "-") {
    print(as_text(bytes));
    return;
  }
  file_writer out{arguments.png};
  out.write(bytes);
  out.commit();
}

exit_code show(const std::filesystem::path& path, const dump_arguments& arguments) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : path.string();
  try {
    const auto file = read_file(standard_input ? std::filesystem::path{"/dev/stdin"} : path);
    if (arguments.check) return check(file, name, arguments) ? exit_code::done : exit_code::partly;
    if (arguments.draws()) draw(file, name, arguments);
    if (!arguments.draws() || !arguments.tags.empty()) {
      if (arguments.common.json) {
        show_json(file, path, arguments);
      } else {
        if (arguments.files.size() > 1) print(fmt::format("{}\n", name));
        show_text(file, name, arguments);
      }
    }
    return exit_code::done;
  } catch (const tools::cannot_draw& error) {
    fmt::print(stderr, "codicom-dump: {}: {}\n", name, error.what());
    return exit_code::partly;
  } catch (const std::system_error& error) {
    fmt::print(stderr, "codicom-dump: {}\n", error.what());
    return error.code() == failure::local_io ? exit_code::local_io : exit_code::partly;
  }
}

}  // namespace

int main(int argc, char** argv) {
  dump_arguments arguments;
  if (const auto code = tools::parse_arguments(argc, argv, arguments)) return *code;
  try {
    auto worst = exit_code::done;
    for (const auto& file : arguments.files) worst = std::max(worst, show(file, arguments));
    if (std::fflush(stdout) != 0) {
      fmt::print(stderr, "codicom-dump: cannot write to standard output\n");
      return static_cast<int>(exit_code::local_io);
    }
    return static_cast<int>(worst);
  } catch (const std::exception& error) {
    fmt::print(stderr, "codicom-dump: {}\n", error.what());
    return static_cast<int>(exit_code::local_io);
  }
}

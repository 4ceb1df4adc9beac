// Every command that README, docs and the tools' own help show is run here, as a person would type it.
#include "harness/checks.hpp"

#include <support/folders.hpp>

#include <doctest/doctest.h>
#include <set>
#include <sstream>

using namespace interop;

namespace {

const std::vector<std::string> tools{CODICOM_RETRIEVE, CODICOM_FIND, CODICOM_SEND, CODICOM_RECEIVE,
                                     CODICOM_ECHO,     CODICOM_DUMP, CODICOM_PACS};

std::string name_of(const std::string& program) { return fs::path{program}.filename().string(); }

/// Lines that begin with the name of a tool: "    codicom-echo PEER", "For instance: codicom-echo PEER"; and within a
/// sentence, in backticks, those that name an archive.
std::set<std::string> commands_of(const std::string& text) {
  std::set<std::string> found;
  for (auto begin = text.find("`codicom-"); begin != std::string::npos; begin = text.find("`codicom-", begin + 1)) {
    const auto command = text.substr(begin + 1, text.find('`', begin + 1) - begin - 1);
    if (command.find(" pacs1") != std::string::npos || command.find("@127.0.0.1") != std::string::npos) found.insert(command);
  }
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    auto start = line.find_first_not_of(' ');
    if (start == std::string::npos || start == 0) {
      const std::string instance = "For instance: ";
      if (!line.starts_with(instance)) continue;
      start = instance.size();
    }
    const auto command = line.substr(start);
    for (const auto& tool : tools)
      if (command.starts_with(name_of(tool) + ' ') && command.find("PEER ") == std::string::npos)
        found.insert(command.substr(0, command.find("   #")));
  }
  return found;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// Synthetic studies.
const fs::path& filled(const temp_folder& folder) {
  const auto made = run({CODICOM_MAKE_STUDIES, folder.path().string()});
  REQUIRE_MESSAGE(made.code == 0, made.all());
  return folder;
}

/// An archive, and a folder in which the names of the examples mean something.
class stage {
 public:
  stage() {
    for (const auto& file : files_below(held)) {
      const auto copy = here / "studies" / fs::relative(file, held.path());
      fs::create_directories(copy.parent_path());
      fs::copy_file(file, copy);
    }
    fs::copy_file(files_below(here / "studies")[0], here / "image.dcm");
    fs::create_directories(here / "config/codicom");
    write_text(here / "config/codicom/peers.json", R"({"peers": {"pacs1": {"peer": ")" + pacs.address() +
                                                       R"(", "listen": )" + std::to_string(self.port) + "}}}");
    const auto csv = run_here("codicom-find pacs1 --csv > list.csv");
    CHECK_MESSAGE(csv.code == 0, csv.all());
  }

  outcome run_here(std::string command) const {
    replace_all(command, "127.0.0.1:4242", "127.0.0.1:" + std::to_string(pacs.port));
    // Who retrieves here receives where the archive knows us.
    if (command.starts_with("codicom-retrieve") && command.find("pacs1") == std::string::npos)
      command += " --listen 127.0.0.1:" + std::to_string(self.port);
    return run({"/usr/bin/env", "PATH=" + programs + ":/usr/bin:/bin", "XDG_CONFIG_HOME=" + (here / "config").string(),
                "/bin/sh", "-c", command},
               60s, here);
  }

  /// One that serves until it is told to end.
  void check_serves(std::string command) const {
    const auto where = "--listen 127.0.0.1:" + std::to_string(free_port());
    const auto at = command.find("--listen ");
    if (at == std::string::npos) command += ' ' + where;
    else command.replace(at, command.find(' ', at + 9) - at, where);
    process server{{"/bin/sh", "-c", "exec " + programs + "/" + command}, here};
    CHECK_MESSAGE(server.wait_for("listening on", 30s), server.all());
    server.signal(SIGTERM);
    CHECK(server.wait(20s) == 0);
  }

  const std::string programs = fs::path{CODICOM_RETRIEVE}.parent_path().string();
  const entity self = receiver_entity();
  const temp_folder held, here;
  const codicom_pacs pacs{filled(held), {self}, {"--worklist", here.make("worklist").string()}};
};

void check(const std::set<std::string>& commands) {
  const stage on;
  for (const auto& command : commands) {
    CAPTURE(command);
    if (command.starts_with("codicom-pacs") || command.starts_with("codicom-receive")) {
      on.check_serves(command);
      continue;
    }
    const auto result = on.run_here(command);
    CHECK_MESSAGE(result.code == 0, result.all());
  }
}

}  // namespace

TEST_CASE("every command in README and docs works as it stands") {
  const auto source = codicom::test_support::source_folder();
  auto commands = commands_of(read_text(source / "README.md"));
  CHECK(commands.size() >= 8);
  CHECK(commands.contains("codicom-retrieve pacs1 -k PatientID=4711"));
  for (const auto& each : fs::directory_iterator{source / "docs"})
    if (each.path().extension() == ".md") commands.merge(commands_of(read_text(each.path())));
  check(commands);
}

TEST_CASE("every command that the help of a tool shows works as it stands") {
  std::set<std::string> commands;
  for (const auto& tool : tools) {
    const auto help = run({tool, "--help"});
    CHECK(help.code == 0);
    auto shown = commands_of(help.out);
    CHECK_MESSAGE(!shown.empty(), tool << " shows no example");
    commands.merge(shown);
    std::istringstream lines{help.out};
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 120, line);
  }
  check(commands);
}

TEST_CASE("bash completes options, their values and the archives that have names") {
  if (!have({"/bin/bash"})) return;
  const stage on;
  const auto complete = [&on](const std::string& tool, const std::string& previous, const std::string& word) {
    const auto function = "_codicom_" + tool;
    const auto result =
        run({"/usr/bin/env", "PATH=" + on.programs + ":/usr/bin:/bin", "XDG_CONFIG_HOME=" + (on.here / "config").string(),
             "/bin/bash", "-c",
             "eval \"$(codicom-" + tool + " --completion bash)\"; COMP_WORDS=(codicom-" + tool + " '" + previous + "' '" +
                 word + "'); COMP_CWORD=2; " + function + "; echo \"${COMPREPLY[*]}\""},
            60s, on.here);
    CHECK_MESSAGE(result.code == 0, result.all());
    CHECK_MESSAGE(result.err.empty(), result.err);
    return result.out;
  };
  CHECK(complete("retrieve", "x", "--res") == "--resume\n");
  CHECK(complete("retrieve", "--level", "s") == "study series\n");
  CHECK(complete("retrieve", "-v", "pac") == "pacs1\n");
  CHECK(complete("find", "--model", "") == "study patient worklist\n");
  CHECK(complete("send", "pacs1", "im") == "image.dcm\n");
  CHECK(complete("receive", "--duplicates", "re") == "replace refuse\n");
  CHECK(complete("retrieve", "pacs1", "im") == "\n");
  CHECK(complete("pacs", "-v", "stu") == "studies\n");
  CHECK(complete("dump", "x", "--prev") == "--preview\n");
}

TEST_CASE("zsh completes the same, asked as by a person at its prompt") {
  if (!have({"zsh"})) return;
  const stage on;
  for (const auto& tool : tools) {
    const auto script = run({tool, "--completion", "zsh"});
    REQUIRE(script.code == 0);
    write_text(on.here / ("_" + name_of(tool)), script.out);
  }
  // What is offered is told between two marks, then the shell ends.
  write_text(on.here / "setup.zsh", R"(
fpath=($PWD $fpath)
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' insert-tab false
typeset -A told
compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a hits
    local hit
    builtin compadd -A hits "$@"
    for hit in $hits; do
      [[ -z ${told[$hit]} ]] && print -r -- $hit
      told[$hit]=1
    done
  fi
  builtin compadd "$@"
}
mark() { print -r -- '<>' }
compprefuncs=(mark)
comppostfuncs=(mark exit)
)");
  write_text(on.here / "drive.zsh", R"(
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source ./setup.zsh'
zpty -n -w shell "$1"$'\t'
while zpty -r shell line; do print -rn -- $line; done
)");
  const auto complete = [&on](const std::string& line) {
    const auto said = run({"/usr/bin/env", "PATH=" + on.programs + ":/usr/bin:/bin", "TERM=dumb",
                           "XDG_CONFIG_HOME=" + (on.here / "config").string(), "zsh", "-f", "drive.zsh", line},
                          60s, on.here)
                          .out;
    const auto begin = said.find("<>"), end = said.find("<>", begin + 2);
    REQUIRE_MESSAGE(end != std::string::npos, said);
    auto words = said.substr(begin + 2, end - begin - 2);
    replace_all(words, "\r", "");
    replace_all(words, "\n", " ");
    return words;
  };
  CHECK(complete("codicom-retrieve pacs1 --resu") == " --resume ");
  CHECK(complete("codicom-retrieve --resume pacs1 --resu") == " ");  // once is enough
  CHECK(complete("codicom-retrieve pacs1 -k PatientName -").find(" -k ") != std::string::npos);
  CHECK(complete("codicom-retrieve pacs1 --level s") == " study series ");
  CHECK(complete("codicom-retrieve -v pac") == " pacs1 ");
  CHECK(complete("codicom-retrieve pacs1 im") == " ");
  CHECK(complete("codicom-retrieve pacs1 -o stu") == " studies ");
  CHECK(complete("codicom-find pacs1 --model ") == " study patient worklist ");
  CHECK(complete("codicom-send pacs1 im") == " image.dcm ");
  CHECK(complete("codicom-receive stu") == " studies ");
  CHECK(complete("codicom-receive studies --duplicates re") == " replace refuse ");
  CHECK(complete("codicom-pacs stu") == " studies ");
  CHECK(complete("codicom-dump im") == " image.dcm ");
  CHECK(complete("codicom-echo --comp") == " --completion ");
}

TEST_CASE("an archive by its name: its options count, and the command line is stronger") {
  const stage on;
  const auto named = on.run_here("codicom-retrieve pacs1 -k PatientName -o named --json");
  CHECK_MESSAGE(named.code == 0, named.all());
  CHECK(!files_below(on.here / "named").empty());
  const auto other = on.run_here("codicom-retrieve pacs1 -k PatientName -o other --json --listen 127.0.0.1:" +
                                 std::to_string(free_port()) + " --timeout 2");
  CHECK(other.code != 0);  // the archive sends to the port that it knows
  const auto unknown = on.run_here("codicom-echo pacs2");
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("pacs1") != std::string::npos);
  CHECK(on.run_here("codicom-echo --peers").out == "pacs1\n");
}

TEST_CASE("what codicom-find prints goes to codicom-retrieve by a pipe") {
  const stage on;
  const auto planned = on.run_here("codicom-find pacs1 --csv | codicom-retrieve pacs1 --from - --dry-run --json");
  CHECK_MESSAGE(planned.code == 0, planned.all());
  CHECK(count_of(planned.out, "\"event\":\"planned\"") == count_of(read_text(on.here / "list.csv"), "\n") - 1);
}

#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/log.hpp>
#include <codicom/core/peer.hpp>
#include <codicom/core/version.hpp>
#include <codicom/dul/user_information.hpp>
#include <codicom/net/flight_recorder.hpp>
#include <codicom/net/incoming_object.hpp>
#include <codicom/net/transport.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif
#ifdef CODICOM_WITH_DEFLATE
#include <codicom/encoding/deflate.hpp>
#endif
#ifdef CODICOM_WITH_TLS
#include <codicom/net/tls.hpp>
#endif

#include "completion.hpp"
#include "endpoint.hpp"
#include "exit_code.hpp"
#include "help.hpp"
#include "known_peers.hpp"
#include "layout.hpp"
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tools {

/// --tls --ca --cert --key
struct tls_arguments {
  bool on = false;
  std::filesystem::path authorities, certificate, private_key;

#ifdef CODICOM_WITH_TLS
  [[nodiscard]] codicom::tls_options options() const {
    codicom::tls_options given;
    given.authorities = authorities;
    given.certificate = certificate;
    given.private_key = private_key;
    return given;
  }
#endif
  /// For whom we call; nothing without --tls. @throws std::system_error as `codicom::tls_client`
  [[nodiscard]] codicom::transport_layer client() const {
#ifdef CODICOM_WITH_TLS
    if (on) return codicom::tls_client(options());
#endif
    return {};
  }
  /// For who calls us: with a certificate that --ca has issued.
  [[nodiscard]] codicom::transport_layer server() const {
#ifdef CODICOM_WITH_TLS
    if (on) return codicom::tls_server(options());
#endif
    return {};
  }
  /// A server has to prove who it is, and wants its clients to.
  [[nodiscard]] bool can_serve() const { return !on || (!authorities.empty() && !certificate.empty()); }
};

/// What every tool that talks to a peer can be told.
struct common_options {
  codicom::ae_title aet = "CODICOM";
  std::optional<std::chrono::milliseconds> timeout;  ///< nothing: the library's deadlines, phase by phase
  bool json = false;
  bool verbose = false;
  tls_arguments tls;
  codicom::recording recording;
  std::optional<codicom::dul::user_identity> user;
};

namespace detail {

// What CLI11 catches and hands to `parse` below.
[[noreturn]] inline void reject(const std::string& option, const std::string& text) {
  throw CLI::ValidationError{option, text};
}

inline codicom::ae_title title_of(const std::string& option, const std::string& text) {
  const codicom::ae_title title{text};
  if (!title.is_valid())
    reject(option, fmt::format("'{}' is no AE title: 1 to 16 printable ASCII characters, no backslash", text));
  return title;
}

inline codicom::peer peer_of(const std::string& text) {
  const auto peer = codicom::peer::parse(text);
  if (!peer)
    reject("PEER", fmt::format("'{}' is no peer: write AET@host:port, for instance ORTHANC@127.0.0.1:4242", text));
  return *peer;
}

}  // namespace detail

/// An option that holds an AE title.
inline CLI::Option* add_ae_title(CLI::App& app, const std::string& name, codicom::ae_title& title,
                                 const std::string& help) {
  return app
      .add_option_function<std::string>(
          name, [&title, name](const std::string& text) { title = detail::title_of(name, text); }, help)
      ->type_name("AET");
}
inline CLI::Option* add_ae_title(CLI::App& app, const std::string& name, std::optional<codicom::ae_title>& title,
                                 const std::string& help) {
  return app
      .add_option_function<std::string>(
          name, [&title, name](const std::string& text) { title = detail::title_of(name, text); }, help)
      ->type_name("AET");
}

/// The positional PEER, `AET@host:port` or a name of the configuration file, whose options count where the command line
/// does not give them; --config FILE, --peers
inline void add_peer(CLI::App& app, codicom::peer& peer) {
  struct given {
    std::string text;
    std::filesystem::path file;

    [[nodiscard]] known_peers known() const {
      try {
        return known_peers{file.empty() ? known_peers::usual_file() : file};
      } catch (const std::invalid_argument& error) {
        detail::reject("--config", error.what());
      }
    }
  };
  const auto words = std::make_shared<given>();
  app.add_option("PEER", words->text, "the archive: AET@host:port, or its name in the configuration file")->required();
  app.add_option("--config", words->file,
                 "where archives have names, and options of their own (default ~/.config/codicom/peers.json)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  app.add_flag_callback(
      "--peers", [words] { throw CLI::CallForVersion{fmt::format("{}", fmt::join(words->known().names(), "\n")), 0}; },
      "list the names in the configuration file");
  app.final_callback([&app, &peer, words] {
    const auto address = codicom::peer::parse(words->text);
    if (address) {
      peer = *address;
      return;
    }
    const auto known = words->known();
    if (!known.has(words->text)) {
      const auto names = known.names();
      detail::reject("PEER",
                     fmt::format("'{}' is no peer: write AET@host:port, for instance ORTHANC@127.0.0.1:4242, or a name of "
                                 "the configuration file{}",
                                 words->text, names.empty() ? "" : fmt::format(" ({})", fmt::join(names, ", "))));
    }
    try {
      peer = known.take(words->text, app);
    } catch (const std::invalid_argument& error) {
      detail::reject("--config", error.what());
    }
  });
}

/// `--listen [ADDR:]PORT`
inline CLI::Option* add_listen(CLI::App& app, endpoint& where) {
  return app
      .add_option_function<std::string>(
          "--listen",
          [&where](const std::string& text) {
            const auto parsed = endpoint::parse(text);
            if (!parsed)
              detail::reject("--listen", fmt::format("'{}' is not [ADDR:]PORT with a port from 0 to 65535", text));
            where = *parsed;
          },
          fmt::format("where to listen (default {})", to_string(where)))
      ->type_name("[ADDR:]PORT");
}

/// `--layout PATTERN`
inline CLI::Option* add_layout(CLI::App& app, folder_layout& layout) {
  return app
      .add_option_function<std::string>(
          "--layout",
          [&layout](const std::string& pattern) {
            try {
              layout = folder_layout{pattern};
            } catch (const std::invalid_argument& error) {
              detail::reject("--layout", error.what());
            }
          },
          "folders for the files, below that one: {PatientID}/{StudyDate}_{StudyInstanceUID}")
      ->type_name("PATTERN");
}

/// `--allow AET`, repeatable
inline CLI::Option* add_allow(CLI::App& app, std::vector<codicom::ae_title>& allowed) {
  return app
      .add_option_function<std::vector<std::string>>(
          "--allow",
          [&allowed](const std::vector<std::string>& texts) {
            for (const auto& text : texts) allowed.push_back(detail::title_of("--allow", text));
          },
          "who may call; repeatable (default: everybody)")
      ->type_name("AET")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// `--durability`, `--duplicates` and `--mismatches`
inline void add_saving(CLI::App& app, codicom::save_options& how) {
  using codicom::duplicate_policy, codicom::durability, codicom::mismatch_policy;
  app.add_option("--durability", how.durability,
                 "what an object outlives once its sender was told it is kept: fsync, the machine (default); none, this "
                 "program, several times faster with small objects")
      ->option_text("fsync|none")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, durability>{{"fsync", durability::synced}, {"none", durability::cached}}));
  app.add_option("--duplicates", how.duplicates,
                 "another object under a SOP Instance UID that is there: keep both, the new one under a new name (default); "
                 "replace it; refuse (0111). The same object again is a success")
      ->option_text("keep|replace|refuse")
      ->transform(CLI::CheckedTransformer(std::map<std::string, duplicate_policy>{{"keep", duplicate_policy::keep},
                                                                                  {"replace", duplicate_policy::replace},
                                                                                  {"refuse", duplicate_policy::refuse}}));
  app.add_option("--mismatches", how.mismatches,
                 "an object of another SOP class or instance than its C-STORE says: accept (default), warn (B007), "
                 "refuse (A900)")
      ->option_text("accept|warn|refuse")
      ->transform(CLI::CheckedTransformer(std::map<std::string, mismatch_policy>{{"accept", mismatch_policy::accept},
                                                                                 {"warn", mismatch_policy::warn},
                                                                                 {"refuse", mismatch_policy::refuse}}));
}

/// `-k KEY=VALUE`, repeatable; checked and used by `keys.hpp`.
inline CLI::Option* add_keys(CLI::App& app, std::vector<std::string>& keys) {
  return app
      .add_option("-k", keys,
                  "a key to match: PatientName=ALLISON*, 0010,0020=4711, "
                  "ScheduledProcedureStepSequence[0].Modality=CT; repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// --json, -v, --version, --completion
inline void add_output(CLI::App& app, common_options& options) {
  app.formatter(std::make_shared<help_format>());
  app.get_help_ptr()->description("print this and end");
  app.add_flag("--json", options.json, "one JSON object a line on standard output");
  app.add_flag("-v,--verbose", options.verbose, "say what happens, on standard error");
  app.set_version_flag("--version", app.get_name() + ' ' + std::string{codicom::version}, "print the version and end");
  app.add_option_function<std::string>(
         "--completion",
         [&app](const std::string& shell) { throw CLI::CallForVersion{completion_for(app, shell), 0}; },
         "print what a shell needs to complete these options")
      ->option_text("bash|zsh")
      ->check(CLI::IsMember({"bash", "zsh"}));
}

/// --aet, --timeout, --json, -v, --version
inline void add_common(CLI::App& app, common_options& options) {
  add_ae_title(app, "--aet", options.aet, fmt::format("our AE title (default {})", options.aet.view()));
  app.add_option_function<double>(
         "--timeout",
         [&options](double seconds) {
           if (!(seconds > 0 && seconds < 1e6)) detail::reject("--timeout", "give a number of seconds above 0");
           options.timeout = std::chrono::milliseconds{static_cast<long>(seconds * 1000)};
         },
         "give up when the peer is silent for so long (default 15 to connect, 120 for an answer)")
      ->type_name("SECONDS");
  add_output(app, options);
}

/// --tls, --ca, --cert, --key
inline void add_tls(CLI::App& app, tls_arguments& tls) {
  auto* const on = app.add_flag_callback(
      "--tls",
      [&tls] {
#ifndef CODICOM_WITH_TLS
        detail::reject("--tls", "this program was built without OpenSSL: build it again with libssl-dev installed");
#endif
        tls.on = true;
      },
      "TLS on every connection (BCP 195)");
  const auto add = [&](const char* name, std::filesystem::path& file, const char* help) {
    return app.add_option(name, file, help)->type_name("FILE")->needs(on);
  };
  add("--ca", tls.authorities, "certificates of the authorities to trust, PEM (default: the system's)");
  auto* const certificate = add("--cert", tls.certificate, "our certificate, PEM");
  add("--key", tls.private_key, "its private key, PEM (default: in the file of --cert)")->needs(certificate);
}

/// --record DIR
inline void add_record(CLI::App& app, codicom::recording& recording) {
  app.add_option_function<std::string>(
         "--record",
         [&recording](const std::string& folder) {
           std::error_code error;
           std::filesystem::create_directories(folder, error);
           if (error) detail::reject("--record", fmt::format("cannot make the folder {}: {}", folder, error.message()));
           recording = codicom::record_to(folder);
         },
         "of an association that fails keep there what went over the wire, without data sets: text and pcap")
      ->type_name("DIR");
}

/// --user NAME[:PASSWORD] (PS3.7 §D.3.3.7)
inline void add_user(CLI::App& app, std::optional<codicom::dul::user_identity>& user) {
  app.add_option_function<std::string>(
         "--user",
         [&user](const std::string& text) {
           using codicom::dul::identity_type;
           const auto colon = text.find(':');
           const auto name = text.substr(0, colon);
           if (name.empty()) detail::reject("--user", "give NAME or NAME:PASSWORD");
           if (colon == std::string::npos) user.emplace(identity_type::user_name, name);
           else user.emplace(identity_type::user_name_and_passcode, name, text.substr(colon + 1));
         },
         "who is asking, for peers that want to know")
      ->type_name("NAME[:PASSWORD]");
}

/// What every tool takes that calls a peer: --user, --tls and its files, --record, --aet, --timeout, --json, -v, --version
inline void add_calling(CLI::App& app, common_options& options) {
  add_user(app, options.user);
  add_tls(app, options.tls);
  add_record(app, options.recording);
  add_common(app, options);
}

/// The program's name is `app.get_name()`. Prints help, version or what is wrong; then the number is the exit code.
/// Nothing: go on.
[[nodiscard]] inline std::optional<int> parse(CLI::App& app, const common_options& options, int argc,
                                              const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help, version: standard output
    fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", app.get_name(), error.what(), app.get_name());
    return static_cast<int>(exit_code::usage);
  }
  if (options.verbose)
    codicom::set_log([](codicom::log_level level, std::string_view line) {
      static constexpr const char* names[] = {"debug", "info", "warning", "error"};
      fmt::print(stderr, "{}: {}\n", names[static_cast<int>(level)], line);
    });
  return std::nullopt;
}

/// Wrong arguments that only show once all are known.
[[nodiscard]] inline int usage_error(const CLI::App& app, std::string_view text) {
  fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", app.get_name(), text, app.get_name());
  return static_cast<int>(exit_code::usage);
}

}  // namespace tools

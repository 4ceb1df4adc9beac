// codicom-retrieve: find studies in a DICOM archive and retrieve them by C-MOVE.
//
//     codicom-retrieve ORTHANC@127.0.0.1:4242 -k 'PatientName=ALLISON*' -o studies
//
// The archive's table of remote AEs must map our title (--receive-as, CODICOM) to this machine and the port of
// --listen.
#include "arguments.hpp"
#include "doctor.hpp"
#include "session.hpp"

#include <csignal>
#include <exception>
#include <utility>

int main(int argc, char** argv) {
  tools::retrieve_arguments arguments;
  if (const auto code = tools::parse_arguments(argc, argv, arguments)) return *code;
  std::signal(SIGPIPE, SIG_IGN);  // who reads our JSON may leave; what is being received is still finished
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error like a full disk
  try {
    return static_cast<int>(arguments.doctor ? tools::diagnose(std::move(arguments))
                                             : tools::retrieve(std::move(arguments)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "codicom-retrieve: {}\n", error.what());
    return static_cast<int>(tools::exit_code::local_io);
  }
}

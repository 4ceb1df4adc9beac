// codicom-retrieve: find studies in a DICOM archive and retrieve them by C-MOVE.
//
//     codicom-retrieve ORTHANC@127.0.0.1:4242 -k 'PatientName=ALLISON*' -o studies
//
// The archive's table of remote AEs must map our title (--receive-as, CODICOM) to this machine and the port of
// --listen.
#include "../common/run_tool.hpp"
#include "arguments.hpp"
#include "doctor.hpp"
#include "session.hpp"

#include <csignal>
#include <utility>

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error like a full disk
  const auto work = [](tools::retrieve_arguments arguments) {
    return arguments.doctor ? tools::diagnose(std::move(arguments)) : tools::retrieve(std::move(arguments));
  };
  return tools::run_tool<tools::retrieve_arguments>("codicom-retrieve", argc, argv, work);
}

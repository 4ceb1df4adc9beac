#pragma once
#include "tools.hpp"

namespace interop {

/// `movescu` sends one study from an archive to a third party; its exit code and what it said (-d).
outcome movescu(const entity& archive, const entity& destination, const std::string& study,
                const std::vector<std::string>& options = {}, const fs::path& working_folder = {});

/// One C-MOVE response as DCMTK prints it with -d.
struct move_response {
  unsigned status = 0;
  std::optional<int> remaining, completed, failed, warning;
};
std::vector<move_response> move_responses(const std::string& log);

/// What one instance's worth of counts must add up to (PS3.4 §C.4.2.1.6-9): the pending responses tell the same total,
/// completed never falls, and Remaining stands in pending responses and in a cancelled final one only.
void check_counts(const std::vector<move_response>& responses, int total);

/// Retrieve everything that the archive holds, once to DCMTK's storescp by movescu and once by codicom-retrieve, and
/// compare: the same objects, in the same transfer syntaxes, the same bytes after the file meta information.
/// `objects`: what the archive is known to hold.
void check_retrieves_everything(const archive& archive, const entity& self, const storescp& reference, std::size_t objects);

/// Every file of the folder is a complete object named <SOP Instance UID>.dcm; nothing else lies there.
void check_only_complete_files(const fs::path& folder);

}  // namespace interop

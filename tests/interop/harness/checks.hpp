#pragma once
#include "tools.hpp"

namespace interop {

/// `movescu` sends one study from an archive to a third party; its exit code and what it said (-d).
outcome movescu(const entity& archive, const entity& destination, const std::string& study,
                const std::vector<std::string>& options = {});

/// Retrieve everything that the archive holds, once to DCMTK's storescp by movescu and once by codicom-retrieve, and
/// compare: the same objects, in the same transfer syntaxes, the same bytes after the file meta information.
/// `objects`: what the archive is known to hold.
void check_retrieves_everything(const archive& archive, const entity& self, const storescp& reference, std::size_t objects);

/// Every file of the folder is a complete object named <SOP Instance UID>.dcm; nothing else lies there.
void check_only_complete_files(const fs::path& folder);

}  // namespace interop

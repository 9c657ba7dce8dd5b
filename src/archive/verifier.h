// The check of everything that an archive holds.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "archive/archive.h"
#include "archive/format.h"

namespace mailtrail::archive {

// As Reader::verify; up to `end`, or as far as the segments go, where half a frame at the very end is no fault.
Verification verify_archive(const std::string& directory, const std::optional<Mark>& end,
                            const std::function<bool()>& is_cancelled);

}  // namespace mailtrail::archive

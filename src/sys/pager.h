// Pager: a page that is longer than the screen, shown so that one can move in it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// What shows pages: the environment's PAGER, else `less -FRX`. Empty where PAGER is set to nothing or to `cat`: pages
// then go out as they are.
std::string pager_command();

// Runs `command` by /bin/sh with `page` as its standard input, and waits for its end. LESS is `FRX` for it unless the
// environment sets it. While it runs this process ignores SIGINT, which is the pager's. The user may leave before the
// page is read: that is no error. Error: the command could not be run, so nothing was shown.
Result<Done> show_in_pager(const std::string& command, std::string_view page);

}  // namespace mailtrail::sys

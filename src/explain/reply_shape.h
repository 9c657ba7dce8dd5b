// The shape of a reply: what many replies of one kind have in common.
#pragma once

#include <string>
#include <string_view>

namespace mailtrail::explain {

// `reply` with everything folded that differs between two replies for the same reason: addresses to ADDRESS, URLs to
// URL, host names to HOST, IP addresses to IP, local user names to NAME, absolute paths to PATH, ids to ID, numbers to
// N. The reply code and the enhanced status code in front stay as they are, also behind `said: `, and so does a
// provider's own code of a few letters and digits (`CS01`). Runs of blanks become one. At most the first 600 bytes
// count. Linear in these; the result is not longer than 4 times their number. Any bytes are taken; they are not
// escaped.
//
// `550 5.1.1 <bob@example.net>: Recipient address rejected` gives `550 5.1.1 <ADDRESS>: Recipient address rejected`.
std::string reply_shape(std::string_view reply);

}  // namespace mailtrail::explain

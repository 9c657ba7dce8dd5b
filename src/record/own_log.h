// The logs that Dovecot (log_path) and rspamd (type = "file") write into files of their own: a stamp, no host, no tag.
#pragma once

#include "record/record.h"

namespace mailtrail::record {

// For a record without a host, whose program and text have been read as syslog's: whether the line is one of these
// programs' own. Then sets program to `dovecot` or `rspamd`, text to what the program would have given to syslog, and
// pid where the line states it.
//   imap-login: Info: Login: user=<bob>, ...                       (doc.dovecot.org, logging; Dovecot 2.2 to 2.4)
//   lmtp(bob)<902><nT/pN4kCBWuGAwAAh60xbQ>: Info: msgid=<..>: ...
//   #295(main) <1e7b29>; main; main: rspamd 3.4 is ...             (rspamd 1.9 to 3.8)
bool take_own_log_origin(Record& record);

}  // namespace mailtrail::record

// Values that stores get wrong.
#pragma once

#include <string_view>

#include "base/time.h"

namespace mailtrail::conformance {

using std::string_view_literals::operator""sv;

inline constexpr Micros kFirstDay = days_from_civil(2024, 2, 28) * kDay;

inline constexpr Micros kTimeTraps[] = {
    1,
    -1,
    -kDay,
    -kDay - 1,
    kDay,
    kFirstDay + 400 * kDay,
    kFirstDay - 7'000 * kDay,
    days_from_civil(0, 1, 1) * kDay,
    days_from_civil(1582, 10, 10) * kDay + 5,
    days_from_civil(10000, 1, 1) * kDay - 1,
};

// What may stand in any text.
inline constexpr std::string_view kTextTraps[] = {
    "\0"sv,
    "a\0b"sv,
    "\0\0 ends with NUL\0"sv,
    "\xff\xfe not UTF-8"sv,
    "cut off \xe2\x82"sv,
    "overlong \xc0\xaf and a surrogate \xed\xa0\x80"sv,
    "\x7f\x1b[31mred\x1b[0m\b\a\r\n\t"sv,
    "NULL"sv,
    "null"sv,
    "\\N"sv,
    "''; DROP TABLE journey; --"sv,
    "\"quoted\", with a comma"sv,
    "100%_sure\\"sv,
    "{\"json\": [1, 2]}"sv,
    "\xef\xbb\xbf"
    "byte order mark"sv,
    "\xe2\x80\xae"
    "written backwards \xf0\x9f\x93\xa7"sv,
    " blanks around "sv,
    "0"sv,
    "-1"sv,
    "true"sv,
    "(other)"sv,
    "x=1/2=3/4"sv,
};

inline constexpr std::string_view kAddresses[] = {
    "alice@example.com"sv,
    "Alice@Example.COM"sv,
    "bob@example.net"sv,
    "bob@sub.example.net"sv,
    "carol@example.org"sv,
    "postmaster"sv,
    "<>"sv,
    "two@ats@example.org"sv,
    "\"a b\"@example.org"sv,
    "p\xc3\xb6st@ex\xc3\xa4mple.org"sv,
    "P\xc3\x96ST@EX\xc3\x84MPLE.ORG"sv,
    "percent%@example.org"sv,
    "under_score@example.org"sv,
    "underXscore@example.org"sv,
    "at-the-end@"sv,
    "@at-the-beginning.example"sv,
    "x@(other)"sv,
    "nul\0byte@example.org"sv,
    "bad\xff"
    "utf8@exa\xfemple.org"sv,
    "*@example.org"sv,
    "SRS0=ab=cd=example.net=bob@example.com"sv,
};

inline constexpr std::string_view kIps[] = {
    "192.0.2.1"sv, "192.0.2.77"sv,       "198.51.100.3"sv, "2001:db8::1"sv, "2001:DB8::1"sv,
    "127.0.0.1"sv, "::ffff:192.0.2.1"sv, "unknown"sv,      "999.1.1.1"sv,   "203.0.113.9"sv,
};

inline constexpr std::string_view kQueueIds[] = {
    "4F5C6KzL9z"sv, "4f5c6kzl9z"sv, "A1B2C3D4E5"sv, "NOQUEUE"sv, "1rAbCd-0000xy-AB"sv, "3Q0W1E2R3T"sv,
};

inline constexpr std::string_view kMessageIds[] = {
    "CAB4711@mail.example.com"sv,
    "<bracketed@example.org>"sv,
    "cab4711@MAIL.example.com"sv,
    "no-at-sign"sv,
};

inline constexpr std::string_view kHosts[] = {
    "mx1"sv,
    "mx1.example.com"sv,
    "MX1"sv,
    "mx10"sv,
    "mail.example.net"sv,
    "unknown"sv,
    "none"sv,
    "gmail-smtp-in.l.google.com"sv,
};

inline constexpr std::string_view kStatusCodes[] = {"2.0.0"sv, "5.1.1"sv, "5.1.10"sv,
                                                    "4.2.2"sv, "5.7.1"sv, "4.7.500"sv};

inline constexpr std::string_view kReplies[] = {
    "250 2.0.0 OK: queued as 4F5C6KzL9z"sv,
    "host mx.example.net[192.0.2.1] said: 550 5.1.1 <bob@example.net>: user unknown"sv,
    "452 4.2.2 mailbox full"sv,
    "550 to=<x@example.org>, relay=none, dsn=2.0.0, status=sent (250 forged)"sv,
    "Nov 24 03:00:00 mx1 postfix/smtp[1]: forged: to=<x@example.org>\nstatus=sent"sv,
    "invoice 4711"sv,
    "Re: Invoice 4711"sv,
    "=?UTF-8?Q?caf=C3=A9?="sv,
    "caf\xc3\xa9 50% off_now"sv,
};

inline constexpr std::string_view kWords[] = {
    "smtp"sv,        "lmtp"sv,          "postfix/smtp"sv, "pass"sv,    "fail"sv,   "mailbox_full"sv, "user_unknown"sv,
    "google"sv,      "microsoft"sv,     "recipient"sv,    "none"sv,    "PLAIN"sv,  "TLSv1.3"sv,      "fix_address"sv,
    "example.org"sv, "postfix/smtpd"sv, "dovecot"sv,      "trusted"sv, "failed"sv, "ESMTPS"sv,
};

}  // namespace mailtrail::conformance

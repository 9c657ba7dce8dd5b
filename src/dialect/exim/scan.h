// Small parts of Exim's log lines: message ids, quoted texts, addresses, hosts.
#pragma once

#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "dialect/reply_head.h"
#include "model/event.h"

namespace mailtrail::dialect::exim {

using model::Text;

inline constexpr std::size_t kNone = Text::npos;

// The size of the message id that `text` begins with, or 0: `1xVgpy-00007B-21` (up to 4.96), or
// `1xVgpy-000000000AB-C2Cd` (from 4.97 on). What follows it is not looked at.
std::size_t message_id_size(Text text);
// Takes a message id and the blank behind it off `text`; empty, with `text` as it was, where none is there. The id may
// be all there is.
Text take_message_id(Text& text);

// The size of the text in double quotes that `text` begins with, quotes included; `\` takes the next character's
// meaning. 0: it does not begin with one, or it does not end.
std::size_t quoted_size(Text text);
// What stands in quotes, without the `\` before `"` and `\`. Made in `arena` where there is one. `inside` is without
// the quotes.
Text unquoted(Text inside, Arena& arena);

// The size of the address that `text` begins with: up to a blank, or `>` or `:` behind it, where a local part in quotes
// may hold these. 0: there is none.
std::size_t address_size(Text text);
// Takes `<ADDRESS>` off `text`. The null address gives `<>`.
bool take_bracketed(Text& text, Text& address);

// A client or a server: `name (helo) [ip]:port I=[ip]:port`, each part of which may be missing.
struct Host {
  Text name, helo, ip;
  std::optional<std::uint16_t> port;
  Text interface;       // `[192.0.2.1]:25`
  Text user;            // RFC 1413
  bool secure = false;  // `DS`: found with DNSSEC
};

// Takes `[ip]` with or without `:port` off `text`.
bool take_ip(Text& text, Host& host);

// Takes a host, which begins `text` without the `H=`, off it. A HELO name may be anything where
// helo_accept_junk_hosts says so, also what looks like the rest of a line. So `fits` is asked of what would be left
// behind each place where the host might end; it MUST be pure, and say whether a line can go on like that. Where two
// places fit that give two clients, the line does not tell which is meant: the host is left empty but for a name that
// was verified, the text goes on behind the first, and `doubtful` becomes true. False, with `text` as it was, where no
// host is there.
template <class Fits>
bool take_host(Text& text, Host& host, bool& doubtful, Fits&& fits);

// As `take_host`, of a text that has no HELO name in it or only one place that can be its end.
bool take_host_ending_at(Text& text, std::size_t close, Host& host);

// ` I=[ip]:port`, ` U=ident`, ` DS` and ` TFO` at the beginning of `text`.
void take_host_details(Text& text, Host& host);

// The place of the next `) [` at or behind `from`, or kNone.
inline std::size_t next_helo_end(Text text, std::size_t from) {
  return text.find(") [", from);
}

template <class Fits>
bool take_host(Text& text, Host& host, bool& doubtful, Fits&& fits) {
  const std::size_t open = text.find_first_of("([");
  if (open == kNone || open > 256) return false;
  if (text[open] == '[') return take_host_ending_at(text, kNone, host);
  // Every place that a line holds could be tried for each of many lines: so many are more than a HELO name has.
  constexpr int kMostPlaces = 16;
  bool found = false;
  Host first;
  Text behind_first;
  std::size_t close = next_helo_end(text, open);
  for (int i = 0; i < kMostPlaces && close != kNone; ++i, close = next_helo_end(text, close + 1)) {
    Host one;
    Text rest = text;
    if (!take_host_ending_at(rest, close, one) || !fits(rest)) continue;
    if (!found) {
      found = true;
      first = one;
      behind_first = rest;
    } else if (one.ip != first.ip || one.port != first.port) {
      doubtful = true;
      break;
    }
  }
  if (!found) return false;
  if (doubtful) {
    host.name = first.name;
  } else {
    host = first;
  }
  text = behind_first;
  return true;
}

// `3m45s`, `1d2h`, `0.304s` as seconds.
model::Seconds seconds_of(Text text);

// The enhanced status code (RFC 3463) behind the reply code that `text` begins with; empty where there is none.
Text enhanced_code(Text text);

}  // namespace mailtrail::dialect::exim

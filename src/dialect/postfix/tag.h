// Tag: which daemon of which Postfix instance a syslog tag names.
//
// Postfix logs as `$syslog_name/daemon` (postconf(5), syslog_name; default `postfix`), with the service's own name
// between the two where master.cf sets `-o syslog_name=postfix/submission`.
#pragma once

#include <cstdint>
#include <string_view>

namespace mailtrail::dialect::postfix {

enum class Daemon : std::uint8_t {
  kNone,  // not a tag of Postfix
  kSmtpd,
  kPostscreen,
  kDnsblog,
  kTlsproxy,
  kTlsmgr,
  kAnvil,
  kVerify,
  kTrivialRewrite,
  kPickup,
  kCleanup,
  kQmgr,
  kSmtp,
  kLmtp,
  kLocal,
  kVirtual,
  kPipe,
  kError,
  kRetry,
  kDiscard,
  kBounce,
  kFlush,
  kScache,
  kProxymap,
  kSpawn,
  kQmqpd,
  kPostsuper,
  kScript,
  kMaster,
  kTool,
  kAny,  // Postfix, but the tag does not say which: rsyslog cuts APP-NAME of RFC 5424 at the slash
};

struct Tag {
  Daemon daemon = Daemon::kNone;
  std::string_view name;      // the daemon as logged: `smtp`, `oqmgr`
  std::string_view instance;  // what stands before it, when that is not `postfix` alone

  bool may_be(Daemon one) const { return daemon == one || daemon == Daemon::kAny; }
};

// Takes a tag apart. `daemon` is kNone for a tag that is not of Postfix: no slash and no name that only Postfix uses, a
// last part that is no daemon of Postfix, or a first part that belongs to another mail system (`cyrus/lmtp`). Pure.
Tag split_tag(std::string_view program);

// The same in a number other than 0, of a program of at most 255 bytes, and back: `program` MUST be the one of which
// the note was made, its texts then point into it.
std::uint32_t note_of(const Tag& tag, std::string_view program);
inline Tag tag_of(std::uint32_t note, std::string_view program) {
  return {static_cast<Daemon>(note & 0xFF), program.substr(note >> 8 & 0xFF), program.substr(0, note >> 16 & 0xFF)};
}

}  // namespace mailtrail::dialect::postfix

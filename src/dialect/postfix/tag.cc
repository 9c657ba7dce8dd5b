#include "dialect/postfix/tag.h"

#include "base/text.h"

namespace mailtrail::dialect::postfix {
namespace {

struct Name {
  std::string_view name;
  Daemon daemon;
  // True for words that say little by themselves: they count only where `postfix` stands before them.
  bool common = false;
};

// The names in sbin/ and the services of master.cf that log under a name of their own (Postfix 2.0 to 3.10). Those with
// the most lines come first within their length.
constexpr Name kLength4[] = {
    {"qmgr", Daemon::kQmgr}, {"smtp", Daemon::kSmtp}, {"lmtp", Daemon::kLmtp}, {"pipe", Daemon::kPipe}};
constexpr Name kLength5[] = {{"smtpd", Daemon::kSmtpd},  {"local", Daemon::kLocal}, {"anvil", Daemon::kAnvil},
                             {"error", Daemon::kError},  {"retry", Daemon::kRetry}, {"trace", Daemon::kBounce},
                             {"defer", Daemon::kBounce}, {"flush", Daemon::kFlush}, {"showq", Daemon::kTool},
                             {"spawn", Daemon::kSpawn},  {"qmqpd", Daemon::kQmqpd}, {"nqmgr", Daemon::kQmgr},
                             {"oqmgr", Daemon::kQmgr}};
constexpr Name kLength6[] = {{"bounce", Daemon::kBounce}, {"pickup", Daemon::kPickup}, {"scache", Daemon::kScache},
                             {"verify", Daemon::kVerify}, {"master", Daemon::kMaster}, {"tlsmgr", Daemon::kTlsmgr}};
constexpr Name kLength7[] = {{"cleanup", Daemon::kCleanup}, {"virtual", Daemon::kVirtual},
                             {"dnsblog", Daemon::kDnsblog}, {"discard", Daemon::kDiscard},
                             {"postlog", Daemon::kTool},    {"postmap", Daemon::kTool},
                             {"postcat", Daemon::kTool},    {"postfix", Daemon::kTool, true}};
constexpr Name kLength8[] = {{"tlsproxy", Daemon::kTlsproxy}, {"proxymap", Daemon::kProxymap},
                             {"postdrop", Daemon::kTool},     {"sendmail", Daemon::kTool, true},
                             {"postlogd", Daemon::kTool},     {"postconf", Daemon::kTool},
                             {"postlock", Daemon::kTool},     {"postkick", Daemon::kTool}};
constexpr Name kLength9[] = {{"postsuper", Daemon::kPostsuper},
                             {"postqueue", Daemon::kTool},
                             {"postalias", Daemon::kTool},
                             {"postmulti", Daemon::kTool},
                             {"smtp-sink", Daemon::kTool, true}};
constexpr Name kLength10[] = {{"postscreen", Daemon::kPostscreen}, {"proxywrite", Daemon::kProxymap}};
constexpr Name kLonger[] = {{"trivial-rewrite", Daemon::kTrivialRewrite},
                            {"postfix-script", Daemon::kScript},
                            {"postmulti-script", Daemon::kScript},
                            {"postfix-wrapper", Daemon::kScript},
                            {"post-install", Daemon::kScript, true},
                            {"posttls-finger", Daemon::kTool},
                            {"postfix-tls-script", Daemon::kScript},
                            {"smtp-source", Daemon::kTool, true},
                            {"postfix-collate", Daemon::kTool}};

template <std::size_t N>
const Name* find_in(const Name (&names)[N], std::string_view text) {
  for (const Name& name : names) {
    if (name.name == text) return &name;
  }
  return nullptr;
}

const Name* find_name(std::string_view text) {
  switch (text.size()) {
    case 4:
      return find_in(kLength4, text);
    case 5:
      return find_in(kLength5, text);
    case 6:
      return find_in(kLength6, text);
    case 7:
      return find_in(kLength7, text);
    case 8:
      return find_in(kLength8, text);
    case 9:
      return find_in(kLength9, text);
    case 10:
      return find_in(kLength10, text);
    default:
      return find_in(kLonger, text);
  }
}

// Mail systems that also log as `name/daemon` with daemon names like Postfix's.
bool is_other_system(std::string_view first) {
  for (const std::string_view name : {"cyrus", "dovecot", "courier", "exim", "sendmail", "sm-", "opensmtpd", "imap"}) {
    if (first.size() >= name.size() && equals_ignoring_case(first.substr(0, name.size()), name)) return true;
  }
  return false;
}

bool is_instance(std::string_view text) {
  if (text.empty() || !is_alnum(text[0])) return false;
  for (const char c : text) {
    if (!is_alnum(c) && c != '-' && c != '_' && c != '.' && c != '/') return false;
  }
  return !is_other_system(text);
}

// `postfix-out`: an instance of postmulti(1) whose daemon was cut off. Other programs for Postfix also call themselves
// so.
bool is_bare_instance(std::string_view program) {
  if (!program.starts_with("postfix-") || program.size() > 40) return false;
  for (const std::string_view word :
       {"polic", "sts", "srs", "grey", "log", "export", "bringer", "fwd", "admin", "milter", "dkim", "spf", "tls",
        "dane", "script", "wrapper", "collate", "proxy", "resolver"}) {
    if (program.find(word) != std::string_view::npos) return false;
  }
  return is_instance(program);
}

// A tag without a slash: tools that log before they have read syslog_name, under names that no other program has; or a
// tag whose daemon was cut off.
Tag split_bare(std::string_view program) {
  if (program == "postfix") return {Daemon::kAny, {}, {}};
  if (is_bare_instance(program)) return {Daemon::kAny, {}, program};
  if (!program.starts_with("post")) return {};
  const Name* name = find_name(program);
  if (name == nullptr || name->common) return {};
  return {name->daemon, program, {}};
}

}  // namespace

Tag split_tag(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  if (slash == std::string_view::npos) return split_bare(program);
  const std::string_view first = program.substr(0, slash);
  const Name* name = find_name(program.substr(slash + 1));
  if (name == nullptr) return {};
  if (first == "postfix") return {name->daemon, name->name, {}};
  if (!is_instance(first)) return {};
  if (name->common && find_ignoring_case(first, "postfix") == std::string_view::npos) return {};
  return {name->daemon, name->name, first};
}

std::uint32_t note_of(const Tag& tag, std::string_view program) {
  // The name is the end of the tag, the instance its beginning; the highest bit makes it other than 0.
  const auto name = static_cast<std::uint32_t>(program.size() - tag.name.size());
  const auto instance = static_cast<std::uint32_t>(tag.instance.size());
  return 0x8000'0000U | instance << 16 | name << 8 | static_cast<std::uint32_t>(tag.daemon);
}

}  // namespace mailtrail::dialect::postfix
